package load

import (
	"encoding/json"
	"maps"
	"time"
)

// Result counts requests by how they ended.
type Result struct {
	// Answered has the whole answers by the generation that stands in them
	// ("gen=3 pid=4711\n"), else by that of [Running.SetGeneration]; "?" when there
	// is none.
	Answered map[string]int `json:"answered"`

	Refused      int `json:"refused"`       // no connection: ECONNREFUSED, or a path that is gone
	Reset        int `json:"reset"`         // ECONNRESET before the answer began
	Closed       int `json:"closed"`        // closed before the answer began
	Cut          int `json:"cut"`           // the answer began and did not end
	TimedOut     int `json:"timed_out"`     // nothing for Config.Timeout
	ServerErrors int `json:"server_errors"` // a whole answer with status 5xx
	Wrong        int `json:"wrong"`         // another status, or what is not HTTP
	Other        int `json:"other"`         // any other error, see LastError

	// Reconnects are requests that met a kept-alive connection which the server
	// had closed unasked, and had their end on a fresh one (RFC 9112, 9.3.1).
	Reconnects int `json:"reconnects"`

	// LongestStall is the longest time from the beginning of a request to its end.
	LongestStall time.Duration `json:"-"` // longest_stall_ms

	// LastError is the text of the last request that was lost.
	LastError string `json:"last_error,omitempty"`
}

func newResult() Result { return Result{Answered: map[string]int{}} }

// Total is the number of whole answers, of all generations.
func (r Result) Total() int {
	total := 0
	for _, n := range r.Answered {
		total += n
	}
	return total
}

// Lost is the number of requests that failed for a client.
func (r Result) Lost() int {
	return r.Refused + r.Reset + r.Closed + r.Cut + r.TimedOut + r.ServerErrors + r.Wrong + r.Other
}

func (r *Result) count(o outcome) {
	if o.reconnected {
		r.Reconnects++
	}
	r.LongestStall = max(r.LongestStall, o.took)
	if o.end == answered {
		r.Answered[o.generation]++
		return
	}
	*r.counter(o.end)++
	r.LastError = o.err.Error()
}

func (r *Result) counter(e end) *int {
	switch e {
	case refused:
		return &r.Refused
	case reset:
		return &r.Reset
	case closed:
		return &r.Closed
	case cut:
		return &r.Cut
	case timedOut:
		return &r.TimedOut
	case serverError:
		return &r.ServerErrors
	case wrong:
		return &r.Wrong
	default:
		return &r.Other
	}
}

func (r Result) clone() Result {
	r.Answered = maps.Clone(r.Answered)
	return r
}

// MarshalJSON writes LongestStall in milliseconds.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result
	return json.Marshal(struct {
		plain
		LongestStall float64 `json:"longest_stall_ms"`
	}{plain(r), float64(r.LongestStall.Microseconds()) / 1000})
}
