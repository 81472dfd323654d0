package bridge

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/report"
)

const second = time.Second

// fakeWorld is all that a bridge sees of the world, in the fake time of a
// synctest bubble. What the bridge says and does to processes is written down
// with its time: see saw.
type fakeWorld struct {
	t       *testing.T
	bridge  *Bridge
	signals *Signals
	began   time.Time
	exit    chan int

	// How the world is; a story may change it at any time.
	children     map[int]child // by generation
	release      string        // what prepare finds: the command's path
	env          []string      // and its environment
	prepareTakes time.Duration
	prepareFails error
	repeatFails  error
	lookTakes    time.Duration
	lookFails    error
	hidden       bool // from looks: ProtectProc=
	connections  int  // established, of a generation that is to be killed

	mu        sync.Mutex
	processes map[int]*fakeProcess // by pid; without those that were reaped
	lines     []string
	reports   []report.Report
	looks     int
	notifies  []*fakeNotify // by generation, from 1; of those that were forked
}

// runRules are the defaults of `sdbridge run`.
func runRules() Config {
	return Config{
		Interval: second, Probation: 2 * second, StartTimeout: 60 * second, DrainTimeout: 60 * second,
		SignalOnHup: unix.SIGTERM, SignalOnTerm: unix.SIGTERM,
	}
}

// starterRules are the defaults of start_server.
func starterRules() Config {
	return Config{Starter: true, Interval: second, SignalOnHup: unix.SIGTERM, SignalOnTerm: unix.SIGTERM}
}

// inWorld tells a story in a world of its own. At its end all children die, and
// nothing may be left of the bridge: a goroutine that was, would be a deadlock
// to synctest.
func inWorld(t *testing.T, c Config, story func(w *fakeWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, c)
		defer w.end()
		story(w)
	})
}

func newWorld(t *testing.T, c Config) *fakeWorld {
	w := &fakeWorld{
		t: t, exit: make(chan int, 1), children: map[int]child{}, processes: map[int]*fakeProcess{},
		release: "/app",
		signals: &Signals{
			child: make(chan os.Signal, 1), hup: make(chan os.Signal, 1),
			stop: make(chan os.Signal, 4), other: make(chan os.Signal, 1),
		},
	}
	c.Launch.Command = []string{"app"}
	c.Launch.Sockets = []launch.Descriptor{{From: 3, To: 3, Entry: "80"}}
	c.Log = func(n Notice) {
		if line := w.line(n); line != "" {
			w.write(line)
		}
	}
	c.Observe = func(r report.Report) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.reports = append(w.reports, r)
	}
	w.bridge = newBridge(c, w.system())
	return w
}

// start boots the bridge.
func (w *fakeWorld) start() {
	w.began = time.Now()
	go func() { w.exit <- w.bridge.run(w.signals) }()
	synctest.Wait()
}

// serve boots it and goes on to 20s, when generation 1 has long settled.
func (w *fakeWorld) serve() {
	w.t.Helper()
	w.start()
	w.at(20 * second)
	w.saw(`
		0s spawned 1
		1s current 1`)
}

// at goes on to that time after the boot, and to the end of what happens then.
func (w *fakeWorld) at(d time.Duration) {
	w.t.Helper()
	rest := d - time.Since(w.began)
	if rest < 0 {
		w.t.Fatalf("it is later than %v", d)
	}
	w.mu.Lock()   // the race detector does not know that time orders
	w.mu.Unlock() //nolint:staticcheck
	time.Sleep(rest)
	synctest.Wait()
}

// send is kill(2) on the bridge, as signal.Notify hands it on.
func (w *fakeWorld) send(sig unix.Signal) {
	var to chan os.Signal
	switch sig {
	case unix.SIGCHLD:
		to = w.signals.child
	case unix.SIGHUP:
		to = w.signals.hup
	case unix.SIGTERM, unix.SIGINT, unix.SIGQUIT:
		to = w.signals.stop
	default:
		to = w.signals.other
	}
	notify(to, sig)
	synctest.Wait()
}

func (w *fakeWorld) hup() { w.send(unix.SIGHUP) }

func notify(to chan os.Signal, sig unix.Signal) {
	select {
	case to <- sig:
	default:
	}
}

// saw compares what happened since it was last asked, line by line.
func (w *fakeWorld) saw(want string) {
	w.t.Helper()
	w.compare(w.seen(), want)
}

func (w *fakeWorld) compare(got []string, want string) {
	w.t.Helper()
	var lines []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	if !slices.Equal(got, lines) {
		w.t.Errorf("saw\n\t%s\nnot\n\t%s", strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// seen returns what happened since it was last asked.
func (w *fakeWorld) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.lines
	w.lines = nil
	return lines
}

func (w *fakeWorld) write(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeLocked(line)
}

func (w *fakeWorld) writeLocked(line string) {
	w.lines = append(w.lines, time.Since(w.began).String()+" "+line)
}

// end makes an end of everything, if the story has not.
func (w *fakeWorld) end() {
	w.send(unix.SIGTERM)
	for range 3 { // a child may still be on its way
		w.killAll()
		time.Sleep(time.Hour)
	}
	select {
	case <-w.exit:
	default:
		w.t.Errorf("the bridge has not ended; it had to say\n\t%s", strings.Join(w.seen(), "\n\t"))
		w.bridge.post(func() { w.bridge.ended = true })
	}
	synctest.Wait()
	if w.bridge.config.Starter && w.looks > 0 {
		w.t.Error("start_server's rules need no look through /proc")
	}
	if n := len(w.processes); n > 0 {
		w.t.Errorf("%d processes were not reaped", n)
	}
	if n := len(w.bridge.timers.armed); n > 0 {
		w.t.Errorf("%d timers are still armed", n)
	}
}

// kept checks how much the bridge knows of: timers, and generations.
func (w *fakeWorld) kept(timers, generations int) {
	w.t.Helper()
	w.bridge.post(func() {
		if n := len(w.bridge.timers.armed); n != timers {
			w.t.Errorf("%d timers are armed, not %d", n, timers)
		}
		if n := len(w.bridge.generations); n != generations {
			w.t.Errorf("%d generations are known, not %d", n, generations)
		}
	})
	synctest.Wait()
}

// exited checks that the bridge has ended with that status.
func (w *fakeWorld) exited(status int) {
	w.t.Helper()
	select {
	case got := <-w.exit:
		w.exit <- got
		if got != status {
			w.t.Errorf("exit status %d, not %d", got, status)
		}
	default:
		w.t.Errorf("the bridge has not ended")
	}
}
