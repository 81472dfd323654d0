package bridge

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// Bridge is a running bridge. All of it belongs to the loop, but for what is
// safe by itself: posted, done, closers, leaders, unreachable and news.
type Bridge struct {
	config  Config
	system  system
	targets []ready.Target // the handed stream sockets
	posted  chan func()
	done    chan struct{}
	timers  *timers
	census  census // the loop's own; one look at a time

	closers     sync.WaitGroup                   // of NOTIFY_SOCKETs
	leaders     atomic.Pointer[[]process.Leader] // of the generations that are not gone
	unreachable atomic.Bool                      // every stream socket is dead: no candidate can be ready
	news        news

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

	started  time.Time
	sockets  []report.Socket
	dead     map[int]bool // of these, by descriptor: shut down for good
	strays   []int
	waiters  []waiter
	last     report.Swap // the newest that is decided
	reload   report.Swap // the newest that was asked for
	counters report.Counters
	retry    time.Time // when the next try is due; zero: none is
}

// New makes a bridge, which [Bridge.Run] starts.
func New(c Config) *Bridge { return newBridge(c, newSystem()) }

// Run starts the child and supervises it until it is asked to stop; it returns
// the exit status. The signals go on being taken in: one more TERM must not keep
// the caller from putting away what it made.
func (b *Bridge) Run(s *Signals) int {
	exit := b.run(s)
	select {
	case <-b.closed():
	case <-time.After(closing):
	}
	return exit
}

// closing is how long the end waits for the files of NOTIFY_SOCKETs to go.
const closing = time.Second

func (b *Bridge) closed() <-chan struct{} {
	closed := make(chan struct{})
	go func() {
		b.closers.Wait()
		close(closed)
	}()
	return closed
}

func newBridge(c Config, s system) *Bridge {
	b := &Bridge{
		config:      c,
		system:      s,
		posted:      make(chan func()),
		done:        make(chan struct{}),
		generations: map[int]*generation{},
		dead:        map[int]bool{},
		state: machine.New(machine.Rules{
			Starter:  c.Starter,
			IdleExit: c.IdleExit,
			OnHup:    machine.Signal(c.SignalOnHup),
			OnTerm:   machine.Signal(c.SignalOnTerm),
		}),
	}
	b.timers = newTimers(b.post)
	b.census = s.newCensus()
	b.news.changed = make(chan struct{})
	b.publishLeaders()
	b.sockets = slices.Clone(c.Sockets)
	b.targets = s.targets(c.Launch.Sockets)
	return b
}

// run is the loop.
func (b *Bridge) run(s *Signals) int {
	defer close(b.done)
	b.started = time.Now()
	b.trouble("orphans will fall to PID 1", b.system.subreaper())
	b.armPing()
	b.happened(machine.Event{Kind: machine.Reload})
	for !b.ended {
		select {
		case call := <-b.posted:
			call()
		case <-s.child:
			b.reap()
		case <-s.hup:
			b.reloadAsked("HUP")
		case e, ok := <-b.config.Changes:
			b.socketsChanged(e, ok)
		case sig := <-s.stop:
			b.stopAsked(sig)
		case sig := <-s.other:
			b.say(Ignored{sig.(unix.Signal)})
		}
	}
	b.say(Gone{b.state.Exit})
	return b.state.Exit
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

func (b *Bridge) step(e machine.Event) {
	var actions []machine.Action
	b.before = b.state
	b.state, actions = machine.Step(b.state, e)
	b.sayAuto(e)
	if e.Kind == machine.Retry && b.state.Last > b.before.Last {
		b.counters.Replacements++
	}
	for _, a := range actions {
		b.perform(a)
	}
}

func (b *Bridge) say(n Notice) {
	if b.config.Log != nil {
		b.config.Log(n)
	}
}
