package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// The document of --json: its names are stable. Times are milliseconds.

type document struct {
	Command     []string        `json:"command"`
	Address     string          `json:"address"`
	Clients     int             `json:"clients"`
	KeepAlive   string          `json:"keep_alive"`
	Interrupted bool            `json:"interrupted"`
	Failure     string          `json:"failure,omitempty"` // why it ended early
	Swaps       []swapDoc       `json:"swaps"`             // number 0: what was before the first
	Generations []generationDoc `json:"generations"`
	Total       lapDoc          `json:"total"`
	LastError   string          `json:"last_error,omitempty"`
	Causes      []string        `json:"causes"`
}

type countsDoc struct {
	Answered     int     `json:"answered"`
	Lost         int     `json:"lost"` // the sum of the next eight
	Refused      int     `json:"refused"`
	Reset        int     `json:"reset"`
	Closed       int     `json:"closed"`
	Cut          int     `json:"cut"`
	TimedOut     int     `json:"timed_out"`
	ServerErrors int     `json:"server_errors"`
	Wrong        int     `json:"wrong"`
	Other        int     `json:"other"`
	Reconnects   int     `json:"reconnects"`
	LongestStall float64 `json:"longest_stall_ms"`
}

type lapDoc struct {
	countsDoc

	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

type swapDoc struct {
	Number     int      `json:"number"`
	Generation int      `json:"generation,omitempty"`
	Took       float64  `json:"took_ms,omitempty"`        // from the request to the verdict
	FormerGone *float64 `json:"former_gone_ms,omitempty"` // from the verdict; left out: not seen
	lapDoc
}

type generationDoc struct {
	Name string `json:"name"`
	countsDoc
}

func (r *result) writeJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(r.document())
}

func (r *result) document() document {
	d := document{
		Command: list(r.command), Address: r.service.addr, Clients: r.plan.clients, KeepAlive: r.plan.keepAlive,
		Interrupted: r.interrupted, Total: lapOf(r.whole), LastError: r.whole.LastError, Causes: list(r.causes),
		Swaps: []swapDoc{}, Generations: []generationDoc{},
	}
	if r.failure != nil {
		d.Failure = r.failure.Error()
	}
	for i, lap := range r.laps {
		doc := swapDoc{Number: i, lapDoc: lapOf(lap)}
		if i > 0 && i <= len(r.swaps) {
			s := r.swaps[i-1]
			doc.Generation, doc.Took = s.generation, ms(s.took)
			if s.gone >= 0 {
				gone := ms(s.gone)
				doc.FormerGone = &gone
			}
		}
		d.Swaps = append(d.Swaps, doc)
	}
	for _, name := range r.names() {
		d.Generations = append(d.Generations, generationDoc{name, countsOf(r.generations[name])})
	}
	return d
}

func lapOf(l load.Lap) lapDoc { return lapDoc{countsOf(l.Result), ms(l.P50), ms(l.P99)} }

func countsOf(r load.Result) countsDoc {
	return countsDoc{
		Answered: r.Total(), Lost: r.Lost(), Refused: r.Refused, Reset: r.Reset, Closed: r.Closed, Cut: r.Cut,
		TimedOut: r.TimedOut, ServerErrors: r.ServerErrors, Wrong: r.Wrong, Other: r.Other,
		Reconnects: r.Reconnects, LongestStall: ms(r.LongestStall),
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// list is l, and empty where there is none: JSON's null would be a third thing.
func list(l []string) []string { return append([]string{}, l...) }
