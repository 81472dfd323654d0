package bridge

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
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
	execTakes time.Duration // from the fork to the word of it

	life    time.Duration // from the fork; 0: for ever
	code    int           // its exit status then
	deaf    bool          // to everything but KILL
	drains  time.Duration // from the signal to the end
	workers []worker      // their parent is the leader
}

// worker is a process that a leader has started and does not take with it.
type worker struct {
	waits   bool // on a handed socket
	deaf    bool
	outside bool // of the process group
}

// fakeProcess is a leader, whose pid is 100 times its generation's number, a
// worker of it, with one of the next pids, or a process of its own.
type fakeProcess struct {
	process.Process
	generation int
	path       string
	child
	worker
	exit *process.Exit
}

func (w *fakeWorld) system() system {
	return system{
		prepare:       w.prepare,
		usable:        func(launch.Launch) error { return w.repeatFails },
		spawn:         w.spawn,
		census:        w.census,
		waiting:       w.waiting,
		established:   func([]int, []ready.Target) (int, error) { return w.connections, nil },
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
	l := launch.Launch{Path: w.release, Args: s.Command, Env: w.env, Sockets: s.Sockets}
	err := w.prepareFails
	time.Sleep(w.prepareTakes)
	return l, err
}

func (w *fakeWorld) spawn(c process.Command) (int, func() error, error) {
	generation := generationOf(c.Env)
	k := w.children[generation]
	if k.forkFails == nil {
		w.fork(generation, c, k)
	}
	time.Sleep(k.forkTakes)
	executed := func() error {
		time.Sleep(k.execTakes)
		return k.execFails
	}
	return 100 * generation, executed, k.forkFails
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

func (w *fakeWorld) fork(generation int, c process.Command, k child) {
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
}

func (w *fakeWorld) add(pid, group, generation int) *fakeProcess {
	p := &fakeProcess{Process: process.Process{PID: pid, Group: group, Start: uint64(pid)}, generation: generation}
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
	if leader := w.processes[100*p.generation]; leader != nil && leader != p && leader.exit == nil {
		delete(w.processes, p.PID)
		return
	}
	notify(w.signals.child, unix.SIGCHLD)
}

// hear is what p does when a signal reaches it.
func (w *fakeWorld) hear(p *fakeProcess, sig unix.Signal) {
	switch {
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
	w.add(pid, pid, generation)
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

// census finds the living members of each generation, and whoever has the pid of
// a leader that is said to live.
func (w *fakeWorld) census(leaders []process.Leader) (process.Found, error) {
	w.startLook()
	time.Sleep(w.lookTakes)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looking = false
	found := process.Found{Members: map[int][]process.Process{}}
	for _, p := range w.sorted() {
		i := slices.IndexFunc(leaders, func(l process.Leader) bool {
			return l.Number == p.generation || l.PID == p.PID && !l.Gone
		})
		if i >= 0 && p.exit == nil {
			n := leaders[i].Number
			found.Members[n] = append(found.Members[n], p.Process)
		}
	}
	return found, w.lookFails
}

func (w *fakeWorld) startLook() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looking {
		w.t.Error("two looks at a time")
	}
	w.looking = true
	w.looks++
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
