package bridge

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func TestFormerIsToldAfterProbation(t *testing.T) {
	c := runRules()
	c.SignalOnHup = unix.SIGQUIT
	inWorld(t, c, func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(30 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			23s current 2 after 1
			23s QUIT to 100
			23s ended 1, draining: exited 0`)
	})
}

func TestFormerIsToldAtOnceWithoutProbation(t *testing.T) {
	c := runRules()
	c.Probation = 0
	inWorld(t, c, func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(30 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			21s current 2 after 1
			21s TERM to 100
			21s ended 1, draining: exited 0`)
	})
}

func TestFormerIsUntouchedWhenTheCandidateFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		child
		want string
	}{
		{"before it is ready", child{life: second / 2, code: 1}, `
			20s asked
			20s spawned 2
			20.5s failed 2: exited 1; 1 serves`},
		{"on probation", child{life: 2 * second, code: 1}, `
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			22s failed 2: exited 1; 1 serves`},
		{"cannot be forked", child{forkFails: unix.EAGAIN}, `
			20s asked
			20s failed 2: cannot start a process: resource temporarily unavailable; 1 serves`},
		{"is late", child{execTakes: 90 * second}, `
			20s asked
			20s spawned 2
			1m20s TERM to 200
			1m20s failed 2: not ready after 60s: its command was not executed yet; 1 serves
			1m20s ended 2, draining: exited 0`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, runRules(), func(w *fakeWorld) {
				w.serve()
				w.children[2] = tt.child
				w.hup()
				w.at(200 * second)
				w.saw(tt.want)
			})
		})
	}
}

func TestUnpreparedSwapSpawnsNothing(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.prepareFails = errors.New("bad file")
		w.hup()
		w.at(30 * second)
		w.saw(`
			20s asked
			20s failed 2: bad file; 1 serves`)
	})
}

func TestRequestsDuringASwapAreCoveredByOneMore(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(21 * second)
		for range 3 {
			w.hup()
		}
		w.at(60 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			21s asked
			21s asked
			21s asked
			23s current 2 after 1
			23s TERM to 100
			23s ended 1, draining: exited 0
			23s spawned 3
			24s proving 3 beside [2]
			26s current 3 after 2
			26s TERM to 200
			26s ended 2, draining: exited 0`)
	})
}

func TestNextSwapFollowsAFailedOne(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.children[2] = child{life: second / 2, code: 1}
		w.hup()
		w.hup()
		w.at(30 * second)
		w.saw(`
			20s asked
			20s spawned 2
			20s asked
			20.5s failed 2: exited 1; 1 serves
			20.5s spawned 3
			21.5s proving 3 beside [1]
			23.5s current 3 after 1
			23.5s TERM to 100
			23.5s ended 1, draining: exited 0`)
	})
}

func TestFloodOfRequestsIsTwoSwaps(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		for range 1000 {
			w.hup()
		}
		for range 1000 { // faster than the loop
			notify(w.signals.hup, unix.SIGHUP)
		}
		synctest.Wait()
		w.at(100 * second)
		spawned := 0
		for _, line := range w.seen() {
			if strings.Contains(line, "spawned") {
				spawned++
			}
		}
		if spawned != 2 {
			t.Errorf("%d swaps", spawned)
		}
	})
}

func TestDeathOfTheCurrentPromotesTheProvingOne(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(22 * second)
		w.kill(100, process.Exit{Signal: unix.SIGSEGV})
		w.at(40 * second)
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			22s ended 1, current: killed by SIGSEGV
			22s current 2`)
	})
}

func TestDeathOfTheCurrentSparesTheStartingOneProbation(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(20*second + second/2)
		w.kill(100, process.Exit{Signal: unix.SIGSEGV})
		w.at(40 * second)
		w.saw(`
			20s asked
			20s spawned 2
			20.5s ended 1, current: killed by SIGSEGV
			21s current 2`)
	})
}
