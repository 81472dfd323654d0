package bridge

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// swap asks for a swap at 20s; generation 1 is told at 23s, and ends then.
func (w *fakeWorld) swap() {
	w.t.Helper()
	w.serve()
	w.hup()
	w.at(23 * second)
	w.saw(`
		20s asked
		20s spawned 2
		21s proving 2 beside [1]
		23s current 2 after 1
		23s TERM to 100
		23s ended 1, draining: exited 0`)
}

func TestWhoStillWaitsIsToldOnceASecondAfterItsLeaderEnded(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true}, {waits: true, deaf: true}, {}}}
		w.swap()
		w.at(24*second - 1)
		w.saw(``)
		w.at(40 * second)
		w.saw(`
			24s TERM to 101
			24s TERM to 102
			24s told [101 102]
			24s reaped 101`)
	})
}

func TestWhoDoesNotWaitIsNeverTold(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 0
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{}, {outside: true}}}
		w.swap()
		w.at(3600 * second)
		w.saw(``)
	})
}

func TestWhoBeginsToWaitIsTold(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{}}}
		w.swap()
		w.at(30*second + second/2)
		w.processes[101].waits = true
		w.at(40 * second)
		w.saw(`
			31s TERM to 101
			31s told [101]
			31s reaped 101`)
	})
}

func TestAllThatIsLeftIsToldAtOnceWhereThereIsNoStreamSocket(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.bridge.targets = nil
		w.children[1] = child{workers: []worker{{}, {deaf: true}}}
		w.serve()
		w.hup()
		w.at(40 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			23s current 2 after 1
			23s TERM to 100
			23s ended 1, draining: exited 0
			23s TERM to 101
			23s TERM to 102
			23s told [101 102]
			23s reaped 101`)
	})
}

func TestNobodyElseIsToldWhileTheLeaderLives(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.bridge.targets = nil
		w.children[1] = child{drains: 40 * second, workers: []worker{{waits: true}}}
		w.serve()
		w.hup()
		w.at(30 * second)
		w.seen()
		w.kill(200, process.Exit{})
		w.at(50 * second)
		w.saw(`
			30s ended 2, current: exited 0
			30s back-off 1: 0s
			30s spawned 3
			31s current 3`)
	})
}

func TestStopTellsWhatIsLeftAnotherSignal(t *testing.T) {
	c := runRules()
	c.SignalOnTerm = unix.SIGQUIT
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true, deaf: true}}}
		w.children[2] = child{drains: second}
		w.swap()
		w.at(30*second + second/2)
		w.saw(`
			24s TERM to 101
			24s told [101]`)
		w.send(unix.SIGTERM)
		w.saw(`
			30.5s stopping by TERM: QUIT to [2]
			30.5s QUIT to 200
			30.5s QUIT to 101
			30.5s told [101]`)
	})
}

func TestGenerationIsGoneAfterTwoEmptyLooks(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(23*second - 1)
		if w.looks != 0 {
			t.Errorf("%d looks while all leaders live", w.looks)
		}
		w.lookTakes = 1
		w.at(23*second + 1)
		w.generations(1, 2)
		w.at(23*second + 2)
		w.generations(2)
		w.at(100 * second)
		if w.looks != 2 {
			t.Errorf("%d looks", w.looks)
		}
	})
}

func TestEmptyLooksMustFollowEachOther(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(23*second - 1)
		w.lookTakes = 1
		w.at(23*second + 1)
		w.orphan(101, 1) // which the first look has missed
		w.at(30 * second)
		w.generations(1, 2)
		w.at(30*second + second/2)
		w.kill(101, process.Exit{})
		w.at(30*second + second/2 + 1)
		w.generations(1, 2)
		w.at(30*second + second/2 + 2)
		w.generations(2)
	})
}

// generations checks which there are.
func (w *fakeWorld) generations(want ...int) {
	w.t.Helper()
	r := w.reports[len(w.reports)-1]
	same := len(r.Generations) == len(want)
	for i, g := range r.Generations {
		same = same && g.Number == want[i]
	}
	if !same {
		w.t.Errorf("generations %v, not %v", r.Generations, want)
	}
}

func TestEndOfTheLastOneIsSeenAtOnce(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{}}}
		w.swap()
		w.at(30*second + second/2)
		w.kill(101, process.Exit{})
		w.saw(`30.5s reaped 101`)
		w.generations(2)
	})
}

func TestDrainTimeoutKillsGroupAndOutsidersAgainEachSecond(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 4 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{deaf: true, workers: []worker{{stuck: true}, {stuck: true, outside: true}, {deaf: true}}}
		w.connections = 7
		w.serve()
		w.hup()
		w.at(23 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			23s current 2 after 1
			23s TERM to 100`)
		w.at(28*second + second/2)
		w.processes[101].stuck, w.processes[102].stuck = false, false
		w.at(40 * second)
		w.compare(unique(w.seen()), `
			27s killed 1: 4 processes, 7 connections
			27s KILL to group 100
			27s KILL to 102
			27s ended 1, draining: killed by SIGKILL
			27s reaped 103
			28s KILL to group 100
			28s KILL to 102
			29s KILL to group 100
			29s KILL to 102
			29s reaped 101
			29s reaped 102`)
		w.generations(2)
	})
}

// unique drops what was done again at the same time.
func unique(lines []string) []string {
	var once []string
	for _, line := range lines {
		if !slices.Contains(once, line) {
			once = append(once, line)
		}
	}
	return once
}

func TestDrainTimeoutKillsWhatIsLeft(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 4*second + second/2
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{deaf: true}, {outside: true}}}
		w.swap()
		w.at(40 * second)
		w.saw(`
			27.5s killed 1: 2 processes, 0 connections
			27.5s KILL to group 100
			27.5s KILL to 102
			27.5s reaped 101
			27.5s reaped 102`)
		w.generations(2)
	})
}

func TestGenerationThatCannotBeSeenIsKilledAsAGroup(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.hidden = true
		w.children[1] = child{deaf: true}
		w.serve()
		w.send(unix.SIGTERM)
		w.at(100 * second)
		w.saw(`
			20s stopping by TERM: TERM to [1]
			20s TERM to 100
			1m20s killed 1: 1 processes, 0 connections
			1m20s KILL to group 100
			1m20s ended 1, draining: killed by SIGKILL
			1m20s gone 0`)
	})
}

func TestLookThatIsDueDuringAnotherFollowsIt(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 3*second + second*7/8
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{}}}
		w.lookTakes = second / 4
		w.swap()
		w.at(40 * second)
		w.saw(`
			27.25s killed 1: 1 processes, 0 connections
			27.25s KILL to group 100
			27.25s reaped 101`)
	})
}

func TestProcessWithTheReusedPidOfALeaderIsLeftAlone(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 4*second + second/2
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{outside: true}}}
		w.swap()
		w.orphan(100, 0)
		w.processes[100].waits = true
		w.at(40 * second)
		w.saw(`
			27.5s killed 1: 1 processes, 0 connections
			27.5s KILL to 101
			27.5s reaped 101`)
		delete(w.processes, 100)
	})
}

func TestOrphansAreReaped(t *testing.T) {
	for name, rules := range map[string]Config{"run": runRules(), "start_server": starterRules()} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, rules, func(w *fakeWorld) {
				w.serve()
				w.orphan(901, 1)
				w.kill(901, process.Exit{Code: 1})
				w.saw(`20s reaped 901`)
			})
		})
	}
}
