package bridge

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// A candidate that asks for more time gets it; one that asks for less keeps what
// it has.
func TestExtensionMovesTheStartTimeout(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.children[2] = child{execTakes: time.Hour}
		w.hup()
		w.at(70 * second)
		w.says(2, ready.Message{Extend: 30 * second}) // until 100s
		w.says(2, ready.Message{Extend: second})
		w.at(99 * second)
		w.saw(`
			20s asked
			20s spawned 2`)
		w.at(100 * second)
		w.saw(`
			1m40s TERM to 200
			1m40s failed 2: not ready after 80s: its command was not executed yet; 1 serves
			1m40s ended 2, draining: exited 0`)
	})
}

// A current one that does not ping is replaced beside itself, again and again.
func TestMissedWatchdogReplacesTheCurrentOne(t *testing.T) {
	c := runRules()
	c.Watchdog = 30 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.serve()
		w.says(1, ready.Message{Watchdog: ready.Ping}) // at 20s
		w.at(49 * second)
		w.saw("")
		w.at(54 * second)
		w.saw(`
			50s unwell 1: did not send WATCHDOG=1 for 30s
			50s spawned 2
			51s proving 2 beside [1]
			53s current 2 after 1
			53s TERM to 100
			53s ended 1, draining: exited 0`)
	})
}

// A candidate that says so itself has failed.
func TestTriggeredWatchdogFailsACandidate(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		w.hup()
		w.at(22 * second)
		w.says(2, ready.Message{Watchdog: ready.Trigger})
		w.saw(`
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			22s TERM to 200
			22s failed 2: said WATCHDOG=trigger; 1 serves
			22s ended 2, draining: exited 0`)
	})
}

// Each caller gets the verdict of a swap that began after it asked.
func TestCallersGetTheirVerdict(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		one := w.bridge.Reload()
		w.at(21 * second)
		two, three := w.bridge.Reload(), w.bridge.Reload()
		w.at(40 * second)
		for i, verdict := range []<-chan report.Verdict{one, two, three} {
			v, want := <-verdict, []int{2, 3, 3}[i]
			if v.Generation != want || !v.Committed() {
				t.Errorf("caller %d got %+v, not the verdict of generation %d", i+1, v, want)
			}
		}
	})
}

func TestCallersAreToldThatTheBridgeStops(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.serve()
		pending := w.bridge.Reload()
		w.send(unix.SIGTERM)
		w.exited(0)
		late := w.bridge.Reload()
		if v := <-pending; !v.Stopping {
			t.Errorf("pending: %+v", v)
		}
		if v := <-late; !v.Stopping {
			t.Errorf("late: %+v", v)
		}
	})
}
