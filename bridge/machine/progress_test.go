package machine

import "fmt"

// walking marks a state whose way to rest is being looked for.
const walking = -1

// rest returns how many events it takes at most until the machine is at rest,
// if from here on every child behaves, in whatever order: ready when started,
// well on probation, gone when told to go.
func (w *walk) rest(s State) (int, error) {
	s = canonical(s)
	k := key(s, memory{})
	if depth, ok := w.depths[k]; ok {
		if depth == walking {
			return 0, fmt.Errorf("never comes to rest: %s", stateLine(s))
		}
		return depth, nil
	}
	w.depths[k] = walking
	depth := 0
	events := behaved(s)
	for _, e := range events {
		after, _ := Step(s, e)
		further, err := w.rest(after)
		if err != nil {
			return 0, err
		}
		depth = max(depth, further+1)
	}
	if len(events) == 0 && !atRest(s) {
		return 0, fmt.Errorf("stuck: %s", stateLine(s))
	}
	w.depths[k] = depth
	return depth, nil
}

// behaved returns what happens next when every child behaves.
func behaved(s State) []Event {
	var events []Event
	for _, g := range s.Generations {
		e := Event{Generation: g.Number}
		switch {
		case g.Phase == Starting:
			e.Kind = Ready
		case g.Phase == Proving:
			e.Kind, e.Phase = Expired, Proving
		case g.Phase == Draining && !g.Exited:
			e.Kind = Exited
		case g.Phase == Draining:
			e.Kind = Emptied
		default:
			continue
		}
		events = append(events, e)
	}
	if s.Retrying {
		events = append(events, Event{Kind: Retry})
	}
	return events
}

// atRest: no open request, one current one, nothing else; or the end.
func atRest(s State) bool {
	if s.Stopping {
		return s.Ended
	}
	return s.Asked == s.Answered && len(s.Generations) == 1 && s.has(Current) && !s.AutoPending
}
