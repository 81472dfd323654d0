package bridge

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/process"
)

func TestFirstGenerationIsCurrentAtInterval(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.start()
		w.at(999 * second / 1000)
		w.saw(`0s spawned 1`)
		w.at(second)
		w.saw(`1s current 1`)
	})
}

func TestIntervalCountsFromTheFork(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.prepareTakes = 3 * second
		w.children[1] = child{forkTakes: second, execTakes: second / 2}
		w.start()
		w.at(10 * second)
		w.saw(`
			4s spawned 1
			5s current 1`)
	})
}

func TestRunEndsWhenTheFirstStartFails(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{life: second / 2, code: 3}
		w.start()
		w.at(second)
		w.saw(`
			0s spawned 1
			500ms failed 1: exited 3
			500ms gone 1`)
		w.exited(1)
	})
}

func TestRunTakesWhatAFailedFirstStartLeftWithIt(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{life: second / 2, code: 3, workers: []worker{{waits: true}}}
		w.start()
		w.at(10 * second)
		w.saw(`
			0s spawned 1
			500ms failed 1: exited 3
			1.5s TERM to 101
			1.5s told [101]
			1.5s reaped 101
			1.5s gone 1`)
		w.exited(1)
	})
}

func TestStarterTriesTheFirstStartForEver(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		w.children[1] = child{life: second / 4, code: 3}
		w.children[2] = child{forkFails: unix.EAGAIN}
		w.start()
		w.at(10 * second)
		w.saw(`
			0s spawned 1
			250ms failed 1: exited 3
			250ms back-off 1: 750ms
			1s failed 2: cannot start a process: resource temporarily unavailable
			1s back-off 2: 1s
			2s spawned 3
			3s current 3`)
	})
}

func TestFirstCommandThatCannotBeExecutedEndsTheBridge(t *testing.T) {
	for name, rules := range map[string]Config{"run": runRules(), "start_server": starterRules()} {
		t.Run(name+", not found", func(t *testing.T) {
			inWorld(t, rules, func(w *fakeWorld) {
				w.prepareFails = &launch.CommandError{Command: "app", Path: "/app", Err: unix.ENOENT}
				w.start()
				w.saw(`
					0s failed 1: cannot find command "app": there is no /app; correct the path, or --dir
					0s gone 1`)
				w.exited(1)
			})
		})
		t.Run(name+", not executed", func(t *testing.T) {
			inWorld(t, rules, func(w *fakeWorld) {
				w.children[1] = child{
					execFails: &process.ExecError{Op: process.OpExec, Path: "/app", Errno: unix.EACCES},
					life:      second / 8, code: 127,
				}
				w.start()
				w.at(second)
				w.saw(`
					0s spawned 1
					125ms failed 1: cannot execute "/app": permission denied
					125ms gone 1`)
				w.exited(1)
			})
		})
	}
}

func TestIdleExitEndsTheBridgeAfterACleanExit(t *testing.T) {
	c := runRules()
	c.IdleExit = true
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{life: 5 * second}
		w.start()
		w.at(6 * second)
		w.saw(`
			0s spawned 1
			1s current 1
			5s ended 1, current: exited 0
			5s gone 0`)
		w.exited(0)
	})
}
