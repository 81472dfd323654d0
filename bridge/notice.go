package bridge

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// Notice is something that the bridge has to say. Each kind is a type, so that
// `run` and `start_server` can word it each in its own way.
type Notice interface{ notice() }

// Who names a generation in a notice.
type Who struct {
	Generation int
	PID        int           // of its leader; 0: it was never spawned
	Age        time.Duration // since it was spawned
}

type (
	// Asked: a swap is asked for, by "HUP" or by a call of that name.
	Asked struct{ By string }

	// AutoRestart: a swap is due. Forced: though older ones still drain.
	AutoRestart struct {
		Interval time.Duration
		Forced   bool
	}

	// Spawned: a generation was started.
	Spawned struct{ Who }

	// Ready: a candidate is ready; How it was seen, and a Note where the evidence
	// is weak.
	Ready struct {
		Who
		How, Note string
	}

	// Unwell: the current one is, and a replacement is started beside it.
	Unwell struct {
		Who
		Why string
	}

	// SocketChanged: something happened to a shared socket while these
	// generations lived.
	SocketChanged struct {
		socket.Event
		Cure  string // "": none is needed
		Alive []Who
	}

	// OwnPort: a candidate died, and the current one listens on sockets that were
	// not handed to it: the program binds by itself.
	OwnPort struct {
		Who
		Listens []string
	}

	// Proving: a candidate is ready and serves beside Old for Probation.
	Proving struct {
		Who
		Old       []Who // all older generations
		Signal    unix.Signal
		Probation time.Duration
	}

	// Promoted: a generation is the current one. Beside: it was proving until
	// now, and the older ones are told to go.
	Promoted struct {
		Who
		Former Who // its Generation is 0 where there was none
		Beside bool
	}

	// Failed: a candidate failed. Serving is the current one, its Generation 0
	// where there is none.
	Failed struct {
		Who
		Reason  string
		Exit    process.Exit // of its leader, if it ended
		ByExit  bool         // that is the reason
		Ready   bool         // it was ready already
		Serving Who
	}

	// Ended: the leader of a generation that is no candidate ended in that phase.
	Ended struct {
		Who
		Phase machine.Phase // Current or Draining
		Exit  process.Exit
	}

	// Repeats: a replacement could not repeat what the dead one was started with.
	Repeats struct {
		Who
		Err error
	}

	// Backoff: the next try is due in Pause.
	Backoff struct {
		Failures int
		Pause    time.Duration
	}

	// Told: processes of a generation whose leader is gone still waited on a
	// socket and got the signal.
	Told struct {
		Who
		Signal unix.Signal
		PIDs   []int
	}

	// Killed: a generation did not go in time. Connections were established
	// when it was killed.
	Killed struct {
		Who
		Processes   int
		Connections int
	}

	// Stopping: the bridge was asked to end, by the signal of that name.
	Stopping struct {
		By     string
		Signal unix.Signal
		All    []Who
	}

	// Aborted: a second INT; everything is killed.
	Aborted struct{}

	// Ignored: a signal that means nothing to the bridge.
	Ignored struct{ Signal unix.Signal }

	// Trouble: something went wrong that the bridge goes on without.
	Trouble struct {
		What string
		Err  error
	}

	// Gone: the bridge's last words.
	Gone struct{ Exit int }
)

func (Asked) notice()         {}
func (AutoRestart) notice()   {}
func (Spawned) notice()       {}
func (Ready) notice()         {}
func (Unwell) notice()        {}
func (SocketChanged) notice() {}
func (OwnPort) notice()       {}
func (Proving) notice()       {}
func (Promoted) notice()      {}
func (Failed) notice()        {}
func (Ended) notice()         {}
func (Repeats) notice()       {}
func (Backoff) notice()       {}
func (Told) notice()          {}
func (Killed) notice()        {}
func (Stopping) notice()      {}
func (Aborted) notice()       {}
func (Ignored) notice()       {}
func (Trouble) notice()       {}
func (Gone) notice()          {}
