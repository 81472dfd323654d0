package bridge

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func TestTermIsObeyedWhilePrepareHangs(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.prepareTakes = 10 * second
		w.start()
		w.at(5 * second)
		w.send(unix.SIGTERM)
		w.saw(`
			5s stopping by TERM: TERM to []
			5s gone 0`)
		w.exited(0)
	})
}

func TestHungPrepareFailsTheSwapInTimeAndItsLateAnswerSpawnsNothing(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.prepareTakes = 90 * second
		w.hup()
		w.at(200 * second)
		w.saw(`
			20s asked
			1m20s failed 2: not ready after 60s: its environment, directory or command cannot be read; does a file system hang, or does a FIFO stand in a file's place?; 1 serves`)
	})
}

func TestTermIsDeliveredWhenAHungForkComesBack(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{forkTakes: 10 * second}
		w.start()
		w.at(5 * second)
		w.send(unix.SIGTERM)
		w.at(20 * second)
		w.saw(`
			5s stopping by TERM: TERM to []
			10s spawned 1
			10s TERM to 100
			10s ended 1, draining: exited 0
			10s gone 0`)
		w.exited(0)
	})
}

func TestHungForkIsKilledWhenItComesBackTooLate(t *testing.T) {
	for name, rules := range map[string]Config{"run": runRules(), "start_server": starterRules()} {
		t.Run(name, func(t *testing.T) {
			rules.DrainTimeout = 2 * second
			inWorld(t, rules, func(w *fakeWorld) {
				w.children[1] = child{forkTakes: 10*second + second/2, deaf: true}
				w.start()
				w.at(5 * second)
				w.send(unix.SIGTERM)
				w.at(20 * second)
				w.saw(`
					5s stopping by TERM: TERM to []
					10.5s spawned 1
					10.5s KILL to 100
					10.5s ended 1, draining: killed by SIGKILL
					10.5s gone 0`)
			})
		})
	}
}

func TestForkThatFailsAfterTheStopEndsTheBridge(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{forkTakes: 10 * second, forkFails: unix.EAGAIN}
		w.start()
		w.at(5 * second)
		w.send(unix.SIGTERM)
		w.at(20 * second)
		w.saw(`
			5s stopping by TERM: TERM to []
			10s gone 0`)
	})
}

func TestHungExecFailsTheSwapInTime(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.children[2] = child{execTakes: 90 * second, drains: 3 * second}
		w.hup()
		w.at(200 * second)
		w.saw(`
			20s asked
			20s spawned 2
			1m20s TERM to 200
			1m20s failed 2: not ready after 60s: its command was not executed yet; 1 serves
			1m23s ended 2, draining: exited 0`)
	})
}

func TestWordOfTheExecCanComeAfterTheEnd(t *testing.T) {
	refused := &process.ExecError{Op: process.OpExec, Path: "/app", Errno: unix.EACCES}
	for _, tt := range []struct {
		name string
		child
		want string
	}{
		{"refused, heard before", child{execFails: refused, life: second / 2, code: 127}, `
			20s spawned 2
			20.5s failed 2: cannot execute "/app": permission denied; 1 serves`},
		{"refused, heard after", child{execFails: refused, life: second / 2, code: 127, wordTakes: second}, `
			20s spawned 2
			21s failed 2: cannot execute "/app": permission denied; 1 serves`},
		{"executed, heard after", child{life: second / 2, code: 3, wordTakes: second}, `
			20s spawned 2
			21s failed 2: exited 3; 1 serves`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, runRules(), func(w *fakeWorld) {
				w.serve()
				w.children[2] = tt.child
				w.hup()
				w.at(30 * second)
				w.saw("20s asked\n" + tt.want)
			})
		})
	}
}

func TestReapedLeaderIsNotSignalledWhileTheWordOfItsExecIsDue(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{life: second, wordTakes: 10 * second}
		w.start()
		w.at(5 * second)
		w.send(unix.SIGTERM)
		w.at(20 * second)
		w.saw(`
			0s spawned 1
			5s stopping by TERM: TERM to []
			10s ended 1, draining: exited 0
			10s gone 0`)
	})
}

func TestLeaderThatEndsBeforeItsForkIsHeardOfIsNotReapedAsAnOrphan(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.orphan(901, 1)
		w.children[2] = child{forkTakes: 3 * second, life: second, code: 3}
		w.hup()
		w.at(22 * second)
		w.kill(901, process.Exit{}) // nor is an orphan, in the meantime
		w.at(30 * second)
		w.saw(`
			20s asked
			23s spawned 2
			23s reaped 901
			23s failed 2: exited 3; 1 serves`)
	})
}

func TestLeadersAreReapedWhileAnUnknownChildIsLeft(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.children[2] = child{forkTakes: 5 * second}
		w.orphan(50, 0)
		w.hup()
		w.at(21 * second)
		w.kill(50, process.Exit{})
		w.at(22 * second)
		w.kill(100, process.Exit{Code: 1})
		w.at(30 * second)
		w.saw(`
			20s asked
			22s ended 1, current: exited 1
			25s spawned 2
			25s reaped 50
			26s current 2`)
	})
}

func TestHungLookDoesNotStopTheKill(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 5 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{deaf: true, workers: []worker{{deaf: true}}}
		w.serve()
		w.lookTakes = 30 * second
		w.send(unix.SIGTERM)
		w.at(200 * second)
		w.saw(`
			20s stopping by TERM: TERM to [1]
			20s TERM to 100
			26s killed 1: 1 processes, 0 connections
			26s KILL to group 100
			26s ended 1, draining: killed by SIGKILL
			26s reaped 101
			1m55s gone 0`)
	})
}

func TestFailedLookIsNotAnEmptyGeneration(t *testing.T) {
	c := runRules()
	c.DrainTimeout = 5 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{deaf: true}}}
		w.serve()
		w.lookFails = unix.EMFILE
		w.send(unix.SIGTERM)
		w.at(27*second + second/2)
		w.lookFails = nil
		w.seen()
		w.at(40 * second)
		w.saw(`
			28s killed 1: 1 processes, 0 connections
			28s KILL to group 100
			28s reaped 101
			28s gone 0`)
	})
}
