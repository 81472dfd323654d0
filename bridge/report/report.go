package report

import (
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// Report is what is known of a bridge at one moment. It is a value: whoever
// gets one may keep it.
type Report struct {
	Generations []Generation // those that are not gone, oldest first
	Stopping    bool
}

// Generation is one run of the child.
type Generation struct {
	Number int
	PID    int // of its leader; 0 until it is spawned
	Phase  machine.Phase
	Since  time.Time // when it was spawned
	Exited bool      // its leader is gone
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
