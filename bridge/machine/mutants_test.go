//go:build mutation

package machine

// mutants break one rule each. A condition that can be broken unnoticed is not
// needed, or lacks its row in the table.
var mutants = []struct{ name, from, to string }{
	{"ready: no probation beside a current one", `		if t.has(Current) {
			t.enter(g, Proving)
		} else {
			t.promote(g)
		}`, "\t\tt.promote(g)"},
	{"ready: probation with nobody beside", `		if t.has(Current) {
			t.enter(g, Proving)
		} else {
			t.promote(g)
		}`, "\t\tt.enter(g, Proving)"},
	{"ready: heard twice", "\tcase Proving, Current, Draining, Gone: // ignored: it has been heard", `	case Proving:
		t.promote(g)
	case Current, Draining, Gone:`},
	{"strangers: not ignored", "if g := t.generation(e.Generation); g != nil {", "if g := t.generation(e.Generation); true {"},
	{"exited: not noted", `	g.Exited = true
`, ""},
	{"exited: a proving one does not fail", `	case Starting, Proving:
		t.fail(g, Died, e.NoExec)`, `	case Proving:
	case Starting:
		t.fail(g, Died, e.NoExec)`},
	{"exited: a starting one does not fail", `	case Starting, Proving:
		t.fail(g, Died, e.NoExec)`, `	case Starting:
	case Proving:
		t.fail(g, Died, e.NoExec)`},
	{"exited: no-exec is forgotten", "t.fail(g, Died, e.NoExec)", "t.fail(g, Died, false)"},
	{"exited: the current one stays", `		t.drain(g, t.Rules.OnTerm)
		t.replaceCurrent(e.Clean)`, "\t\tt.replaceCurrent(e.Clean)"},
	{"exited: the current one drains by on-hup", `		t.drain(g, t.Rules.OnTerm)
		t.replaceCurrent(e.Clean)`, `		t.drain(g, t.Rules.OnHup)
		t.replaceCurrent(e.Clean)`},
	{"exited: the current one is not replaced", `		t.drain(g, t.Rules.OnTerm)
		t.replaceCurrent(e.Clean)`, "\t\tt.drain(g, t.Rules.OnTerm)"},
	{"replace: a proving one is not promoted", `		t.promote(t.generation(candidate.Number))
`, ""},
	{"replace: a starting one is promoted", "\tcase ok && candidate.Phase == Proving:", "\tcase ok:"},
	{"replace: a starting one is not waited for", `	case ok: // a starting one is on its way
`, ""},
	{"replace: idle exit unasked", "case clean && t.Rules.IdleExit:", "case clean:"},
	{"replace: idle exit after a crash", "case clean && t.Rules.IdleExit:", "case t.Rules.IdleExit:"},
	{"replace: no idle exit", "case clean && t.Rules.IdleExit:", "case false:"},
	{"replace: idle exit with status 1", "\t\tt.stop(t.Rules.OnTerm, 0)", "\t\tt.stop(t.Rules.OnTerm, 1)"},
	{"replace: no retry", `	default:
		t.retry(Died)`, "\tdefault:"},
	{"expired: stale ones count", `	if g.Phase != phase {
		return // stale: it was queued while the generation went on
	}
`, ""},
	{"expired: start timeout ignored", `		t.fail(g, NotReady, false)
`, ""},
	{"expired: probation never ends", `	case Proving:
		t.promote(g)
	case Current:`, `	case Proving:
	case Current:`},
	{"expired: never settled", `		t.Failures = 0
`, ""},
	{"expired: no kill", `	case Draining:
		t.kill(g)`, "\tcase Draining:"},
	{"unwell: a candidate stays", `		t.fail(g, IsUnwell, false)
`, ""},
	{"unwell: a second candidate", `		if !t.hasCandidate() {
			t.spawn(true)
		}`, "\t\tt.spawn(true)"},
	{"unwell: not replaced", `		if !t.hasCandidate() {
			t.spawn(true)
		}`, `		if false {
			t.spawn(true)
		}`},
	{"unwell: looks anew", `		if !t.hasCandidate() {
			t.spawn(true)
		}`, `		if !t.hasCandidate() {
			t.spawn(false)
		}`},
	{"emptied: with its leader alive", `		if g.Exited {
			t.remove(g)
		}`, "\t\tt.remove(g)"},
	{"emptied: never removed", `			t.remove(g)
`, ""},
	{"emptied: a living phase is removed", "\tcase Starting, Proving, Current, Gone: // ignored: its leader lives", `	case Starting, Proving, Current, Gone:
		t.remove(g)`},
	{"extend: not while starting", `	case Starting, Draining:
		t.do`, `	case Draining:
		t.do`},
	{"extend: not while draining", `	case Starting, Draining:
		t.do`, `	case Starting:
		t.do`},
	{"extend: on probation", "\tcase Proving, Current, Gone: // ignored: these timers", `	case Proving:
		t.do(Action{Do: Prolong, Generation: g.Number, Phase: g.Phase, After: e.After})
	case Current, Gone: // `},
	{"extend: the settling current one", "\tcase Proving, Current, Gone: // ignored: these timers", `	case Current:
		t.do(Action{Do: Prolong, Generation: g.Number, Phase: g.Phase, After: e.After})
	case Proving, Gone: // `},
	{"reload: not counted", `	t.Asked++
`, ""},
	{"reload: unanswered while stopping", `		t.Covered = t.Asked
		t.answer(0, IsStopping)
	}
}`, `	}
}`},
	{"reload: not covered while stopping", `	if t.Stopping {
		t.Covered = t.Asked
`, `	if t.Stopping {
`},
	{"reload: waits for the back-off", "\tif !t.hasCandidate() && t.Asked", "\tif !t.hasCandidate() && !t.Retrying && t.Asked"},
	{"reload: a second candidate", "\tif !t.hasCandidate() && t.Asked > t.Covered", "\tif t.Asked > t.Covered"},
	{"reload: never spawned", "t.Asked > t.Covered {", "t.Asked < t.Covered {"},
	{"reload: repeats", `t.Asked > t.Covered { // never while stopping: that covers all
		t.spawn(false)`, `t.Asked > t.Covered { // never while stopping: that covers all
		t.spawn(true)`},
	{"retry: without a back-off", `	if t.Retrying {
		t.spawn(true)
	}`, "\tt.spawn(true)"},
	{"retry: never", `	if t.Retrying {
		t.spawn(true)
	}`, ""},
	{"retry: looks anew", `	if t.Retrying {
		t.spawn(true)
	}`, `	if t.Retrying {
		t.spawn(false)
	}`},
	{"auto due: while stopping", "case t.Stopping, t.Retrying, t.hasCandidate(): // ignored", "case t.Retrying, t.hasCandidate(): // ignored"},
	{"auto due: in a back-off", "case t.Stopping, t.Retrying, t.hasCandidate(): // ignored", "case t.Stopping, t.hasCandidate(): // ignored"},
	{"auto due: a second candidate", "case t.Stopping, t.Retrying, t.hasCandidate(): // ignored", "case t.Stopping, t.Retrying: // ignored"},
	{"auto due: while one drains", `	case t.has(Draining):
		t.AutoPending = true
`, ""},
	{"auto due: not pending", `		t.AutoPending = true
`, ""},
	{"auto due: never", `	default:
		t.spawn(false)
	}
}

func (t *turn) autoOverdue`, `	default:
	}
}

func (t *turn) autoOverdue`},
	{"auto overdue: while stopping", "if !t.Stopping && !t.Retrying && !t.hasCandidate() {", "if !t.Retrying && !t.hasCandidate() {"},
	{"auto overdue: in a back-off", "if !t.Stopping && !t.Retrying && !t.hasCandidate() {", "if !t.Stopping && !t.hasCandidate() {"},
	{"auto overdue: a second candidate", "if !t.Stopping && !t.Retrying && !t.hasCandidate() {", "if !t.Stopping && !t.Retrying {"},
	{"auto overdue: never", "if !t.Stopping && !t.Retrying && !t.hasCandidate() {", "if false {"},
	{"abort: when not stopping", `	if !t.Stopping {
		return
	}
	for i`, "\tfor i"},
	{"abort: kills nobody", `		t.kill(&t.Generations[i])
`, `		_ = i
`},
	{"spawn: back-off stays armed", `		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.AutoPending = false
	t.Last++`, `		t.Retrying = false
	}
	t.AutoPending = false
	t.Last++`},
	{"spawn: back-off not forgotten", `		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.AutoPending = false
	t.Last++`, `		t.do(Action{Do: DisarmRetry})
	}
	t.AutoPending = false
	t.Last++`},
	{"retry: auto stays pending", `	t.AutoPending = false // the replacement does for it, and must wait its pause
`, ""},
	{"spawn: auto stays pending", `	t.AutoPending = false
	t.Last++`, "\tt.Last++"},
	{"spawn: the same number", `	t.Last++
`, ""},
	{"spawn: covers nothing", `	t.Covered = t.Asked
	t.Generations = append`, "\tt.Generations = append"},
	{"spawn: start_server repeats", "Repeat: repeat && !t.Rules.Starter", "Repeat: repeat"},
	{"spawn: no start timeout", "\tt.enter(&t.Generations[len(t.Generations)-1], Starting)", "\tt.Generations[len(t.Generations)-1].Phase = Starting"},
	{"promote: no candidate was ever current", `	t.Ever = true
`, ""},
	{"promote: no verdict", `	t.answer(g.Number, NoReason)
`, ""},
	{"promote: no auto-restart", `	t.do(Action{Do: ArmAuto})
	for i`, "\tfor i"},
	{"promote: the former one stays", `			t.drain(old, t.Rules.OnHup)
`, ""},
	{"promote: the former one drains by on-term", "\t\t\tt.drain(old, t.Rules.OnHup)", "\t\t\tt.drain(old, t.Rules.OnTerm)"},
	{"promote: the former one is told first", `	t.enter(g, Current)
	t.answer(g.Number, NoReason)`, `	if old := t.generation(former); old != nil {
		t.drain(old, t.Rules.OnHup)
	}
	former = 0
	t.enter(g, Current)
	t.answer(g.Number, NoReason)`},
	{"promote: run tells again", "old.Phase == Draining && proven && t.Rules.Starter:", "old.Phase == Draining && proven:"},
	{"promote: start_server tells again after a death", "proven := g.Phase == Proving", "proven := true"},
	{"promote: start_server does not tell again", `			t.tell(old, t.Rules.OnHup)
`, ""},
	{"promote: tells others than draining ones", "old.Phase == Draining && proven && t.Rules.Starter:", "proven && t.Rules.Starter:"},
	{"fail: the candidate stays", `	t.drain(g, t.Rules.OnTerm)
	t.answer(g.Number, why)`, "\tt.answer(g.Number, why)"},
	{"fail: drains by on-hup", `	t.drain(g, t.Rules.OnTerm)
	t.answer(g.Number, why)`, `	t.drain(g, t.Rules.OnHup)
	t.answer(g.Number, why)`},
	{"fail: no verdict", `	t.answer(g.Number, why)
`, ""},
	{"fail: the current one goes with it", `	beside := t.has(Current)
`, `	beside := t.has(Current)
	if current, ok := t.Current(); ok {
		t.drain(t.generation(current.Number), t.Rules.OnTerm)
	}
`},
	{"fail: any failure ends the bridge", "\tcase !t.Ever && (", "\tcase ("},
	{"fail: a failed boot does not end the bridge", "\tcase !t.Ever && (!t.Rules.Starter || noExec):", "\tcase !t.Ever && noExec:"},
	{"fail: a failed boot ends start_server", "\tcase !t.Ever && (!t.Rules.Starter || noExec):", "\tcase !t.Ever:"},
	{"fail: a failed boot exits 0", `		t.stop(t.Rules.OnTerm, 1)
`, `		t.stop(t.Rules.OnTerm, 0)
`},
	{"fail: no retry without a current one", "\tcase !beside, t.Rules.Starter:", "\tcase t.Rules.Starter:"},
	{"fail: start_server does not retry", "\tcase !beside, t.Rules.Starter:", "\tcase !beside:"},
	{"fail: run retries beside a current one", "\tcase !beside, t.Rules.Starter:", "\tdefault:"},
	{"fail: no auto-restart after it", `	if beside {
		t.do(Action{Do: ArmAuto})
	}
`, ""},
	{"fail: auto-restart without a current one", `	if beside {
		t.do(Action{Do: ArmAuto})
	}
`, `	t.do(Action{Do: ArmAuto})
`},
	{"retry: failures not counted", `	t.Failures = min(t.Failures+1, maxFailures)
`, ""},
	{"retry: failures never saturate", "min(t.Failures+1, maxFailures)", "t.Failures + 1"},
	{"retry: not noted", `	t.Retrying = true
`, ""},
	{"retry: not armed", `	t.do(Action{Do: ArmRetry, Failures: t.Failures, Reason: why})
`, ""},
	{"stop: twice", `	if t.Stopping {
		return
	}
	t.Stopping`, "\tt.Stopping"},
	{"stop: auto stays pending", `	t.AutoPending = false
	if t.Retrying`, "\tif t.Retrying"},
	{"stop: back-off stays armed", `		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.do(Action{Do: DisarmAuto})`, `		t.Retrying = false
	}
	t.do(Action{Do: DisarmAuto})`},
	{"stop: back-off not forgotten", `		t.Retrying = false
		t.do(Action{Do: DisarmRetry})
	}
	t.do(Action{Do: DisarmAuto})`, `		t.do(Action{Do: DisarmRetry})
	}
	t.do(Action{Do: DisarmAuto})`},
	{"stop: auto-restart stays armed", `	t.do(Action{Do: DisarmAuto})
`, ""},
	{"stop: later requests not covered", `	t.Covered = t.Asked
	t.answer(0, IsStopping)
	for`, `	t.answer(0, IsStopping)
	for`},
	{"stop: requests unanswered", `	t.Covered = t.Asked
	t.answer(0, IsStopping)
	for`, `	t.Covered = t.Asked
	for`},
	{"stop: nobody is told", `			t.drain(g, s)
`, ""},
	{"stop: draining ones are told the same again", `		case g.Told != s:
			t.tell(g, s)`, `		default:
			t.tell(g, s)`},
	{"stop: draining ones are not told another signal", `		case g.Told != s:
			t.tell(g, s)
`, ""},
	{"stop: draining ones have their timers replaced", `		case g.Phase != Draining:
			t.drain(g, s)
		case g.Told != s:
			t.tell(g, s)`, `		case g.Phase != Draining, g.Told != s:
			t.drain(g, s)`},
	{"stop: an empty bridge stays", `	t.quitIfEmpty()
}

// answer`, `}

// answer`},
	{"answer: nothing to answer", `	if generation == 0 && t.Answered == t.Covered {
		return
	}
`, ""},
	{"answer: nothing when nobody asked", "generation == 0 && t.Answered == t.Covered", "t.Answered == t.Covered"},
	{"answer: again", `	t.Answered = t.Covered
`, ""},
	{"answer: what came after the swap began", "UpTo: t.Covered", "UpTo: t.Asked"},
	{"tell: not noted", `	g.Told = s
`, ""},
	{"tell: not told", `	t.do(Action{Do: Tell, Generation: g.Number, Signal: s})
`, ""},
	{"kill: no timer after it", `	t.do(Action{Do: ArmKill, Generation: g.Number})
`, ""},
	{"kill: only the timer", `	t.do(Action{Do: Kill, Generation: g.Number})
`, ""},
	{"enter: no timer", `	t.do(Action{Do: Arm, Generation: g.Number, Phase: p})
`, ""},
	{"enter: the phase stays", `	g.Phase = p
`, ""},
	{"remove: all but it", "g.Number == number })", "g.Number != number })"},
	{"remove: timers not told", `	t.do(Action{Do: Remove, Generation: number})
`, ""},
	{"remove: no end", `	if t.Stopping {
		t.quitIfEmpty()
	} else if`, "\tif"},
	{"remove: ends with nobody left in a back-off", `	if t.Stopping {
		t.quitIfEmpty()
	} else if t.AutoPending`, `	t.quitIfEmpty()
	if t.AutoPending`},
	{"remove: pending auto-restart forgotten", `t.AutoPending && !t.has(Draining) {
		t.spawn(false)`, `t.AutoPending && !t.has(Draining) {
		t.AutoPending = false`},
	{"remove: pending auto-restart does not wait", "t.AutoPending && !t.has(Draining) {", "t.AutoPending {"},
	{"remove: auto-restart that is not pending", "t.AutoPending && !t.has(Draining) {", "!t.has(Draining) {"},
	{"quit: with generations left", `	if len(t.Generations) == 0 {
		t.Ended`, `	{
		t.Ended`},
	{"quit: not noted", `		t.Ended = true
`, ""},
	{"quit: with another status", "Exit: t.Exit}", "Exit: 0}"},
	{"quit: events count afterwards", `	if s.Ended {
		return s, nil
	}
`, ""},
	{"step: changes what it was given", `	s.Generations = slices.Clone(s.Generations)
`, ""},
}
