package machine

import "slices"

// memory is what a bystander knows who sees events and actions, and never the state.
type memory struct {
	generations     []remembered // oldest first
	asked, answered int          // requests
	retry           bool         // the back-off is armed
	served          bool         // a generation was current once
	stopping, quit  bool
	exit            int // what the first stop will make of it
}

type remembered struct {
	number    int
	armed     Phase  // whose timer is set
	told      uint64 // a bit for each signal
	toldTwice bool
	undecided bool // its swap has no verdict yet
	asked     int  // while undecided: the requests that it has to answer
}

func (m memory) of(number int) *remembered {
	for i := range m.generations {
		if m.generations[i].number == number {
			return &m.generations[i]
		}
	}
	return nil
}

// observe calls Step and returns it with what the bystander makes of it.
func observe(before State, past memory, e Event) step {
	s := step{before: before, event: e, past: past, now: past}
	s.after, s.actions = Step(before, e)
	if len(s.actions) > 0 {
		s.now.generations = slices.Clone(past.generations)
	}
	if e.Kind == Reload && !past.quit {
		s.now.asked++
	}
	for _, a := range s.actions {
		s.now.see(a)
	}
	if s.now.stopping && !past.stopping {
		s.now.exit = past.dueExit(e)
	}
	return s
}

func (m *memory) see(a Action) {
	g := m.of(a.Generation)
	switch a.Do {
	case Spawn:
		m.generations = append(m.generations, remembered{number: a.Generation, undecided: true, asked: m.asked})
	case Remove:
		m.generations = slices.DeleteFunc(m.generations, func(g remembered) bool { return g.number == a.Generation })
	case Verdict:
		m.answered = a.UpTo
	case ArmRetry:
		m.retry = true
	case DisarmRetry:
		m.retry = false
	case DisarmAuto:
		m.stopping = true
	case Quit:
		m.quit = true
	case Arm, ArmKill, Tell:
		m.served = m.served || a.Do == Arm && a.Phase == Current
		if g != nil {
			g.see(a)
		}
	case Nothing, Prolong, Kill, ArmAuto:
	}
}

// dueExit returns the status for a stop by e. One that nobody ordered, and
// that is no clean exit of the current one, is a failed boot.
func (m memory) dueExit(e Event) int {
	g := m.of(e.Generation)
	if e.Kind == Stop || e.Clean && g != nil && g.armed == Current {
		return 0
	}
	return 1
}

func (g *remembered) see(a Action) {
	switch a.Do {
	case Arm:
		g.armed = a.Phase
		if g.undecided = a.Phase == Starting || a.Phase == Proving; !g.undecided {
			g.asked = 0
		}
	case ArmKill:
		g.armed = Draining
	case Tell:
		bit := uint64(1) << a.Signal
		g.toldTwice = g.toldTwice || g.told&bit != 0
		g.told |= bit
	default:
	}
}

// same compares states; no generations and none allocated are the same.
func same(a, b State) bool {
	return a.Rules == b.Rules && slices.Equal(a.Generations, b.Generations) &&
		counters(a) == counters(b) && flags(a) == flags(b)
}

func counters(s State) [6]int {
	return [...]int{s.Last, s.Asked, s.Covered, s.Answered, s.Failures, s.Exit}
}

func flags(s State) [5]bool {
	return [...]bool{s.Ever, s.Retrying, s.AutoPending, s.Stopping, s.Ended}
}
