package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// That nothing stays behind is seen to at the end of every story; here there is
// much that could.
func TestNothingStaysBehindWhenTheLoopEnds(t *testing.T) {
	c := autoRules()
	c.DrainTimeout = second / 2
	inWorld(t, c, func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true}}}
		w.serve()
		w.prepareTakes, w.lookTakes = 100*second, 3*second
		w.hup()
		w.send(unix.SIGTERM)
		w.at(60 * second) // prepare hangs still
		w.exited(0)
		posted := make(chan struct{})
		go func() {
			w.bridge.post(func() { t.Error("called after the end") })
			close(posted)
		}()
		synctest.Wait()
		select {
		case <-posted:
		default:
			t.Error("post blocks after the end")
		}
	})
}

func TestOnlyWhatIsStillWantedIsKept(t *testing.T) {
	c := environRules()
	c.DrainTimeout = 60 * second
	inWorld(t, c, func(w *fakeWorld) {
		w.children[3] = child{life: second / 4}
		w.children[4] = child{drains: 60 * second}
		w.env = []string{"AUTO=100s"}
		w.serve()
		w.kept(1, 1) // auto
		w.hup()
		w.at(21 * second)
		w.kept(2, 1) // auto, settled
		w.at(40 * second)
		w.kill(200, process.Exit{})
		w.at(40*second + second/2)
		w.kept(2, 0) // auto, back-off
		w.hup()
		w.kept(1, 1) // auto
		w.at(60 * second)
		w.prepareTakes = second / 2
		w.at(62*second + second/4) // --envdir is being read
		w.send(unix.SIGTERM)
		w.at(70*second + second/4)
		w.kept(1, 1) // draining
	})
}

func TestTimerThatWasReplacedBeforeTheLoopCameToItDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late []func()
		timers := newTimers(func(f func()) { late = append(late, f) })
		key := timerKey{phaseTimer, 1}
		fired := ""
		timers.arm(key, second, func() { fired += "old" })
		time.Sleep(second)
		synctest.Wait()
		timers.arm(key, second, func() { fired += "never" })
		timers.arm(key, second, func() { fired += "new" })
		time.Sleep(second)
		synctest.Wait()
		if len(late) != 2 {
			t.Errorf("%d calls", len(late))
		}
		for _, f := range late {
			f()
		}
		if fired != "new" || len(timers.armed) != 0 {
			t.Errorf("fired %q, %d armed", fired, len(timers.armed))
		}
	})
}

func TestTroubleIsSaidAndTheBridgeGoesOn(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		s, whole := &w.bridge.system, w.bridge.system
		s.subreaper = func() error { return unix.ENOSYS }
		s.signal = func(int, unix.Signal) error { return unix.EPERM }
		s.reap = func(int) (process.Exit, bool, error) { return process.Exit{}, false, unix.ECHILD }
		w.start()
		w.at(20 * second)
		w.hup()
		w.orphan(901, 1)
		w.at(30 * second)
		w.kill(901, process.Exit{})
		s.reap, s.nextDead = whole.reap, func() (int, bool, error) { return 0, false, unix.EIO }
		w.send(unix.SIGCHLD)
		s.nextDead = whole.nextDead
		w.send(unix.SIGCHLD)
		w.at(100 * second)
		w.saw(`
			0s trouble: orphans will fall to PID 1: function not implemented
			0s spawned 1
			1s current 1
			20s asked
			20s spawned 2
			21s proving 2 beside [1]
			23s current 2 after 1
			23s trouble: a generation's leader was not signalled: operation not permitted
			30s trouble: a dead child is left for later: no child processes
			30s trouble: dead children are left for later: input/output error
			30s reaped 901
			1m23s killed 1: 1 processes, 0 connections
			1m23s KILL to group 100
			1m23s ended 1, draining: killed by SIGKILL`)
	})
}
