package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

const counted = "answered\trefused\treset\tclosed\tcut\ttimed out\t5xx\tother\tlongest stall\t"

// writeTable writes all for people.
func (r *result) writeTable(out io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s at %s; %s\n\n", r.asked(), r.service.addr, r.clients())
	r.bySwap(&text)
	fmt.Fprintln(&text)
	r.byGeneration(&text)
	fmt.Fprintf(&text, "\n%s\n", r.sentence())
	for _, cause := range r.causes {
		fmt.Fprintf(&text, "- %s\n", cause)
	}
	_, err := out.Write(text.Bytes())
	return err
}

func (r *result) asked() string {
	if r.plan.send != "" {
		return strconv.Quote(r.plan.send)
	}
	request, _ := r.plan.http("") // looked at before
	return request.String()
}

func (r *result) clients() string {
	text := fmt.Sprintf("%d clients, %s", r.plan.clients, map[string]string{
		"yes": "all on kept connections", "no": "each request on a fresh connection", "both": "every second one on kept connections",
	}[r.plan.keepAlive])
	if r.plan.slow > 0 {
		text += fmt.Sprintf(", and %d slow ones", r.plan.slow)
	}
	return text
}

func (r *result) bySwap(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "swap\tgeneration\ttook\told gone\t%sp50\tp99\t\n", counted)
	for i, lap := range r.laps {
		number, generation, took, gone := "-", "-", "-", "-"
		if i > 0 {
			number = strconv.Itoa(i)
		}
		if i > 0 && i <= len(r.swaps) {
			s := r.swaps[i-1]
			generation, took = strconv.Itoa(s.generation), round(s.took).String()
			if s.gone >= 0 {
				gone = "+" + round(s.gone).String()
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s%v\t%v\t\n", number, generation, took, gone, row(lap.Result), round(lap.P50), round(lap.P99))
	}
	fmt.Fprintf(w, "all\t\t\t\t%s%v\t%v\t\n", row(r.whole.Result), round(r.whole.P50), round(r.whole.P99))
}

func (r *result) byGeneration(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "generation\t%s\n", counted)
	for _, name := range r.names() {
		fmt.Fprintf(w, "%s\t%s\n", name, row(r.generations[name]))
	}
}

// names are those of the generations, in order.
func (r *result) names() []string {
	return slices.SortedFunc(maps.Keys(r.generations), func(a, b string) int {
		m, errA := strconv.Atoi(a)
		n, errB := strconv.Atoi(b)
		if errA == nil && errB == nil {
			return m - n
		}
		return strings.Compare(a, b)
	})
}

func row(r load.Result) string {
	var text strings.Builder
	for _, n := range []int{r.Total(), r.Refused, r.Reset, r.Closed, r.Cut, r.TimedOut, r.ServerErrors, r.Wrong + r.Other} {
		fmt.Fprintf(&text, "%d\t", n)
	}
	fmt.Fprintf(&text, "%v\t", round(r.LongestStall))
	return text.String()
}

func (r *result) sentence() string {
	lost := r.whole.Lost()
	text := fmt.Sprintf("%d of %d requests lost in %d swaps", lost, lost+r.whole.Total(), len(r.swaps))
	if r.interrupted {
		text += ", when it was interrupted"
	}
	if lost == 0 {
		return text + "."
	}
	return text + fmt.Sprintf(" (the last one: %s). Likely causes:", r.whole.LastError)
}

// round leaves a time three digits or so.
func round(d time.Duration) time.Duration {
	switch {
	case d >= time.Second:
		return d.Round(10 * time.Millisecond)
	case d >= 10*time.Millisecond:
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}
