package main

import (
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"
)

// lostBoot is what the child takes to boot: one that boots in no time hides that
// the old one was told too early.
const lostBoot = 100 * time.Millisecond

// pace is the time from one swap to the next: the peers' interval is 1 s.
const pace = 1100 * time.Millisecond

// mostIgnored is how many SIGHUPs without effect end a round.
const mostIgnored = 3

func lostVariants(p *programs) []variant {
	out := []variant{p.by(runName).with(atOnce...), p.by(starterName)}
	for _, name := range []string{perlName, lestrratName, lestrratV2Name, shogoName} {
		v := p.by(name)
		out = append(out, v)
		if v.missing == "" && name == perlName {
			out = append(out, v.with("--interval=0"))
		}
	}
	return append(out, p.by(circusName))
}

// tally is what clients of one variant saw, in all rounds.
type tally struct {
	swaps, answered, retried, stuck int
	ignored                         int // SIGHUPs
	lost                            map[ending]int
	stalls, p99                     []float64 // of each round, ms
	first                           panel     // of the first round
}

func requestsLost(b *bench, out *section) error {
	tallies := map[string]*tally{}
	var titles []string
	var ready []variant
	for _, v := range lostVariants(&b.programs) {
		if v.missing != "" {
			continue
		}
		ready = append(ready, v)
		titles = append(titles, v.title())
		tallies[v.title()] = &tally{lost: map[ending]int{}}
	}
	for round := range b.size.lostRounds {
		for i := range ready {
			v := ready[(i+round)%len(ready)]
			if err := b.lostRound(v, tallies[v.title()]); err != nil {
				return err
			}
		}
	}
	out.note("%d rounds of %d swaps, one every %v, of a child that boots in %v; 12 clients on kept connections and 4 with one for each request, %.0f requests/s together, by a plan: a stall counts for every request that was due in it. *Anew*: a kept connection turned out to be closed before any answer, and the client asked on a fresh one, as RFC 9112 (9.3.1) lets it.",
		b.size.lostRounds, b.size.lostSwaps, pace, lostBoot, b.size.lostRate)
	t := table{Columns: []string{"", "swaps", "answered", "lost", "anew", "longest stall, ms", "p99, ms", ""}}
	for _, title := range titles {
		t.add(tallies[title].row(out, title)...)
		out.panels = append(out.panels, tallies[title].first)
	}
	out.Tables = append(out.Tables, t)
	return nil
}

// lostRound swaps one supervisor's child under load. That a SIGHUP has no effect
// is a result of its own; another failure ends the round.
func (b *bench) lostRound(v variant, sum *tally) error {
	s, err := start(&b.programs, v, "-boot="+lostBoot.String())
	if err != nil {
		return err
	}
	defer s.stop()
	r := load{addr: s.addr, kept: 12, fresh: 4, rate: b.size.lostRate, warm: time.Second}.start()
	b.sleep(2 * time.Second)
	p := panel{title: v.title()}
	ignored := 0
	for swaps := 0; swaps < b.size.lostSwaps && ignored < mostIgnored && b.Err() == nil; swaps++ {
		next := time.Now().Add(pace)
		p.swaps = append(p.swaps, time.Since(r.began))
		w, err := s.swap(false)
		switch {
		case errors.Is(err, errNoEffect):
			log.Print(err)
			ignored++
			continue
		case err != nil:
			r.stop()
			return err
		}
		sum.swaps++
		if w.stuck {
			sum.stuck++
		}
		b.sleep(time.Until(next))
	}
	o := r.stop()
	sum.add(o)
	sum.ignored += ignored
	if sum.first.samples == nil {
		p.samples = o.samples
		sum.first = p
	}
	return b.Err()
}

func (t *tally) add(o *outcome) {
	t.answered += o.answered
	t.retried += o.retried
	t.stalls = append(t.stalls, milliseconds(o.longest))
	t.p99 = append(t.p99, o.quantile(99))
	for end, n := range o.lost {
		t.lost[end] += n
	}
}

func (t *tally) row(out *section, title string) []string {
	total := 0
	var kinds []string
	for _, end := range slices.Sorted(maps.Keys(t.lost)) {
		total += t.lost[end]
		kinds = append(kinds, fmt.Sprintf("%s: %d", end, t.lost[end]))
	}
	lost := fmt.Sprint(total)
	if total > 0 {
		lost += " (" + strings.Join(kinds, ", ") + ")"
	}
	stalls, p99 := spreadOf(t.stalls), spreadOf(t.p99)
	out.value(title, "lost", one(float64(total)))
	out.value(title, "answered", one(float64(t.answered)))
	out.value(title, "swaps", one(float64(t.swaps)))
	out.value(title, "longest stall", stalls)
	out.value(title, "p99", p99)
	return []string{
		title, fmt.Sprint(t.swaps), fmt.Sprint(t.answered), lost, fmt.Sprint(t.retried),
		stalls.format("%.0f"), p99.format("%.1f"), strings.Join(trouble(t.swaps, t.stuck, t.ignored), "; "),
	}
}
