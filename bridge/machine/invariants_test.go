package machine

import (
	"fmt"
	"slices"
)

// step is one call of Step, with what a bystander remembers before and after it.
type step struct {
	before, after State
	event         Event
	actions       []Action
	past, now     memory
}

// check returns the first invariant that the step breaks.
func (s step) check() error {
	for _, invariant := range invariants {
		if !invariant.holds(s) {
			return fmt.Errorf("broken: %s", invariant.name)
		}
	}
	return nil
}

var invariants = []struct {
	name  string
	holds func(step) bool
}{
	{"at most one current and one candidate", oneCurrentOneCandidate},
	{"a living current one is told to go only when another one is current, or when stopping", currentIsLeftAlone},
	{"the current one was ready, and proved itself beside a living one", currentIsProven},
	{"once one served, only a stop or an idle exit ends the bridge", endsWhenAsked},
	{"verdicts answer requests once and in order", verdictsInOrder},
	{"a verdict is of a swap that began after the request", verdictOfLaterSwap},
	{"each swap has one verdict", oneVerdictEach},
	{"requests without a verdict are counted right", requestsCounted},
	{"no spawn and no committed after stop", nothingNewAfterStop},
	{"the armed timer is the phase's", timerOfPhase},
	{"a current one, a candidate or an armed retry", servedOrOnItsWay},
	{"outside start_server nobody is told the same signal twice", toldOnce},
	{"who drains was told", drainingWasTold},
	{"a kill is followed by an armed timer", killIsFollowedUp},
	{"failures are counted, saturate, and are forgotten when a current one settled", failuresCounted},
	{"stopping and empty quits once, with the first stop's status", quitsOnce},
	{"only known generations are named, oldest first", knownGenerations},
	{"an event about a stranger, or after the end, changes nothing", strangersIgnored},
}

// At most one current and one candidate.
func oneCurrentOneCandidate(s step) bool {
	return count(s.after, Current) <= 1 && count(s.after, Starting, Proving) <= 1
}

// A living current one is told to go only in the step that makes another
// living one current, or when stopping; and nor is that other one.
func currentIsLeftAlone(s step) bool {
	if now, ok := s.after.Current(); ok && slices.ContainsFunc(s.actions, func(a Action) bool {
		return (a.Do == Tell || a.Do == Kill) && a.Generation == now.Number
	}) {
		return false
	}
	current, ok := s.before.Current()
	if !ok || s.event.Kind == Exited && s.event.Generation == current.Number {
		return true
	}
	replaced := s.after.Stopping
	for _, a := range s.actions {
		switch {
		case a.Do == Arm && a.Phase == Current:
			g, ok := s.after.Generation(a.Generation)
			replaced = replaced || ok && g.Phase == Current && !g.Exited
		case (a.Do == Tell || a.Do == Kill) && a.Generation == current.Number && !replaced:
			return false
		}
	}
	g, ok := s.after.Generation(current.Number)
	return replaced || ok && g.Phase == Current
}

// Nobody is current who was not ready, nor, while another current one lives,
// who has not proved itself.
func currentIsProven(s step) bool {
	now, ok := s.after.Current()
	was := s.past.of(now.Number)
	if !ok || was != nil && was.armed == Current {
		return true
	}
	former, beside := s.before.Current()
	if beside = beside && (s.event.Kind != Exited || s.event.Generation != former.Number); beside {
		return s.event == Event{Kind: Expired, Generation: now.Number, Phase: Proving}
	}
	return was != nil && (was.armed == Proving || s.event == Event{Kind: Ready, Generation: now.Number})
}

// Once a generation served, nothing but a stop or an idle exit ends the bridge.
func endsWhenAsked(s step) bool {
	if s.past.stopping || !s.now.stopping || !s.past.served || s.event.Kind == Stop {
		return true
	}
	g := s.past.of(s.event.Generation)
	return s.before.Rules.IdleExit && s.event.Kind == Exited && s.event.Clean && g != nil && g.armed == Current
}

// Each request gets exactly one verdict, in order: each verdict answers the
// requests after those that the one before it answered, and none of the future.
func verdictsInOrder(s step) bool {
	answered := s.past.answered
	for _, a := range s.actions {
		if a.Do != Verdict {
			continue
		}
		if a.UpTo < answered || a.UpTo > s.now.asked || a.Generation == 0 && a.UpTo == answered {
			return false
		}
		answered = a.UpTo
	}
	return true
}

// A verdict answers what was asked before its swap began, all of that, and
// nothing later. At the end of the bridge it answers everything.
func verdictOfLaterSwap(s step) bool {
	for _, a := range s.actions {
		switch {
		case a.Do != Verdict:
		case a.Generation != 0:
			if g := s.past.of(a.Generation); g == nil || !g.undecided || a.UpTo != g.asked {
				return false
			}
		case a.Reason != IsStopping || !s.after.Stopping || a.UpTo != s.now.asked:
			return false
		}
	}
	return true
}

// Each swap has exactly one verdict, when its candidate is none any more;
// a stop decides all that were asked for at once.
func oneVerdictEach(s step) bool {
	for _, g := range s.now.generations {
		verdicts := 0
		for _, a := range s.actions {
			if a.Do == Verdict && a.Generation == g.number {
				verdicts++
			}
		}
		was := s.past.of(g.number)
		decided := was != nil && was.undecided && !g.undecided && s.event.Kind != Stop
		if decided && verdicts != 1 || !decided && verdicts != 0 {
			return false
		}
	}
	return true
}

// Each request has its verdict or is known to have none yet; none is left
// when stopping, and none waits without a candidate.
func requestsCounted(s step) bool {
	open := s.now.asked - s.now.answered
	return open == s.after.Asked-s.after.Answered &&
		s.after.Answered <= s.after.Covered && s.after.Covered <= s.after.Asked &&
		(open == 0 || !s.after.Stopping && s.after.hasCandidate())
}

// No spawn and no committed after Stop.
func nothingNewAfterStop(s step) bool {
	return !s.after.Stopping || !slices.ContainsFunc(s.actions, func(a Action) bool {
		return a.Do == Spawn || a.Do == ArmRetry || a.Do == ArmAuto || a.Do == Verdict && a.Reason == NoReason
	})
}

// Each generation's armed timer is its phase's.
func timerOfPhase(s step) bool {
	for _, g := range s.after.Generations {
		if m := s.now.of(g.Number); m == nil || m.armed != g.Phase {
			return false
		}
	}
	for _, a := range s.actions {
		if m := s.past.of(a.Generation); a.Do == Prolong && (m == nil || m.armed != a.Phase) {
			return false
		}
	}
	return len(s.now.generations) == len(s.after.Generations)
}

// Unless stopping there is always a current one, a candidate or an armed retry.
func servedOrOnItsWay(s step) bool {
	if s.after.Retrying != s.now.retry || s.after.Retrying && s.after.hasCandidate() {
		return false
	}
	return s.after.Stopping || s.now.retry || s.after.has(Current) || s.after.hasCandidate()
}

// Outside start_server no generation is told the same signal twice.
func toldOnce(s step) bool {
	return s.after.Rules.Starter ||
		!slices.ContainsFunc(s.now.generations, func(g remembered) bool { return g.toldTwice })
}

// Every entry into draining carries its signal, and the last one told is known.
func drainingWasTold(s step) bool {
	for _, g := range s.after.Generations {
		if g.Phase == Draining && s.now.of(g.Number).told&(1<<g.Told) == 0 {
			return false
		}
	}
	return !s.after.Stopping || count(s.after, Draining) == len(s.after.Generations)
}

// A kill is followed by an armed timer.
func killIsFollowedUp(s step) bool {
	for i, a := range s.actions {
		if a.Do != Kill {
			continue
		}
		if i+1 == len(s.actions) || s.actions[i+1].Do != ArmKill || s.actions[i+1].Generation != a.Generation {
			return false
		}
	}
	return true
}

// A retry is one failure more, up to where it saturates; a settled current one
// makes them forgotten; nothing else changes them.
func failuresCounted(s step) bool {
	want := s.before.Failures
	for _, a := range s.actions {
		if a.Do == ArmRetry {
			if want = min(want+1, maxFailures); a.Failures != want {
				return false
			}
		}
	}
	g, ok := s.before.Generation(s.event.Generation)
	if ok && g.Phase == Current && s.event.Kind == Expired && s.event.Phase == Current {
		want = 0
	}
	return s.after.Failures == want
}

// Stopping and empty quits exactly once, with the first Stop's status.
func quitsOnce(s step) bool {
	over := s.after.Stopping && len(s.after.Generations) == 0
	quits := 0
	for _, a := range s.actions {
		if a.Do == Quit {
			quits++
			over = over && a.Exit == s.now.exit
		}
	}
	if s.past.quit {
		return quits == 0 && s.after.Ended
	}
	return s.after.Ended == over && s.now.quit == over && (quits == 1) == over
}

// Numbers grow, no phase is unknown, and actions name generations that there are.
func knownGenerations(s step) bool {
	last := 0
	for _, g := range s.after.Generations {
		if g.Number <= last || g.Phase < Starting || g.Phase > Draining {
			return false
		}
		last = g.Number
	}
	for _, a := range s.actions {
		switch a.Do {
		case Spawn:
			if a.Generation <= s.before.Last {
				return false
			}
		case Arm, ArmKill, Prolong, Tell, Kill, Remove:
			if a.Generation <= s.before.Last && s.past.of(a.Generation) == nil {
				return false
			}
		case Nothing, Verdict, ArmRetry, DisarmRetry, ArmAuto, DisarmAuto, Quit:
		}
	}
	return last <= s.after.Last
}

// A generation that is gone, or a bridge that has ended, has no say.
func strangersIgnored(s step) bool {
	stranger := s.event.Generation != 0 && s.past.of(s.event.Generation) == nil
	return !stranger && !s.past.quit || len(s.actions) == 0 && same(s.before, s.after)
}

func count(s State, phases ...Phase) int {
	n := 0
	for _, g := range s.Generations {
		if slices.Contains(phases, g.Phase) {
			n++
		}
	}
	return n
}
