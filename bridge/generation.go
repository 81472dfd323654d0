package bridge

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// generation is what the loop knows of one run of the child beside its phase.
type generation struct {
	number  int
	stage   stage
	ordered time.Time // when its spawn was
	since   time.Time // when it was spawned; before that, as ordered
	launch  launch.Launch
	failure error  // it could not be prepared, spawned or executed
	pid     int    // of its leader; 0 until it is spawned
	before  uint64 // a time before it was spawned, by process.Now
	exit    *process.Exit
	ended   time.Time // when its leader was found to be gone
	ready   bool

	kin       *kin // its processes, for those outside the loop
	watch     watch
	endWatch  func()
	notify    notifySocket  // nil without one
	watchdog  time.Duration // longest time between two WATCHDOG=1; 0: none is due
	complaint string        // why it is unwell
	status    string        // what it says of itself
	entered   time.Time     // when it entered its phase
	expires   time.Time     // when the timer of its phase runs out; zero: never

	told      unix.Signal           // the last signal it was told; 0: none
	heard     map[heard]unix.Signal // what was told to processes that its leader left behind
	doomed    bool                  // all of it is to be killed
	killed    bool                  // and that was said
	seenEmpty bool                  // the last look found nothing of it
}

// heard is a process that was told to go: pids are reused, start times are not.
type heard struct {
	pid   int
	start uint64
}

// stage is how far a generation's leader has come.
type stage uint8

const (
	preparing stage = iota + 1 // its launch is being made
	spawning                   // it is being forked
	executing                  // it lives, but is not the command yet
	running                    // it is the command
	over                       // it has ended, or never came to be
)

// alive tells whether its leader is a process that was not reaped yet.
func (g *generation) alive() bool {
	return (g.stage == executing || g.stage == running) && g.exit == nil
}

// leader is g as a census knows it.
func (g *generation) leader(group bool) process.Leader {
	return process.Leader{Number: g.number, PID: g.pid, Group: group, Gone: g.exit != nil, Since: g.before}
}

func (g *generation) who() Who {
	return Who{Generation: g.number, PID: g.pid, Age: time.Since(g.since)}
}

// reason says in one line why g failed as a candidate.
func (g *generation) reason(why machine.Reason) string {
	switch why {
	case machine.Died:
		if g.failure != nil {
			return g.failure.Error()
		}
		return g.exit.String()
	case machine.NotReady:
		return fmt.Sprintf("not ready after %s: %s", inSeconds(time.Since(g.ordered)), g.why())
	case machine.IsUnwell:
		return g.complaint
	case machine.IsStopping, machine.NoReason:
	}
	return ""
}

// why says why g is not ready yet.
func (g *generation) why() string {
	switch {
	case g.failure != nil: // errCalledOff
		return "its environment, directory or command cannot be read; does a file system hang, or does a FIFO stand in a file's place?"
	case g.watch == nil:
		return "its command was not executed yet"
	}
	return g.watch.Why()
}

// living lists the generations that are not gone, oldest first. In the middle of
// a step the state can hold one more, which is about to be spawned.
func (b *Bridge) living() []*generation {
	var all []*generation
	for _, m := range b.state.Generations {
		if g, ok := b.generations[m.Number]; ok {
			all = append(all, g)
		}
	}
	return all
}

// others names the generations whose leaders live, but for g, oldest first.
func (b *Bridge) others(g *generation) []Who {
	var all []Who
	for _, o := range b.living() {
		if o != g && o.alive() {
			all = append(all, o.who())
		}
	}
	return all
}

// current names the generation that serves in that state, if its leader lives.
func (b *Bridge) current(s *machine.State) Who {
	m, _ := s.Current()
	if g, ok := b.generations[m.Number]; ok && g.alive() {
		return g.who()
	}
	return Who{}
}

// inSeconds is a duration for messages: "60s", "0.4s".
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + "s"
}
