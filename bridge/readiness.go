package bridge

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
)

// How the loop hears of a generation: the watch tells when it is ready, and its
// NOTIFY_SOCKET what it says of itself. Both run outside the loop.

// notifySocket is a [ready.Notify].
type notifySocket interface {
	Addr() string
	Changed() <-chan struct{}
	Take() ready.Message
	Close()
}

// watch is a [ready.Watch].
type watch interface {
	Ready() <-chan ready.Outcome
	Why() string
}

// kin lists the processes of one generation, for its watch and for the users of
// its NOTIFY_SOCKET. It has a census of its own, since the loop's takes one at a
// time; the loop never waits for it.
type kin struct {
	number  int
	leaders *atomic.Pointer[[]process.Leader] // of all generations, to tell them apart

	mu     sync.Mutex // one census at a time
	census census
}

func (b *Bridge) newKin(number int) *kin {
	return &kin{number: number, leaders: &b.leaders, census: b.system.newCensus()}
}

// pids lists them, the leader first while it lives.
func (k *kin) pids() ([]int, error) { return k.look(false) }

// glance is pids for one who will look again: it is cheaper and may miss one.
func (k *kin) glance() ([]int, error) { return k.look(true) }

func (k *kin) look(quick bool) ([]int, error) {
	all := k.leaders.Load()
	i := slices.IndexFunc(*all, func(l process.Leader) bool { return l.Number == k.number })
	if i < 0 {
		return nil, nil // not spawned yet, or gone
	}
	k.mu.Lock()
	found, err := k.census(*all, quick)
	k.mu.Unlock()
	var pids []int
	leader := (*all)[i]
	if !leader.Gone {
		pids = append(pids, leader.PID)
	}
	for _, p := range found.Members[k.number] {
		if p.PID != leader.PID {
			pids = append(pids, p.PID)
		}
	}
	return pids, err
}

// publishLeaders follows each change of the leaders.
func (b *Bridge) publishLeaders() {
	var all []process.Leader
	for _, g := range b.living() {
		if g.pid != 0 {
			all = append(all, g.leader(!b.config.Starter))
		}
	}
	b.leaders.Store(&all)
}

// runsAs tells whether one of them is of that user.
func (k *kin) runsAs(uid uint32) bool {
	pids, err := k.pids()
	return err == nil && ready.RunsAs(pids, uid)
}

// openNotify makes g's NOTIFY_SOCKET, outside the loop. Where its directory does
// not take it, an abstract name does.
func (b *Bridge) openNotify(g *generation) (n notifySocket, fallback, err error) {
	if b.config.Starter && !b.config.Ready.Notified() {
		return nil, nil, nil
	}
	path := ""
	if b.config.NotifyDir != "" {
		path = filepath.Join(b.config.NotifyDir, strconv.Itoa(g.number))
	}
	n, err = b.system.notify(path, g.kin.runsAs)
	if err != nil && path != "" {
		fallback = err
		n, err = b.system.notify("", g.kin.runsAs)
	}
	return n, fallback, err
}

// listenTo makes the loop hear what g says, until its socket is closed.
func (b *Bridge) listenTo(g *generation) {
	n := g.notify
	go func() {
		for range n.Changed() {
			m := n.Take()
			b.post(func() { b.heard(g, m) })
		}
	}()
}

func (b *Bridge) heard(g *generation, m ready.Message) {
	if m.Extend > 0 && !g.doomed {
		b.happened(machine.Event{Kind: machine.Extend, Generation: g.number, After: m.Extend})
	}
	if m.Period != nil {
		g.watchdog = *m.Period
	}
	switch {
	case m.Watchdog == ready.Trigger:
		b.unwell(g, "said WATCHDOG=trigger")
	case m.Watchdog == ready.Ping, m.Period != nil:
		b.armWatchdog(g)
	}
	if m.Status != nil && *m.Status != g.status {
		g.status = *m.Status
		b.observe()
	}
}

// awaitReady watches g until it is ready, or told to go, or gone.
func (b *Bridge) awaitReady(g *generation) {
	ctx, cancel := context.WithCancel(context.Background())
	g.endWatch = cancel
	s := ready.Subject{
		Processes: g.kin.glance, Stopped: b.system.stopped, Leader: g.pid, Targets: b.targets,
		Spawned: g.since, Interval: b.config.Interval,
	}
	if !b.config.Starter {
		s.Dead = b.unreachable.Load
	}
	g.watch = b.system.watch(ctx, b.config.Ready, s, g.notify)
	outcomes := g.watch.Ready()
	go func() {
		if o, ok := <-outcomes; ok {
			b.post(func() { b.becameReady(g, o) })
		}
	}()
}

// becameReady looks first whether g lives: its end may be known to the kernel
// and not yet to the loop.
func (b *Bridge) becameReady(g *generation, o ready.Outcome) {
	b.reap()
	if g.told != 0 || !g.alive() {
		return
	}
	g.ready = true
	b.say(Ready{g.who(), o.How, o.Note})
	b.armWatchdog(g)
	b.happened(machine.Event{Kind: machine.Ready, Generation: g.number})
}

// leastWatchdog is what a child cannot ask to go below: it would be replaced all
// the time.
const leastWatchdog = time.Second

// armWatchdog gives a ready generation its watchdog's time to ping again.
func (b *Bridge) armWatchdog(g *generation) {
	key := timerKey{watchdogTimer, g.number}
	if !g.ready || g.told != 0 || g.watchdog == 0 {
		b.timers.stop(key)
		return
	}
	period := max(g.watchdog, leastWatchdog)
	b.timers.arm(key, period, func() {
		b.unwell(g, "did not send WATCHDOG=1 for "+inSeconds(period))
	})
}

// unwell lets the machine replace g. Its watchdog goes on: where that failed,
// it is tried again.
func (b *Bridge) unwell(g *generation, why string) {
	if g.told != 0 || !g.alive() {
		return
	}
	g.complaint = why
	last := b.state.Last
	b.happened(machine.Event{Kind: machine.Unwell, Generation: g.number})
	if b.state.Last > last {
		b.say(Unwell{g.who(), why})
	}
	b.armWatchdog(g)
}

// forgetReadiness ends what watches g.
func (b *Bridge) forgetReadiness(g *generation) {
	if g.endWatch != nil {
		g.endWatch()
	}
	b.timers.stop(timerKey{watchdogTimer, g.number})
}

// closeNotify closes g's NOTIFY_SOCKET, which takes the file system.
func (b *Bridge) closeNotify(g *generation) {
	if n := g.notify; n != nil {
		b.closers.Go(n.Close)
	}
}
