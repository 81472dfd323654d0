package report

import "time"

// Status is a Report and what was measured when somebody asked for it.
type Status struct {
	Report
	Name   string      // what the bridge was asked for by; "": not by name
	PID    int         // of the bridge
	At     time.Time   // when it answered
	Queues map[int]int // connections that wait to be accepted, by Socket.FD; none: not known
}

// Failure returns the failed swap that somebody has to look into: the newest
// one that was asked for, until such a one succeeds, else the newest of all.
// A replacement that came up since is no cure for a release that did not.
func (r Report) Failure() (Swap, bool) {
	for _, s := range []Swap{r.Reload, r.Last} {
		if s.Generation != 0 && !s.Committed() {
			return s, true
		}
	}
	return Swap{}, false
}
