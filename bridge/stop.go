package bridge

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// abortAfter is how long after the first INT another one means it.
const abortAfter = time.Second

// stopAsked follows TERM, QUIT and INT. INT tells the generations TERM, as
// Server::Starter does; a second one, at least a second later, kills.
func (b *Bridge) stopAsked(sig os.Signal) {
	if sig != os.Interrupt {
		b.stop(sig.(unix.Signal), b.config.SignalOnTerm)
		return
	}
	switch {
	case b.firstInt.IsZero():
		b.firstInt = time.Now()
		b.stop(unix.SIGINT, unix.SIGTERM)
	case time.Since(b.firstInt) >= abortAfter:
		b.say(Aborted{})
		b.happened(machine.Event{Kind: machine.Abort})
	}
}

func (b *Bridge) stop(by, tell unix.Signal) {
	if b.state.Stopping {
		return
	}
	b.say(Stopping{By: process.SignalName(by), Signal: tell, All: b.others(nil)})
	b.happened(machine.Event{Kind: machine.Stop, Signal: machine.Signal(tell)})
}

// tell gives g's leader the signal, or sees to what it left behind. One that
// has no leader yet is called off.
func (b *Bridge) tell(g *generation, sig unix.Signal) {
	g.told = sig
	b.forgetReadiness(g)
	switch g.stage {
	case preparing:
		b.stillborn(g, errCalledOff)
	case spawning: // told as soon as it has a pid
	case executing, running:
		if g.alive() { // else it is reaped, and what came of its exec is not known yet
			b.signalLeader(g, sig)
			b.letGoOn(g)
		}
	case over:
		b.look()
	}
}

// kill ends every process of g; in start_server's rules that is its leader.
func (b *Bridge) kill(g *generation) {
	again := g.doomed
	g.doomed = true
	switch {
	case g.stage == spawning:
		g.told = unix.SIGKILL
	case b.config.Starter:
		if g.alive() {
			b.sayKilled(g, seen{})
			b.signalLeader(g, unix.SIGKILL)
		}
	default:
		if again && g.alive() { // the look hangs, or failed
			b.sayKilled(g, seen{})
			b.killGroup(g)
		}
		b.look()
	}
}

// sayKilled says it once.
func (b *Bridge) sayKilled(g *generation, s seen) {
	if !g.killed {
		g.killed = true
		b.say(Killed{g.who(), max(1, len(s.members)), s.connections})
	}
}

// killGroup is safe against a reused number while g's leader is not reaped or
// a member of the group is known to live.
func (b *Bridge) killGroup(g *generation) {
	b.trouble("a generation's process group was not killed", b.system.signalGroup(g.pid, unix.SIGKILL))
}

// signalLeader is safe against a reused pid: the loop has not reaped it yet.
func (b *Bridge) signalLeader(g *generation, sig unix.Signal) {
	b.trouble("a generation's leader was not signalled", b.system.signal(g.pid, sig))
}

// letGoOn continues a leader that is stopped, since it read from the terminal,
// say: it would not hear what it was told. Server::Starter does no such thing.
func (b *Bridge) letGoOn(g *generation) {
	if b.config.Starter {
		return
	}
	pid := g.pid
	go func() {
		if b.system.stopped(pid) {
			b.post(func() {
				if g.alive() {
					b.signalLeader(g, unix.SIGCONT)
				}
			})
		}
	}()
}

// trouble says what went wrong. That a process has just gone is no trouble.
func (b *Bridge) trouble(what string, err error) {
	if err != nil && !errors.Is(err, unix.ESRCH) {
		b.say(Trouble{what, err})
	}
}
