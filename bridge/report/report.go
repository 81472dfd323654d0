package report

import (
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// Report is what is known of a bridge at one moment. It is a value: whoever
// gets one may keep it. Zero times are "never" or "not yet".
type Report struct {
	Command     []string // the child's command line
	Started     time.Time
	Sockets     []Socket
	Generations []Generation // those that are not gone, oldest first

	Ready     bool // a generation was current once
	Reloading bool // a request waits for its verdict, and a swap covers it
	Stopping  bool

	Failures int       // replacements that failed in a row
	Retry    time.Time // when the next one is due
	Deadline time.Time // how long the bridge may take for what it is at; zero: as long as it likes

	Last     Swap // the newest swap that is decided; its Generation is 0 before the first
	Reload   Swap // the newest one that was asked for
	Counters Counters
	Strays   []int // pids of orphans that belong to no generation
}

// Socket is a socket that is handed on.
type Socket struct {
	Entry   string // its entry name; "" where SERVER_STARTER_PORT cannot announce it
	Address string // what the kernel says it is: "tcp 0.0.0.0:8080"
	FD      int    // its descriptor number in the child
	Here    int    // and in the bridge; no rendering has it
	Trouble string // why clients cannot reach it, and the cure; "": they can

	// Unwatched is why nobody would see that clients cannot, and the cure if so;
	// "": it is watched.
	Unwatched string
}

// Generation is one run of the child.
type Generation struct {
	Number  int
	PID     int // of its leader; 0 until it is spawned
	Phase   machine.Phase
	Since   time.Time // when it was spawned
	Entered time.Time // when it entered its phase
	Exited  bool      // its leader is gone
	Status  string    // what it says of itself, STATUS= in sd_notify(3)
}

// Swap is a swap with its verdict.
type Swap struct {
	Generation int // the candidate
	PID        int // of its leader; 0: it was never spawned
	Former     int // the generation that was current before; 0: none
	At         time.Time
	Reason     string // why it failed; "": committed
}

// Committed tells whether the swap succeeded.
func (s Swap) Committed() bool { return s.Reason == "" }

// Counters count since the bridge started.
type Counters struct {
	Committed    int // swaps beside or after a current generation
	Failed       int
	Replacements int // spawns because a current one ended by itself
}

// Serving returns the current generation, if there is one.
func (r Report) Serving() (Generation, bool) {
	for _, g := range r.Generations {
		if g.Phase == machine.Current {
			return g, true
		}
	}
	return Generation{}, false
}

// Unreachable tells whether clients cannot reach one of the sockets.
func (r Report) Unreachable() bool {
	for _, s := range r.Sockets {
		if s.Trouble != "" {
			return true
		}
	}
	return false
}

// Verdict answers a request.
type Verdict struct {
	Swap
	Stopping bool     // no swap covers it, for the bridge stops
	Serving  int      // the current generation; 0: none
	Warnings []string // what is wrong beside it, such as a socket that cannot be reached
}
