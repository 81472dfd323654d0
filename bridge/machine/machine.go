package machine

import "slices"

// Step takes what happened and returns the new state and what is to be done,
// in order. The state it was given is not changed.
func Step(s State, e Event) (State, []Action) {
	if s.Ended {
		return s, nil
	}
	s.Generations = slices.Clone(s.Generations)
	t := turn{State: s}
	t.happened(e)
	if !t.hasCandidate() && t.Asked > t.Covered { // never while stopping: that covers all
		t.spawn(false)
	}
	return t.State, t.actions
}

// turn is one step in the making.
type turn struct {
	State
	actions []Action
}

func (t *turn) happened(e Event) {
	switch e.Kind {
	case Reload:
		t.reloadRequested()
	case Retry:
		t.backoffOver()
	case AutoDue:
		t.autoDue()
	case AutoOverdue:
		t.autoOverdue()
	case Stop:
		t.stop(e.Signal, 0)
	case Abort:
		t.abortRequested()
	case Ready, Exited, Expired, Unwell, Emptied, Extend:
		if g := t.generation(e.Generation); g != nil {
			t.happenedTo(g, e)
		}
	case NoEvent:
	}
}

func (t *turn) happenedTo(g *Generation, e Event) {
	switch e.Kind {
	case Ready:
		t.childReady(g)
	case Exited:
		t.childExited(g, e)
	case Expired:
		t.timerExpired(g, e.Phase)
	case Unwell:
		t.childUnwell(g)
	case Emptied:
		t.generationEmptied(g)
	case Extend:
		t.extensionAsked(g, e)
	case NoEvent, Reload, Retry, AutoDue, AutoOverdue, Stop, Abort:
	}
}

// What happens to one generation: each handler is one switch over its phase.

func (t *turn) childReady(g *Generation) {
	switch g.Phase {
	case Starting:
		if t.has(Current) {
			t.enter(g, Proving)
		} else {
			t.promote(g)
		}
	case Proving, Current, Draining, Gone: // ignored: it has been heard
	}
}

func (t *turn) childExited(g *Generation, e Event) {
	g.Exited = true
	switch g.Phase {
	case Starting, Proving:
		t.fail(g, Died, e.NoExec)
	case Current:
		t.drain(g, t.Rules.OnTerm)
		t.replaceCurrent(e.Clean)
	case Draining, Gone: // noted; the bridge looks after what is left of it
	}
}

// replaceCurrent follows the end of the current one's leader.
func (t *turn) replaceCurrent(clean bool) {
	candidate, ok := t.Candidate()
	switch {
	case ok && candidate.Phase == Proving:
		t.promote(t.generation(candidate.Number))
	case ok: // a starting one is on its way
	case clean && t.Rules.IdleExit: // nothing is asked: a request would have its candidate
		t.stop(t.Rules.OnTerm, 0)
	default:
		t.retry(Died)
	}
}

func (t *turn) timerExpired(g *Generation, phase Phase) {
	if g.Phase != phase {
		return // stale: it was queued while the generation went on
	}
	switch phase {
	case Starting:
		t.fail(g, NotReady, false)
	case Proving:
		t.promote(g)
	case Current:
		t.Failures = 0
	case Draining:
		t.kill(g)
	case Gone:
	}
}

func (t *turn) childUnwell(g *Generation) {
	switch g.Phase {
	case Starting, Proving:
		t.fail(g, IsUnwell, false)
	case Current:
		if !t.hasCandidate() {
			t.spawn(true)
		}
	case Draining, Gone: // ignored: it goes anyway
	}
}

func (t *turn) generationEmptied(g *Generation) {
	switch g.Phase {
	case Draining:
		if g.Exited {
			t.remove(g)
		}
	case Starting, Proving, Current, Gone: // ignored: its leader lives
	}
}

func (t *turn) extensionAsked(g *Generation, e Event) {
	switch g.Phase {
	case Starting, Draining:
		t.do(Action{Do: Prolong, Generation: g.Number, Phase: g.Phase, After: e.After})
	case Proving, Current, Gone: // ignored: these timers are not about being slow
	}
}

// What happens to the bridge.

func (t *turn) reloadRequested() {
	t.Asked++
	if t.Stopping {
		t.Covered = t.Asked
		t.answer(0, IsStopping)
	}
}

func (t *turn) backoffOver() {
	if t.Retrying {
		t.spawn(true)
	}
}

func (t *turn) autoDue() {
	switch {
	case t.Stopping, t.Retrying, t.hasCandidate(): // ignored
	case t.has(Draining):
		t.AutoPending = true
	default:
		t.spawn(false)
	}
}

func (t *turn) autoOverdue() {
	if !t.Stopping && !t.Retrying && !t.hasCandidate() {
		t.spawn(false)
	}
}

func (t *turn) abortRequested() {
	if !t.Stopping {
		return
	}
	for i := range t.Generations {
		t.kill(&t.Generations[i])
	}
}

// The rules that the handlers share.

// spawn starts a candidate. One that replaces a failing current one repeats
// what that was started with; Server::Starter looks anew even then.
func (t *turn) spawn(repeat bool) {
	if t.Retrying {
		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.AutoPending = false
	t.Last++
	t.Covered = t.Asked
	t.Generations = append(t.Generations, Generation{Number: t.Last})
	t.do(Action{Do: Spawn, Generation: t.Last, Repeat: repeat && !t.Rules.Starter})
	t.enter(&t.Generations[len(t.Generations)-1], Starting)
}

// promote makes g the current one, and only then tells the former one to go.
func (t *turn) promote(g *Generation) {
	former := t.numberOf(Current)
	proven := g.Phase == Proving
	t.Ever = true
	t.enter(g, Current)
	t.answer(g.Number, NoReason)
	t.do(Action{Do: ArmAuto})
	for i := range t.Generations {
		old := &t.Generations[i]
		switch {
		case old.Number == former:
			t.drain(old, t.Rules.OnHup)
		case old.Phase == Draining && proven && t.Rules.Starter:
			t.tell(old, t.Rules.OnHup)
		}
	}
}

// fail ends a candidate; the current one, if any, has not been touched.
func (t *turn) fail(g *Generation, why Reason, noExec bool) {
	t.drain(g, t.Rules.OnTerm)
	t.answer(g.Number, why)
	beside := t.has(Current)
	switch {
	case !t.Ever && (!t.Rules.Starter || noExec):
		t.stop(t.Rules.OnTerm, 1)
		return
	case !beside, t.Rules.Starter:
		t.retry(why)
	}
	if beside {
		t.do(Action{Do: ArmAuto})
	}
}

func (t *turn) retry(why Reason) {
	t.Failures = min(t.Failures+1, maxFailures)
	t.Retrying = true
	t.AutoPending = false // the replacement does for it, and must wait its pause
	t.do(Action{Do: ArmRetry, Failures: t.Failures, Reason: why})
}

func (t *turn) stop(s Signal, exit int) {
	if t.Stopping {
		return
	}
	t.Stopping, t.Exit = true, exit
	t.AutoPending = false
	if t.Retrying {
		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.do(Action{Do: DisarmAuto})
	t.Covered = t.Asked
	t.answer(0, IsStopping)
	for i := range t.Generations {
		g := &t.Generations[i]
		switch {
		case g.Phase != Draining:
			t.drain(g, s)
		case g.Told != s:
			t.tell(g, s)
		}
	}
	t.quitIfEmpty()
}

// answer gives every request that is covered and has none yet its verdict.
// A swap that nobody asked for has a verdict too: it is logged.
func (t *turn) answer(generation int, why Reason) {
	if generation == 0 && t.Answered == t.Covered {
		return
	}
	t.Answered = t.Covered
	t.do(Action{Do: Verdict, Generation: generation, Reason: why, UpTo: t.Covered})
}

func (t *turn) drain(g *Generation, s Signal) {
	t.tell(g, s)
	t.enter(g, Draining)
}

func (t *turn) tell(g *Generation, s Signal) {
	g.Told = s
	t.do(Action{Do: Tell, Generation: g.Number, Signal: s})
}

func (t *turn) kill(g *Generation) {
	t.do(Action{Do: Kill, Generation: g.Number})
	t.do(Action{Do: ArmKill, Generation: g.Number})
}

func (t *turn) enter(g *Generation, p Phase) {
	g.Phase = p
	t.do(Action{Do: Arm, Generation: g.Number, Phase: p})
}

func (t *turn) remove(g *Generation) {
	number := g.Number
	t.Generations = slices.DeleteFunc(t.Generations, func(g Generation) bool { return g.Number == number })
	t.do(Action{Do: Remove, Generation: number})
	if t.Stopping {
		t.quitIfEmpty()
	} else if t.AutoPending && !t.has(Draining) {
		t.spawn(false)
	}
}

func (t *turn) quitIfEmpty() {
	if len(t.Generations) == 0 {
		t.Ended = true
		t.do(Action{Do: Quit, Exit: t.Exit})
	}
}

func (t *turn) do(a Action) { t.actions = append(t.actions, a) }

func (t *turn) generation(number int) *Generation {
	for i := range t.Generations {
		if t.Generations[i].Number == number {
			return &t.Generations[i]
		}
	}
	return nil
}

func (t *turn) numberOf(p Phase) int {
	g, _ := t.find(func(g Generation) bool { return g.Phase == p })
	return g.Number
}
