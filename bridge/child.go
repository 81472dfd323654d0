package bridge

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// How a generation's leader comes to be: prepare, fork, exec. Each of the three
// can hang on a file system, so each runs outside the loop and comes back to it.

// errCalledOff is why a generation has no leader that was told to go before it
// had one.
var errCalledOff = errors.New("called off before it was spawned")

func (b *Bridge) spawn(number int, repeat bool) {
	now := time.Now()
	g := &generation{
		number: number, ordered: now, since: now, stage: preparing,
		heard: map[heard]unix.Signal{}, kin: b.newKin(number), watchdog: b.config.Watchdog,
	}
	b.generations[number] = g
	b.lastSpawn = now
	last := b.lastLaunch
	go func() {
		l, notRepeated, err := b.prepare(repeat, last)
		b.post(func() { b.prepared(g, l, notRepeated, err) })
	}()
}

// prepare makes the launch value. A replacement repeats what the last current
// one was started with; where that is gone it looks anew and says why.
func (b *Bridge) prepare(repeat bool, last *launch.Launch) (l launch.Launch, notRepeated, err error) {
	if repeat && last != nil {
		if notRepeated = b.system.usable(*last); notRepeated == nil {
			return *last, nil, nil
		}
	}
	l, err = b.system.prepare(b.config.Launch)
	return l, notRepeated, err
}

func (b *Bridge) prepared(g *generation, l launch.Launch, notRepeated, err error) {
	if g.stage != preparing {
		return // it was called off meanwhile
	}
	if notRepeated != nil {
		b.say(Repeats{g.who(), notRepeated})
	}
	if err != nil {
		b.stillborn(g, err)
		return
	}
	g.launch, g.stage, g.before = l, spawning, process.Now()
	b.spawning++
	go func() {
		n, fallback, err := b.openNotify(g)
		pid, executed := 0, (func() error)(nil)
		if err == nil {
			pid, executed, err = b.system.spawn(b.command(g, n))
		}
		b.post(func() {
			b.trouble("its NOTIFY_SOCKET has an abstract name instead", fallback)
			g.notify = n
			b.spawned(g, pid, executed, err)
		})
	}()
}

// command is what g's leader becomes. It reads nothing that changes.
func (b *Bridge) command(g *generation, n notifySocket) process.Command {
	var own []string
	if n != nil {
		own = append(own, "NOTIFY_SOCKET="+n.Addr())
	}
	if b.config.Watchdog > 0 {
		own = append(own, fmt.Sprintf("WATCHDOG_USEC=%d", b.config.Watchdog.Microseconds()))
	}
	c := Command(g.launch.For(g.number, own...))
	c.Group, c.WatchdogPID = !b.config.Starter, b.config.Watchdog > 0
	return c
}

// Command is the process that a launch asks for, in nobody's group of its own
// and without a watchdog.
func Command(l launch.Launch) process.Command {
	c := process.Command{Path: l.Path, Args: l.Args, Dir: l.Dir, Env: l.Env, ListenPID: l.ListenFDS}
	for _, s := range l.Sockets {
		c.Files = append(c.Files, process.File{From: s.From, To: s.To})
	}
	return c
}

// spawned hears of the fork; executed waits for the exec.
func (b *Bridge) spawned(g *generation, pid int, executed func() error, err error) {
	b.spawning--
	defer b.reap() // what had to wait because it may have been this one
	if err != nil {
		b.stillborn(g, fmt.Errorf("cannot start a process: %w", err))
		return
	}
	g.pid, g.since, g.stage = pid, time.Now(), executing
	b.publishLeaders()
	if g.notify != nil {
		b.listenTo(g)
	}
	b.say(Spawned{g.who()})
	b.observe()
	if g.told != 0 {
		b.signalLeader(g, g.told)
	}
	go func() {
		err := executed()
		b.post(func() { b.executed(g, err) })
	}()
}

// executed hears what became of the exec. The leader may have been reaped in
// between: then its end was held back until now, for the reason's sake.
func (b *Bridge) executed(g *generation, err error) {
	g.stage, g.failure = running, err
	switch {
	case g.exit != nil:
		b.leaderGone(g)
	case err == nil && g.told == 0:
		b.awaitReady(g)
	}
}

// stillborn ends a generation that never had a leader.
func (b *Bridge) stillborn(g *generation, err error) {
	g.failure, g.stage = err, over
	b.happened(machine.Event{Kind: machine.Exited, Generation: g.number, NoExec: noExec(err)})
	b.emptied(g)
}

// noExec tells whether the command cannot be executed: it was not found, or exec
// refused it.
func noExec(err error) bool {
	var (
		refused  *process.ExecError
		notFound *launch.CommandError
	)
	return errors.As(err, &refused) || errors.As(err, &notFound)
}

// leaderEnded follows the reaping of g's leader.
func (b *Bridge) leaderEnded(g *generation, e process.Exit) {
	g.exit, g.ended = &e, time.Now()
	b.publishLeaders()
	b.forgetReadiness(g)
	if g.stage != executing {
		b.leaderGone(g)
	}
}

func (b *Bridge) leaderGone(g *generation) {
	g.stage = over
	if m, _ := b.state.Generation(g.number); m.Phase == machine.Current || m.Phase == machine.Draining {
		b.say(Ended{g.who(), m.Phase, *g.exit})
	}
	b.happened(machine.Event{
		Kind: machine.Exited, Generation: g.number,
		Clean: g.exit.Clean(), NoExec: noExec(g.failure),
	})
	if b.config.Starter {
		b.emptied(g) // a generation is its leader
	} else {
		b.look()
	}
}

func (b *Bridge) emptied(g *generation) {
	b.happened(machine.Event{Kind: machine.Emptied, Generation: g.number})
}
