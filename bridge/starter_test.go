package bridge

import (
	"slices"
	"testing"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func TestStarterTriesAFailedSwapAgainForEver(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		for n := 2; n <= 3; n++ {
			w.children[n] = child{life: second / 4, code: 1}
		}
		w.serve()
		w.hup()
		w.at(30 * second)
		w.saw(`
			20s asked
			20s spawned 2
			20.25s failed 2: exited 1; 1 serves
			20.25s back-off 1: 750ms
			21s spawned 3
			21.25s failed 3: exited 1; 1 serves
			21.25s back-off 2: 750ms
			22s spawned 4
			23s proving 4 beside [1]
			23s current 4 after 1
			23s TERM to 100
			23s ended 1, draining: exited 0`)
	})
}

func TestStarterReplacesAtOnceThenEachInterval(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		w.release = "/a/app"
		w.children[2] = child{life: second / 4, code: 1}
		w.start()
		w.at(20 * second)
		w.seen()
		w.release = "/b/app" // it looks anew
		w.kill(100, process.Exit{})
		w.at(30 * second)
		w.saw(`
			20s ended 1, current: exited 0
			20s back-off 1: 0s
			20s spawned 2 from /b/app
			20.25s failed 2: exited 1
			20.25s back-off 2: 750ms
			21s spawned 3 from /b/app
			22s current 3`)
	})
}

func TestStarterTellsAllOlderGenerationsAgain(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		w.children[1] = child{deaf: true}
		w.children[2] = child{drains: second / 2}
		w.serve()
		w.hup()
		w.at(21 * second)
		w.seen()
		w.hup()
		w.at(30 * second)
		w.saw(`
			21s asked
			21s spawned 3
			22s proving 3 beside [1 2]
			22s current 3 after 2
			22s TERM to 100
			22s TERM to 200
			22.5s ended 2, draining: exited 0`)
	})
}

func TestStartersGenerationIsItsLeader(t *testing.T) {
	inWorld(t, starterRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true}}}
		w.serve()
		w.hup()
		w.at(21 * second)
		w.generations(2)
		w.at(30 * second)
		w.kill(101, process.Exit{})
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			21s current 2 after 1
			21s TERM to 100
			21s ended 1, draining: exited 0
			30s reaped 101`)
	})
}

func TestEnvironmentOfTheNewGenerationOverridesProbation(t *testing.T) {
	c := starterRules()
	c.Overrides = func(env []string) Overrides {
		if slices.Contains(env, "KILL_OLD_DELAY=5") {
			return Overrides{Probation: 5 * second}
		}
		return Overrides{}
	}
	inWorld(t, c, func(w *fakeWorld) {
		w.serve()
		w.env = []string{"KILL_OLD_DELAY=5"}
		w.hup()
		w.at(22 * second)
		w.env = nil
		w.at(30 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			26s current 2 after 1
			26s TERM to 100
			26s ended 1, draining: exited 0`)
	})
}
