package machine

// situation is a state that a bridge can be in, and everything that can happen in it.
type situation struct {
	name  string
	rules Rules
	since string // the events that led there
	about int    // the generation that events are about; 0: events about the bridge
	cells []cell // what has an effect; all else is ignored
}

// cell is one event in a situation and what comes of it.
type cell struct{ event, effect string }

var (
	runRules     = Rules{OnHup: 1, OnTerm: Term}
	idleRules    = Rules{OnHup: 1, OnTerm: Term, IdleExit: true}
	starterRules = Rules{OnHup: 1, OnTerm: Term, Starter: true}
)

// table is every phase a generation can be in, then the bridge as a whole,
// start_server's rules where they differ.
var table = []situation{
	{
		name: "starting, the first one", rules: runRules, about: 1,
		since: "reload",
		cells: []cell{
			{"ready 1", "arm 1 current, verdict 1 committed up to 1, arm-auto"},
			{"exited 1", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, disarm-auto, stopping"},
			{"expired 1 starting", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: not ready, disarm-auto, stopping"},
			{"unwell 1", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: unwell, disarm-auto, stopping"},
			{"extend 1 1s", "prolong 1 starting 1s"},
		},
	},
	{
		name: "starting, beside a current one", rules: runRules, about: 2,
		since: "reload, ready 1, reload",
		cells: []cell{
			{"ready 2", "arm 2 proving"},
			{"exited 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto"},
			{"expired 2 starting", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-auto"},
			{"unwell 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto"},
			{"extend 2 1s", "prolong 2 starting 1s"},
		},
	},
	{
		name: "starting, the current one has died", rules: runRules, about: 2,
		since: "reload, ready 1, reload, exited 1",
		cells: []cell{
			{"ready 2", "arm 2 current, verdict 2 committed up to 2, arm-auto"},
			{"exited 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-retry 1 died"},
			{"expired 2 starting", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-retry 1 not ready"},
			{"unwell 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-retry 1 unwell"},
			{"extend 2 1s", "prolong 2 starting 1s"},
		},
	},
	{
		name: "starting, asked for more meanwhile", rules: runRules, about: 2,
		since: "reload, ready 1, reload, reload",
		cells: []cell{
			{"ready 2", "arm 2 proving"},
			{"exited 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto, spawn 3, arm 3 starting"},
			{"expired 2 starting", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-auto, spawn 3, arm 3 starting"},
			{"unwell 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto, spawn 3, arm 3 starting"},
			{"extend 2 1s", "prolong 2 starting 1s"},
		},
	},
	{
		name: "starting, the first one under start_server", rules: starterRules, about: 1,
		since: "reload",
		cells: []cell{
			{"ready 1", "arm 1 current, verdict 1 committed up to 1, arm-auto"},
			{"exited 1", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, arm-retry 1 died"},
			{"exited 1 no-exec", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: died, disarm-auto, stopping"},
			{"expired 1 starting", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: not ready, arm-retry 1 not ready"},
			{"unwell 1", "tell 1 TERM(15), arm 1 draining, verdict 1 failed up to 1: unwell, arm-retry 1 unwell"},
			{"extend 1 1s", "prolong 1 starting 1s"},
		},
	},
	{
		name: "starting, beside a current one under start_server", rules: starterRules, about: 2,
		since: "reload, ready 1, reload",
		cells: []cell{
			{"ready 2", "arm 2 proving"},
			{"exited 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-retry 1 died, arm-auto"},
			{"expired 2 starting", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: not ready, arm-retry 1 not ready, arm-auto"},
			{"unwell 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-retry 1 unwell, arm-auto"},
			{"extend 2 1s", "prolong 2 starting 1s"},
		},
	},
	{
		name: "starting, after six failures under start_server", rules: starterRules, about: 7,
		since: "reload, exited 1, retry, exited 2, retry, exited 3, retry, exited 4, retry, exited 5, retry, exited 6, retry",
		cells: []cell{
			{"ready 7", "arm 7 current, verdict 7 committed up to 1, arm-auto"},
			{"exited 7", "tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: died, arm-retry 6 died"},
			{"exited 7 no-exec", "tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: died, disarm-auto, stopping"},
			{"expired 7 starting", "tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: not ready, arm-retry 6 not ready"},
			{"unwell 7", "tell 7 TERM(15), arm 7 draining, verdict 7 failed up to 1: unwell, arm-retry 6 unwell"},
			{"extend 7 1s", "prolong 7 starting 1s"},
		},
	},
	{
		name: "proving", rules: runRules, about: 2,
		since: "reload, ready 1, reload, ready 2",
		cells: []cell{
			{"exited 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: died, arm-auto"},
			{"expired 2 proving", "arm 2 current, verdict 2 committed up to 2, arm-auto, tell 1 HUP(1), arm 1 draining"},
			{"unwell 2", "tell 2 TERM(15), arm 2 draining, verdict 2 failed up to 2: unwell, arm-auto"},
		},
	},
	{
		name: "proving, beside older ones under start_server", rules: starterRules, about: 3,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, reload, ready 3",
		cells: []cell{
			{"exited 3", "tell 3 TERM(15), arm 3 draining, verdict 3 failed up to 3: died, arm-retry 1 died, arm-auto"},
			{"expired 3 proving", "arm 3 current, verdict 3 committed up to 3, arm-auto, tell 1 HUP(1), tell 2 HUP(1), arm 2 draining"},
			{"unwell 3", "tell 3 TERM(15), arm 3 draining, verdict 3 failed up to 3: unwell, arm-retry 1 unwell, arm-auto"},
		},
	},
	{
		name: "current", rules: runRules, about: 2,
		since: "reload, ready 1, exited 1, emptied 1, retry, ready 2",
		cells: []cell{
			{"exited 2", "tell 2 TERM(15), arm 2 draining, arm-retry 2 died"},
			{"expired 2 current", "failures forgotten"},
			{"unwell 2", "spawn 3 repeat, arm 3 starting"},
		},
	},
	{
		name: "current, with --idle-exit", rules: idleRules, about: 1,
		since: "reload, ready 1",
		cells: []cell{
			{"exited 1", "tell 1 TERM(15), arm 1 draining, arm-retry 1 died"},
			{"exited 1 clean", "tell 1 TERM(15), arm 1 draining, disarm-auto, stopping"},
			{"unwell 1", "spawn 2 repeat, arm 2 starting"},
		},
	},
	{
		name: "current, beside a starting one", rules: runRules, about: 1,
		since: "reload, ready 1, reload",
		cells: []cell{
			{"exited 1", "tell 1 TERM(15), arm 1 draining"},
		},
	},
	{
		name: "current, beside a starting one, with --idle-exit", rules: idleRules, about: 1,
		since: "reload, ready 1, reload",
		cells: []cell{
			{"exited 1", "tell 1 TERM(15), arm 1 draining"},
		},
	},
	{
		name: "current, beside a proving one", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2",
		cells: []cell{
			{"exited 1", "tell 1 TERM(15), arm 1 draining, arm 2 current, verdict 2 committed up to 2, arm-auto"},
		},
	},
	{
		name: "current, in a back-off of start_server", rules: starterRules, about: 1,
		since: "reload, ready 1, reload, exited 2, emptied 2",
		cells: []cell{
			{"exited 1", "tell 1 TERM(15), arm 1 draining, arm-retry 2 died"},
			{"expired 1 current", "failures forgotten"},
			{"unwell 1", "disarm-retry, spawn 3, arm 3 starting"},
		},
	},
	{
		name: "draining", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2, expired 2 proving",
		cells: []cell{
			{"exited 1", "noted"},
			{"expired 1 draining", "kill 1, arm-kill 1"},
			{"extend 1 1s", "prolong 1 draining 1s"},
		},
	},
	{
		name: "draining, its leader is gone", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, exited 1",
		cells: []cell{
			{"expired 1 draining", "kill 1, arm-kill 1"},
			{"emptied 1", "remove 1"},
			{"extend 1 1s", "prolong 1 draining 1s"},
		},
	},
	{
		name: "draining, the last one that an automatic restart waits for", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, auto-due, exited 1",
		cells: []cell{
			{"expired 1 draining", "kill 1, arm-kill 1"},
			{"emptied 1", "remove 1, spawn 3, arm 3 starting, auto no longer pending"},
			{"extend 1 1s", "prolong 1 draining 1s"},
		},
	},
	{
		name: "draining, one of two that an automatic restart waits for", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, reload, ready 3, expired 3 proving, auto-due, exited 1",
		cells: []cell{
			{"expired 1 draining", "kill 1, arm-kill 1"},
			{"emptied 1", "remove 1"},
			{"extend 1 1s", "prolong 1 draining 1s"},
		},
	},
	{
		name: "draining, the last one while stopping", rules: runRules, about: 1,
		since: "reload, ready 1, stop TERM(15), exited 1",
		cells: []cell{
			{"expired 1 draining", "kill 1, arm-kill 1"},
			{"emptied 1", "remove 1, quit 0"},
			{"extend 1 1s", "prolong 1 draining 1s"},
		},
	},
	{
		name: "gone", rules: runRules, about: 1,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, exited 1, emptied 1",
	},
	{
		name: "the bridge before its boot", rules: runRules,
		since: "",
		cells: []cell{
			{"reload", "spawn 1, arm 1 starting, asked 1"},
			{"auto-due", "spawn 1, arm 1 starting"},
			{"auto-overdue", "spawn 1, arm 1 starting"},
			{"stop TERM(15)", "disarm-auto, quit 0, stopping"},
			{"stop HUP(1)", "disarm-auto, quit 0, stopping"},
		},
	},
	{
		name: "the bridge, a current one and no candidate", rules: runRules,
		since: "reload, ready 1",
		cells: []cell{
			{"reload", "spawn 2, arm 2 starting, asked 2"},
			{"auto-due", "spawn 2, arm 2 starting"},
			{"auto-overdue", "spawn 2, arm 2 starting"},
			{"stop TERM(15)", "disarm-auto, tell 1 TERM(15), arm 1 draining, stopping"},
			{"stop HUP(1)", "disarm-auto, tell 1 HUP(1), arm 1 draining, stopping"},
		},
	},
	{
		name: "the bridge, a current one and a draining one", rules: runRules,
		since: "reload, ready 1, reload, ready 2, expired 2 proving",
		cells: []cell{
			{"reload", "spawn 3, arm 3 starting, asked 3"},
			{"auto-due", "auto pending"},
			{"auto-overdue", "spawn 3, arm 3 starting"},
			{"stop TERM(15)", "disarm-auto, tell 1 TERM(15), tell 2 TERM(15), arm 2 draining, stopping"},
			{"stop HUP(1)", "disarm-auto, tell 2 HUP(1), arm 2 draining, stopping"},
		},
	},
	{
		name: "current, an automatic restart pending", rules: runRules, about: 2,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, auto-due",
		cells: []cell{
			{"exited 2", "tell 2 TERM(15), arm 2 draining, arm-retry 1 died, auto no longer pending"},
			{"unwell 2", "spawn 3 repeat, arm 3 starting, auto no longer pending"},
		},
	},
	{
		name: "the bridge, an automatic restart pending", rules: runRules,
		since: "reload, ready 1, reload, ready 2, expired 2 proving, auto-due",
		cells: []cell{
			{"reload", "spawn 3, arm 3 starting, asked 3, auto no longer pending"},
			{"auto-overdue", "spawn 3, arm 3 starting, auto no longer pending"},
			{"stop TERM(15)", "disarm-auto, tell 1 TERM(15), tell 2 TERM(15), arm 2 draining, auto no longer pending, stopping"},
			{"stop HUP(1)", "disarm-auto, tell 2 HUP(1), arm 2 draining, auto no longer pending, stopping"},
		},
	},
	{
		name: "the bridge, a candidate", rules: runRules,
		since: "reload, ready 1, reload",
		cells: []cell{
			{"reload", "asked 3"},
			{"stop TERM(15)", "disarm-auto, verdict failed up to 2: stopping, tell 1 TERM(15), arm 1 draining, tell 2 TERM(15), arm 2 draining, stopping"},
			{"stop HUP(1)", "disarm-auto, verdict failed up to 2: stopping, tell 1 HUP(1), arm 1 draining, tell 2 HUP(1), arm 2 draining, stopping"},
		},
	},
	{
		name: "the bridge in a back-off", rules: runRules,
		since: "reload, ready 1, exited 1, emptied 1",
		cells: []cell{
			{"reload", "disarm-retry, spawn 2, arm 2 starting, asked 2"},
			{"retry", "disarm-retry, spawn 2 repeat, arm 2 starting"},
			{"stop TERM(15)", "disarm-retry, disarm-auto, quit 0, stopping"},
			{"stop HUP(1)", "disarm-retry, disarm-auto, quit 0, stopping"},
		},
	},
	{
		name: "the bridge in a back-off of start_server", rules: starterRules,
		since: "reload, ready 1, exited 1, emptied 1",
		cells: []cell{
			{"reload", "disarm-retry, spawn 2, arm 2 starting, asked 2"},
			{"retry", "disarm-retry, spawn 2, arm 2 starting"},
			{"stop TERM(15)", "disarm-retry, disarm-auto, quit 0, stopping"},
			{"stop HUP(1)", "disarm-retry, disarm-auto, quit 0, stopping"},
		},
	},
	{
		name: "the bridge, stopping", rules: runRules,
		since: "reload, ready 1, reload, ready 2, stop TERM(15)",
		cells: []cell{
			{"reload", "verdict failed up to 3: stopping, asked 3"},
			{"abort", "kill 1, arm-kill 1, kill 2, arm-kill 2"},
		},
	},
	{
		name: "the bridge, ended", rules: runRules,
		since: "stop TERM(15)",
	},
}
