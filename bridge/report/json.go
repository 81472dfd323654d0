package report

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// These are the documents that `sdbridge status --json` prints and the control
// service sends: their names are stable, times are RFC 3339. A name is left out
// where it has nothing to say: a time that is "never", a swap that was not, a
// queue that is not known.

type statusDoc struct {
	Name        string          `json:"name,omitempty"`
	PID         int             `json:"pid"`
	At          time.Time       `json:"at"`
	Command     []string        `json:"command"`
	Started     time.Time       `json:"started,omitzero"`
	Serving     int             `json:"serving"` // number of the current generation; 0: none
	Ready       bool            `json:"ready"`
	Reloading   bool            `json:"reloading"`
	Stopping    bool            `json:"stopping"`
	Failures    int             `json:"failures"`
	Retry       time.Time       `json:"retry,omitzero"`
	Deadline    time.Time       `json:"deadline,omitzero"`
	Last        *swapDoc        `json:"last,omitempty"`
	Reload      *swapDoc        `json:"reload,omitempty"`
	Counters    countersDoc     `json:"counters"`
	Generations []generationDoc `json:"generations"`
	Sockets     []socketDoc     `json:"sockets"`
	Strays      []int           `json:"strays"`
}

type generationDoc struct {
	Number  int       `json:"number"`
	PID     int       `json:"pid"`
	Phase   string    `json:"phase"`
	Since   time.Time `json:"since,omitzero"`
	Entered time.Time `json:"entered,omitzero"`
	Exited  bool      `json:"exited"`
	Status  string    `json:"status"`
}

type socketDoc struct {
	Entry     string `json:"entry"`
	Address   string `json:"address"`
	FD        int    `json:"fd"`
	Queue     *int   `json:"queue,omitempty"`
	Trouble   string `json:"trouble"`
	Unwatched string `json:"unwatched"`
}

type swapDoc struct {
	Generation int       `json:"generation"`
	PID        int       `json:"pid"`
	Former     int       `json:"former"`
	At         time.Time `json:"at,omitzero"`
	Committed  bool      `json:"committed"`
	Reason     string    `json:"reason"`
}

type countersDoc struct {
	Committed    int `json:"committed"`
	Failed       int `json:"failed"`
	Replacements int `json:"replacements"`
}

type verdictDoc struct {
	swapDoc
	Serving  int      `json:"serving"`
	Warnings []string `json:"warnings"`
}

// MarshalJSON writes s as `sdbridge status --json` does.
func (s Status) MarshalJSON() ([]byte, error) {
	current, _ := s.Serving()
	doc := statusDoc{
		Name: s.Name, PID: s.PID, At: s.At, Command: list(s.Command), Started: s.Started,
		Serving: current.Number, Ready: s.Ready, Reloading: s.Reloading, Stopping: s.Stopping,
		Failures: s.Failures, Retry: s.Retry, Deadline: s.Deadline,
		Last: swapOf(s.Last), Reload: swapOf(s.Reload), Counters: countersDoc(s.Counters),
		Generations: []generationDoc{}, Sockets: []socketDoc{}, Strays: list(s.Strays),
	}
	for _, g := range s.Generations {
		doc.Generations = append(doc.Generations, generationDoc{
			g.Number, g.PID, g.Phase.String(), g.Since, g.Entered, g.Exited, g.Status,
		})
	}
	for _, k := range s.Sockets {
		d := socketDoc{k.Entry, k.Address, k.FD, nil, k.Trouble, k.Unwatched}
		if n, ok := s.Queues[k.FD]; ok {
			d.Queue = &n
		}
		doc.Sockets = append(doc.Sockets, d)
	}
	return json.Marshal(doc)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Status) UnmarshalJSON(b []byte) error {
	var doc statusDoc
	if err := json.Unmarshal(b, &doc); err != nil {
		return err
	}
	*s = Status{Name: doc.Name, PID: doc.PID, At: doc.At, Queues: map[int]int{}, Report: Report{
		Command: doc.Command, Started: doc.Started,
		Ready: doc.Ready, Reloading: doc.Reloading, Stopping: doc.Stopping,
		Failures: doc.Failures, Retry: doc.Retry, Deadline: doc.Deadline,
		Last: doc.Last.swap(), Reload: doc.Reload.swap(), Counters: Counters(doc.Counters), Strays: doc.Strays,
	}}
	for _, d := range doc.Generations {
		p, err := phase(d.Phase)
		if err != nil {
			return err
		}
		s.Generations = append(s.Generations, Generation{d.Number, d.PID, p, d.Since, d.Entered, d.Exited, d.Status})
	}
	for _, d := range doc.Sockets {
		s.Sockets = append(s.Sockets, Socket{Entry: d.Entry, Address: d.Address, FD: d.FD, Trouble: d.Trouble, Unwatched: d.Unwatched})
		if d.Queue != nil {
			s.Queues[d.FD] = *d.Queue
		}
	}
	return nil
}

// MarshalJSON writes v as the control service does. Stopping is not in it: it
// is an answer of its own there.
func (v Verdict) MarshalJSON() ([]byte, error) {
	return json.Marshal(verdictDoc{docOf(v.Swap), v.Serving, list(v.Warnings)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (v *Verdict) UnmarshalJSON(b []byte) error {
	var doc verdictDoc
	if err := json.Unmarshal(b, &doc); err != nil {
		return err
	}
	*v = Verdict{Swap: doc.swap(), Serving: doc.Serving, Warnings: doc.Warnings}
	return nil
}

func docOf(s Swap) swapDoc {
	return swapDoc{s.Generation, s.PID, s.Former, s.At, s.Committed(), s.Reason}
}

// swapOf returns nil for the swap that was not.
func swapOf(s Swap) *swapDoc {
	if s.Generation == 0 {
		return nil
	}
	doc := docOf(s)
	return &doc
}

func (d *swapDoc) swap() Swap {
	if d == nil {
		return Swap{}
	}
	return Swap{d.Generation, d.PID, d.Former, d.At, d.Reason}
}

func phase(name string) (machine.Phase, error) {
	for p := machine.Gone; p <= machine.Draining; p++ {
		if p.String() == name {
			return p, nil
		}
	}
	return machine.Gone, fmt.Errorf("unknown phase %q", name)
}

// list makes an empty list of none: JSON's null would be a third thing.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
