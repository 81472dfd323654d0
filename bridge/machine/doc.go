// Package machine holds the supervisor's decisions and nothing else.
//
// The invariant: there is at most one current generation and one candidate,
// and a living current one is told to go only in the step that makes another
// living one current, or when the bridge was asked to stop.
//
// [Step] is a pure function: no clock, goroutine, file or process. Timers leave
// as actions and come back as events that name generation and phase, so that a
// stale one is recognised and ignored.
//
//	s := machine.New(machine.Rules{OnHup: 15, OnTerm: 15})
//	s, actions := machine.Step(s, machine.Event{Kind: machine.Reload}) // boot
//	// actions: spawn 1, arm 1 starting
//
// # The table
//
// Every event in every situation, written by the tests from what the machine
// does (go test -update). What is not listed is ignored; how a leader ended is
// listed where it matters. A former current one is told HUP here, all else TERM.
//
//	starting, the first one
//	    ready 1              arm 1 current, verdict 1 committed up to 1, arm-auto
//	    exited 1             tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, disarm-auto, stopping
//	    expired 1 starting   tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: not ready, disarm-auto, stopping
//	    unwell 1             tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: unwell, disarm-auto, stopping
//	    extend 1 1s          prolong 1 starting 1s
//
//	starting, beside a current one
//	    ready 2              arm 2 proving
//	    exited 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto
//	    expired 2 starting   tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-auto
//	    unwell 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto
//	    extend 2 1s          prolong 2 starting 1s
//
//	starting, the current one has died
//	    ready 2              arm 2 current, verdict 2 committed up to 2, arm-auto
//	    exited 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-retry 1 died
//	    expired 2 starting   tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-retry 1 not ready
//	    unwell 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-retry 1 unwell
//	    extend 2 1s          prolong 2 starting 1s
//
//	starting, asked for more meanwhile
//	    ready 2              arm 2 proving
//	    exited 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto, spawn 3, arm 3 starting
//	    expired 2 starting   tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-auto, spawn 3, arm 3 starting
//	    unwell 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto, spawn 3, arm 3 starting
//	    extend 2 1s          prolong 2 starting 1s
//
//	starting, the first one under start_server
//	    ready 1              arm 1 current, verdict 1 committed up to 1, arm-auto
//	    exited 1             tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, arm-retry 1 died
//	    exited 1 no-exec     tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, disarm-auto, stopping
//	    expired 1 starting   tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: not ready, arm-retry 1 not ready
//	    unwell 1             tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: unwell, arm-retry 1 unwell
//	    extend 1 1s          prolong 1 starting 1s
//
//	starting, beside a current one under start_server
//	    ready 2              arm 2 proving
//	    exited 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-retry 1 died, arm-auto
//	    expired 2 starting   tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-retry 1 not ready, arm-auto
//	    unwell 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-retry 1 unwell, arm-auto
//	    extend 2 1s          prolong 2 starting 1s
//
//	starting, after six failures under start_server
//	    ready 7              arm 7 current, verdict 7 committed up to 1, arm-auto
//	    exited 7             tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: died, arm-retry 6 died
//	    exited 7 no-exec     tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: died, disarm-auto, stopping
//	    expired 7 starting   tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: not ready, arm-retry 6 not ready
//	    unwell 7             tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: unwell, arm-retry 6 unwell
//	    extend 7 1s          prolong 7 starting 1s
//
//	proving
//	    exited 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto
//	    expired 2 proving    arm 2 current, verdict 2 committed up to 2, arm-auto, tell 1 HUP(1), arm 1 draining
//	    unwell 2             tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto
//
//	proving, beside older ones under start_server
//	    exited 3             tell 3 TERM(15), arm 3 draining, verdict 3 failed up to 3: died, arm-retry 1 died, arm-auto
//	    expired 3 proving    arm 3 current, verdict 3 committed up to 3, arm-auto, tell 1 HUP(1), tell 2 HUP(1), arm 2 draining
//	    unwell 3             tell 3 TERM(15), arm 3 draining, verdict 3 failed up to 3: unwell, arm-retry 1 unwell, arm-auto
//
//	current
//	    exited 2             tell 2 TERM(15), arm 2 draining, arm-retry 2 died
//	    expired 2 current    failures forgotten
//	    unwell 2             spawn 3 repeat, arm 3 starting
//
//	current, with --idle-exit
//	    exited 1             tell 1 TERM(15), arm 1 draining, arm-retry 1 died
//	    exited 1 clean       tell 1 TERM(15), arm 1 draining, disarm-auto, stopping
//	    unwell 1             spawn 2 repeat, arm 2 starting
//
//	current, beside a starting one
//	    exited 1             tell 1 TERM(15), arm 1 draining
//
//	current, beside a starting one, with --idle-exit
//	    exited 1             tell 1 TERM(15), arm 1 draining
//
//	current, beside a proving one
//	    exited 1             tell 1 TERM(15), arm 1 draining, arm 2 current, verdict 2 committed up to 2, arm-auto
//
//	current, in a back-off of start_server
//	    exited 1             tell 1 TERM(15), arm 1 draining, arm-retry 2 died
//	    expired 1 current    failures forgotten
//	    unwell 1             disarm-retry, spawn 3, arm 3 starting
//
//	draining
//	    exited 1             noted
//	    expired 1 draining   kill 1, arm-kill 1
//	    extend 1 1s          prolong 1 draining 1s
//
//	draining, its leader is gone
//	    expired 1 draining   kill 1, arm-kill 1
//	    emptied 1            remove 1
//	    extend 1 1s          prolong 1 draining 1s
//
//	draining, the last one that an automatic restart waits for
//	    expired 1 draining   kill 1, arm-kill 1
//	    emptied 1            remove 1, spawn 3, arm 3 starting, auto no longer pending
//	    extend 1 1s          prolong 1 draining 1s
//
//	draining, one of two that an automatic restart waits for
//	    expired 1 draining   kill 1, arm-kill 1
//	    emptied 1            remove 1
//	    extend 1 1s          prolong 1 draining 1s
//
//	draining, the last one while stopping
//	    expired 1 draining   kill 1, arm-kill 1
//	    emptied 1            remove 1, quit 0
//	    extend 1 1s          prolong 1 draining 1s
//
//	gone
//	    ignores everything
//
//	the bridge before its boot
//	    reload               spawn 1, arm 1 starting, asked 1
//	    auto-due             spawn 1, arm 1 starting
//	    auto-overdue         spawn 1, arm 1 starting
//	    stop TERM(15)        disarm-auto, quit 0, stopping
//	    stop HUP(1)          disarm-auto, quit 0, stopping
//
//	the bridge, a current one and no candidate
//	    reload               spawn 2, arm 2 starting, asked 2
//	    auto-due             spawn 2, arm 2 starting
//	    auto-overdue         spawn 2, arm 2 starting
//	    stop TERM(15)        disarm-auto, tell 1 TERM(15), arm 1 draining, stopping
//	    stop HUP(1)          disarm-auto, tell 1 HUP(1), arm 1 draining, stopping
//
//	the bridge, a current one and a draining one
//	    reload               spawn 3, arm 3 starting, asked 3
//	    auto-due             auto pending
//	    auto-overdue         spawn 3, arm 3 starting
//	    stop TERM(15)        disarm-auto, tell 1 TERM(15), tell 2 TERM(15), arm 2 draining, stopping
//	    stop HUP(1)          disarm-auto, tell 2 HUP(1), arm 2 draining, stopping
//
//	current, an automatic restart pending
//	    exited 2             tell 2 TERM(15), arm 2 draining, arm-retry 1 died, auto no longer pending
//	    unwell 2             spawn 3 repeat, arm 3 starting, auto no longer pending
//
//	the bridge, an automatic restart pending
//	    reload               spawn 3, arm 3 starting, asked 3, auto no longer pending
//	    auto-overdue         spawn 3, arm 3 starting, auto no longer pending
//	    stop TERM(15)        disarm-auto, tell 1 TERM(15), tell 2 TERM(15), arm 2 draining, auto no longer pending, stopping
//	    stop HUP(1)          disarm-auto, tell 2 HUP(1), arm 2 draining, auto no longer pending, stopping
//
//	the bridge, a candidate
//	    reload               asked 3
//	    stop TERM(15)        disarm-auto, verdict failed up to 2: stopping, tell 1 TERM(15), arm 1 draining, tell 2 TERM(15), arm 2 draining, stopping
//	    stop HUP(1)          disarm-auto, verdict failed up to 2: stopping, tell 1 HUP(1), arm 1 draining, tell 2 HUP(1), arm 2 draining, stopping
//
//	the bridge in a back-off
//	    reload               disarm-retry, spawn 2, arm 2 starting, asked 2
//	    retry                disarm-retry, spawn 2 repeat, arm 2 starting
//	    stop TERM(15)        disarm-retry, disarm-auto, quit 0, stopping
//	    stop HUP(1)          disarm-retry, disarm-auto, quit 0, stopping
//
//	the bridge in a back-off of start_server
//	    reload               disarm-retry, spawn 2, arm 2 starting, asked 2
//	    retry                disarm-retry, spawn 2, arm 2 starting
//	    stop TERM(15)        disarm-retry, disarm-auto, quit 0, stopping
//	    stop HUP(1)          disarm-retry, disarm-auto, quit 0, stopping
//
//	the bridge, stopping
//	    reload               verdict failed up to 3: stopping, asked 3
//	    abort                kill 1, arm-kill 1, kill 2, arm-kill 2
//
//	the bridge, ended
//	    ignores everything
package machine
