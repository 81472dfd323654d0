package machine

import "slices"

// Phase is where a generation stands in its life.
type Phase uint8

// A generation goes through these in order; it may skip to draining from any.
// The zero value is no phase: a generation that is gone has none.
const (
	Gone     Phase = iota
	Starting       // spawned, not yet ready
	Proving        // ready, on probation: serves beside the current one
	Current        // the one that serves
	Draining       // told to stop, or its leader is gone
)

// Signal is a signal number, as in signal(7).
type Signal uint8

// Term is what INT is passed on as (Server::Starter's behaviour).
const Term Signal = 15

// Rules is what differs between bridges. It does not change while one runs.
type Rules struct {
	// Starter selects start_server's rules: a failed swap is tried again for
	// ever, so is the first start, and every swap tells all older generations
	// to go, again.
	Starter bool
	// IdleExit ends the bridge when the current one exits with status 0.
	IdleExit bool
	// OnHup tells a former current one to go, --signal-on-hup.
	OnHup Signal
	// OnTerm tells a generation to go in every other case, --signal-on-term.
	OnTerm Signal
}

// Generation is one run of the child.
type Generation struct {
	Number int
	Phase  Phase
	Told   Signal // the last signal it was told; 0: none
	Exited bool   // its leader is gone
}

// State is all that the supervisor knows. It is a value: [Step] returns a new one.
type State struct {
	Rules       Rules
	Generations []Generation // those that are not gone, oldest first
	Last        int          // number of the newest generation ever
	Asked       int          // requests so far, boot included
	Covered     int          // requests that the newest swap covers
	Answered    int          // requests that have their verdict
	Failures    int          // since a current one last settled; saturates
	Ever        bool         // a generation was current once
	Retrying    bool         // the back-off is armed
	AutoPending bool         // an automatic restart waits for the draining ones
	Stopping    bool
	Exit        int  // status of the first stop
	Ended       bool // quit was ordered: nothing counts any more
}

// maxFailures is where counting stops: the back-off has long reached its end.
const maxFailures = 6

// New returns the state of a bridge that has not started anything.
// Its first [Reload] is the boot.
func New(r Rules) State { return State{Rules: r} }

// Candidate returns the generation that is starting or proving.
func (s *State) Candidate() (Generation, bool) {
	return s.find(func(g Generation) bool { return g.Phase == Starting || g.Phase == Proving })
}

// Current returns the generation that serves.
func (s *State) Current() (Generation, bool) {
	return s.find(func(g Generation) bool { return g.Phase == Current })
}

// Generation returns the one with that number, if it is not gone.
func (s *State) Generation(number int) (Generation, bool) {
	return s.find(func(g Generation) bool { return g.Number == number })
}

func (s *State) find(is func(Generation) bool) (Generation, bool) {
	if i := slices.IndexFunc(s.Generations, is); i >= 0 {
		return s.Generations[i], true
	}
	return Generation{}, false
}

func (s *State) has(p Phase) bool {
	_, ok := s.find(func(g Generation) bool { return g.Phase == p })
	return ok
}

func (s *State) hasCandidate() bool {
	_, ok := s.Candidate()
	return ok
}
