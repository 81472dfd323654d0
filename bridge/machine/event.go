package machine

import "time"

// Event is something that happened. Which fields count depends on Kind.
type Event struct {
	Kind       Kind
	Generation int           // Ready, Exited, Expired, Unwell, Emptied, Extend
	Phase      Phase         // Expired: the phase whose timer ran out
	Clean      bool          // Exited: with status 0
	NoExec     bool          // Exited: the command could not be executed
	Signal     Signal        // Stop: what the generations are to be told
	After      time.Duration // Extend: from now
}

// Kind says what happened.
type Kind uint8

// Events about one generation, then those about the bridge.
const (
	NoEvent     Kind = iota
	Ready            // it is up, and as old as --interval
	Exited           // its leader ended, or could not be spawned
	Expired          // the timer of one of its phases ran out
	Unwell           // it says so itself (WATCHDOG=trigger), or missed its watchdog
	Emptied          // its last process is gone; follows Exited exactly once
	Extend           // it asks for more time (EXTEND_TIMEOUT_USEC)
	Reload           // a request: SIGHUP or a reload by control; the first one is the boot
	Retry            // the back-off is over
	AutoDue          // the interval of --enable-auto-restart is over
	AutoOverdue      // twice that interval is over
	Stop             // the bridge is asked to end
	Abort            // it is asked to end at once
)
