package bridge

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
)

// child is what a generation does. The zero value serves for ever, alone, and
// exits 0 as soon as it is told to go.
type child struct {
	forkFails error
	forkTakes time.Duration
	execFails error
	execTakes time.Duration // a file system hangs
	wordTakes time.Duration // from the exec, its failure or its end to the word of it

	life    time.Duration // from the fork; 0: for ever
	code    int           // its exit status then
	lost    bool          // its socket: it does not wait any more
	deaf    bool          // to everything but KILL
	drains  time.Duration // from the signal to the end
	workers []worker      // their parent is the leader
}

// worker is a process that a leader has started and does not take with it.
type worker struct {
	waits   bool // on a handed socket
	deaf    bool
	stuck   bool // in the kernel: even KILL has to wait
	outside bool // of the process group
}

// fakeProcess is a leader, whose pid is 100 times its generation's number, a
// worker of it, with one of the next pids, or a process of its own.
type fakeProcess struct {
	process.Process
	generation int
	orphan     bool // its parent is the bridge
	path       string
	child
	worker
	exit *process.Exit
	gone chan struct{} // closed at its end
}

func (w *fakeWorld) system() system {
	return system{
		prepare:       w.prepare,
		usable:        w.usable,
		spawn:         w.spawn,
		newCensus:     w.newCensus,
		notify:        w.notify,
		watch:         startWatch,
		stopped:       func(int) bool { return false },
		waiting:       w.waiting,
		unserved:      w.unserved,
		established:   w.established,
		elsewhere:     func([]int, []ready.Target) []string { return nil },
		targets:       func(d []launch.Descriptor) []ready.Target { return make([]ready.Target, len(d)) },
		subreaper:     func() error { return nil },
		nextDead:      w.nextDead,
		reap:          w.reap,
		signal:        w.signal,
		signalGroup:   w.signalGroup,
		signalChecked: w.signalChecked,
	}
}

func (w *fakeWorld) prepare(s launch.Spec) (launch.Launch, error) {
	w.mu.Lock()
	l := launch.Launch{Path: w.release, Args: s.Command, Env: w.env, Sockets: s.Sockets}
	takes, err := w.prepareTakes, w.prepareFails
	w.mu.Unlock()
	time.Sleep(takes)
	return l, err
}

func (w *fakeWorld) usable(launch.Launch) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.repeatFails
}

func (w *fakeWorld) spawn(c process.Command) (int, func() error, error) {
	generation := generationOf(c.Env)
	w.mu.Lock()
	k := w.children[generation]
	w.mu.Unlock()
	if k.forkFails != nil {
		time.Sleep(k.forkTakes)
		return 0, nil, k.forkFails
	}
	leader := w.fork(generation, c, k)
	time.Sleep(k.forkTakes)
	return leader.PID, func() error {
		select {
		case <-time.After(k.execTakes):
		case <-leader.gone:
		}
		time.Sleep(k.wordTakes)
		return k.execFails
	}, nil
}

func generationOf(env []string) int {
	for _, v := range env {
		if number, ok := strings.CutPrefix(v, "SERVER_STARTER_GENERATION="); ok {
			n, _ := strconv.Atoi(number)
			return n
		}
	}
	return 0
}

func (w *fakeWorld) fork(generation int, c process.Command, k child) *fakeProcess {
	w.mu.Lock()
	defer w.mu.Unlock()
	pid := 100 * generation
	leader := w.add(pid, pid, generation)
	leader.child, leader.path = k, c.Path
	if !c.Group {
		leader.Group = 1
	}
	for i, of := range k.workers {
		group := leader.Group
		if of.outside {
			group = pid + 1 + i
		}
		w.add(pid+1+i, group, generation).worker = of
	}
	if k.life > 0 {
		leader.endAfter(w, k.life, process.Exit{Code: k.code, Status: k.code << 8})
	}
	return leader
}

func (w *fakeWorld) add(pid, group, generation int) *fakeProcess {
	p := &fakeProcess{Process: process.Process{PID: pid, Group: group, Start: uint64(pid)}, generation: generation, gone: make(chan struct{})}
	w.processes[pid] = p
	return p
}

// endAfter makes p end after d, unless it ends sooner.
func (p *fakeProcess) endAfter(w *fakeWorld, d time.Duration, e process.Exit) {
	if d == 0 {
		w.die(p, e)
		return
	}
	time.AfterFunc(d, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.die(p, e)
	})
}

// die is the end of p. Its parent reaps a worker as long as it lives; the bridge
// is the parent of all others.
func (w *fakeWorld) die(p *fakeProcess, e process.Exit) {
	if p.exit != nil {
		return
	}
	p.exit = &e
	close(p.gone)
	leader := w.processes[100*p.generation]
	if leader != nil && leader != p && leader.generation == p.generation && leader.exit == nil && !p.orphan {
		delete(w.processes, p.PID)
		return
	}
	notify(w.signals.child, unix.SIGCHLD)
}

// hear is what p does when a signal reaches it.
func (w *fakeWorld) hear(p *fakeProcess, sig unix.Signal) {
	switch {
	case p.stuck:
	case sig == unix.SIGKILL:
		w.die(p, process.Exit{Signal: sig, Status: int(sig)})
	case !p.child.deaf && !p.worker.deaf:
		p.endAfter(w, p.drains, process.Exit{})
	}
}

func (w *fakeWorld) killAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.sorted() {
		w.hear(p, unix.SIGKILL)
	}
	notify(w.signals.child, unix.SIGCHLD)
}

// kill is kill(2) by somebody else.
func (w *fakeWorld) kill(pid int, e process.Exit) {
	w.mu.Lock()
	w.die(w.processes[pid], e)
	w.mu.Unlock()
	w.at(time.Since(w.began))
}

// orphan is a process of that generation, which has lost its parent.
func (w *fakeWorld) orphan(pid, generation int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(pid, pid, generation).orphan = true
}

func (w *fakeWorld) sorted() []*fakeProcess {
	return slices.SortedFunc(maps.Values(w.processes), func(a, b *fakeProcess) int { return cmp.Compare(a.PID, b.PID) })
}

func (w *fakeWorld) nextDead() (int, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.sorted() {
		if p.exit != nil {
			return p.PID, true, nil
		}
	}
	return 0, false, nil
}

func (w *fakeWorld) reap(pid int) (process.Exit, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.processes[pid]
	switch {
	case p == nil:
		return process.Exit{}, false, unix.ECHILD
	case p.exit == nil:
		return process.Exit{}, false, nil
	}
	delete(w.processes, pid)
	if pid%100 != 0 {
		w.writeLocked("reaped " + strconv.Itoa(pid))
	}
	return *p.exit, true, nil
}

func (w *fakeWorld) signal(pid int, sig unix.Signal) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeLocked(process.SignalName(sig) + " to " + strconv.Itoa(pid))
	p := w.processes[pid]
	if p == nil {
		w.t.Errorf("%v to %d, which was reaped: it may be anybody", sig, pid)
		return unix.ESRCH
	}
	w.hear(p, sig)
	return nil
}

func (w *fakeWorld) signalGroup(group int, sig unix.Signal) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeLocked(process.SignalName(sig) + " to group " + strconv.Itoa(group))
	err := unix.ESRCH
	for _, p := range w.sorted() {
		if p.Group == group {
			err = 0
			w.hear(p, sig)
		}
	}
	if err != 0 {
		w.t.Errorf("%v to group %d, which is empty: it may be anybody's", sig, group)
		return err
	}
	return nil
}

func (w *fakeWorld) signalChecked(seen process.Process, sig unix.Signal) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeLocked(process.SignalName(sig) + " to " + strconv.Itoa(seen.PID))
	p := w.processes[seen.PID]
	if p == nil || p.Start != seen.Start {
		return unix.ESRCH
	}
	w.hear(p, sig)
	return nil
}

// fakeNotify is a NOTIFY_SOCKET: what the child says goes to says.
type fakeNotify struct {
	changed chan struct{}
	mu      sync.Mutex
	message ready.Message
}

func (w *fakeWorld) notify(string, func(uint32) bool) (notifySocket, error) {
	n := &fakeNotify{changed: make(chan struct{}, 1)}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notifies = append(w.notifies, n)
	return n, nil
}

func (n *fakeNotify) Addr() string             { return "@fake" }
func (n *fakeNotify) Changed() <-chan struct{} { return n.changed }
func (n *fakeNotify) Close()                   { close(n.changed) }

func (n *fakeNotify) Take() ready.Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.message
	n.message = ready.Message{}
	return m
}

// says is what the leader of that generation sends by sd_notify(3).
func (w *fakeWorld) says(generation int, m ready.Message) {
	w.mu.Lock()
	n := w.notifies[generation-1]
	w.mu.Unlock()
	n.mu.Lock()
	n.message = m
	n.mu.Unlock()
	n.changed <- struct{}{}
	synctest.Wait()
}

// newCensus is for one look at a time; two of them may look at once.
func (w *fakeWorld) newCensus() census {
	var looking atomic.Bool
	return func(leaders []process.Leader, _ bool) (process.Found, error) {
		if !looking.CompareAndSwap(false, true) {
			w.t.Error("two looks at a time")
		}
		defer looking.Store(false)
		return w.census(leaders)
	}
}

// census finds the living members of each generation, and whoever has the pid of
// a leader that is said to live.
func (w *fakeWorld) census(leaders []process.Leader) (process.Found, error) {
	time.Sleep(w.startLook())
	w.mu.Lock()
	defer w.mu.Unlock()
	found := process.Found{Members: map[int][]process.Process{}}
	for _, p := range w.sorted() {
		i := slices.IndexFunc(leaders, func(l process.Leader) bool {
			return l.Number == p.generation || l.PID == p.PID && !l.Gone
		})
		if i >= 0 && p.exit == nil && !w.hidden {
			n := leaders[i].Number
			found.Members[n] = append(found.Members[n], p.Process)
		}
	}
	return found, w.lookFails
}

func (w *fakeWorld) startLook() (takes time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	return w.lookTakes
}

func (w *fakeWorld) waiting(pids []int, _ []ready.Target) map[int]bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := map[int]bool{}
	for _, pid := range pids {
		p := w.processes[pid]
		seen[pid] = p != nil && p.waits
	}
	return seen
}

// unserved is asked by the names of targets, which have none here.
func (w *fakeWorld) unserved(_ ready.Rule, pids []int, _ []ready.Target) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pid := range pids {
		if p := w.processes[pid]; p != nil && p.lost {
			return []string{"80"}
		}
	}
	return nil
}

func (w *fakeWorld) established([]int, []ready.Target) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.connections, nil
}
