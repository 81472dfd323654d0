package bridge

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/ready"
)

// Bridge is a running bridge. All of it but posted and done belongs to the loop.
type Bridge struct {
	config  Config
	system  system
	targets []ready.Target // the handed stream sockets
	posted  chan func()
	done    chan struct{}
	timers  *timers

	state       machine.State
	before      machine.State // as it was before the step that is being carried out
	queue       []machine.Event
	generations map[int]*generation // those of the state, and no others
	auto        auto
	lastLaunch  *launch.Launch // of the last one that became current
	lastSpawn   time.Time
	firstInt    time.Time
	spawning    int  // forks under way
	looking     bool // a look is under way
	lookAgain   bool // and another one is due at once
	ended       bool
}

// Run starts the child and supervises it until it is asked to stop; it returns
// the exit status.
func Run(c Config, s *Signals) int {
	defer s.close()
	return newBridge(c, newSystem()).run(s)
}

func newBridge(c Config, s system) *Bridge {
	b := &Bridge{
		config:      c,
		system:      s,
		posted:      make(chan func()),
		done:        make(chan struct{}),
		generations: map[int]*generation{},
		state: machine.New(machine.Rules{
			Starter:  c.Starter,
			IdleExit: c.IdleExit,
			OnHup:    machine.Signal(c.SignalOnHup),
			OnTerm:   machine.Signal(c.SignalOnTerm),
		}),
	}
	b.timers = newTimers(b.post)
	b.targets = s.targets(c.Launch.Sockets)
	return b
}

// run is the loop.
func (b *Bridge) run(s *Signals) int {
	defer close(b.done)
	b.trouble("orphans will fall to PID 1", b.system.subreaper())
	b.happened(machine.Event{Kind: machine.Reload})
	for !b.ended {
		select {
		case call := <-b.posted:
			call()
		case <-s.child:
			b.reap()
		case <-s.hup:
			b.reloadAsked()
		case sig := <-s.stop:
			b.stopAsked(sig)
		case sig := <-s.other:
			b.say(Ignored{sig.(unix.Signal)})
		}
	}
	b.say(Gone{b.state.Exit})
	return b.state.Exit
}

func (b *Bridge) reloadAsked() {
	if !b.state.Stopping {
		b.say(Asked{})
	}
	b.happened(machine.Event{Kind: machine.Reload})
}

// post makes the loop call f. It is for everyone but the loop itself.
func (b *Bridge) post(f func()) {
	select {
	case b.posted <- f:
	case <-b.done:
	}
}

// happened feeds the machine and carries out what it orders. What happens on
// the way waits its turn.
func (b *Bridge) happened(e machine.Event) {
	b.queue = append(b.queue, e)
	if len(b.queue) > 1 {
		return // the outer call goes on with it
	}
	for len(b.queue) > 0 {
		b.step(b.queue[0])
		b.queue = slices.Delete(b.queue, 0, 1)
	}
	b.observe()
}

func (b *Bridge) observe() {
	if b.config.Observe != nil {
		b.config.Observe(b.report())
	}
}

func (b *Bridge) step(e machine.Event) {
	var actions []machine.Action
	b.before = b.state
	b.state, actions = machine.Step(b.state, e)
	b.sayAuto(e)
	for _, a := range actions {
		b.perform(a)
	}
}

func (b *Bridge) say(n Notice) {
	if b.config.Log != nil {
		b.config.Log(n)
	}
}
