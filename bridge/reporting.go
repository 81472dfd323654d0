package bridge

import (
	"sync"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// news is the newest report, for those outside the loop.
type news struct {
	mu      sync.Mutex
	report  report.Report
	changed chan struct{} // closed when there is a newer one
}

// Report is the newest one.
func (b *Bridge) Report() report.Report {
	b.news.mu.Lock()
	defer b.news.mu.Unlock()
	return b.news.report
}

// Changed is closed when there is a newer one than that of now.
func (b *Bridge) Changed() <-chan struct{} {
	b.news.mu.Lock()
	defer b.news.mu.Unlock()
	return b.news.changed
}

// observe makes a new report and gives it to all who want it.
func (b *Bridge) observe() {
	r := b.report()
	b.news.mu.Lock()
	b.news.report = r
	close(b.news.changed)
	b.news.changed = make(chan struct{})
	b.news.mu.Unlock()
	if b.config.Observe != nil {
		b.config.Observe(r)
	}
}

func (b *Bridge) report() report.Report {
	candidate, runs := b.state.Candidate()
	r := report.Report{
		Command:   b.config.Launch.Command,
		Started:   b.started,
		Sockets:   b.sockets, // replaced as a whole when it changes
		Ready:     b.state.Ever,
		Reloading: runs && b.state.Answered < b.state.Covered,
		Stopping:  b.state.Stopping,
		Failures:  b.state.Failures,
		Last:      b.last,
		Reload:    b.reload,
		Counters:  b.counters,
		Strays:    b.strays,
	}
	if b.state.Retrying {
		r.Retry = b.retry
	}
	for _, m := range b.state.Generations {
		g := b.generations[m.Number]
		r.Generations = append(r.Generations, report.Generation{
			Number: m.Number, PID: g.pid, Phase: m.Phase, Since: g.since, Entered: g.entered,
			Exited: m.Exited, Status: g.status,
		})
		if b.state.Stopping || m.Number == candidate.Number {
			r.Deadline = later(r.Deadline, g.expires)
		}
	}
	return r
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// record keeps the verdict of g's swap and answers the requests that it covers.
// The first start is no swap.
func (b *Bridge) record(g *generation, a machine.Action) {
	s := report.Swap{Generation: g.number, PID: g.pid, At: time.Now(), Former: b.currentNumber(&b.before)}
	if a.Reason != machine.NoReason {
		s.Reason = g.reason(a.Reason)
	}
	if b.before.Ever {
		b.last = s
		if a.UpTo > b.before.Answered {
			b.reload = s
		}
		if s.Committed() {
			b.counters.Committed++
		} else {
			b.counters.Failed++
		}
	}
	b.answer(a.UpTo, report.Verdict{Swap: s})
}

func (b *Bridge) currentNumber(s *machine.State) int {
	m, _ := s.Current()
	return m.Number
}

// waiter is somebody who waits for a verdict.
type waiter struct {
	request int
	verdict chan<- report.Verdict
}

// Reload asks for a swap. The verdict of the one that covers the request comes
// once; there is room for it, so that nobody need wait. It is for everyone but
// the loop.
func (b *Bridge) Reload() <-chan report.Verdict {
	verdict := make(chan report.Verdict, 1)
	select {
	case b.posted <- func() { b.reloadCalled(verdict) }:
	case <-b.done:
		verdict <- report.Verdict{Stopping: true}
	}
	return verdict
}

func (b *Bridge) reloadCalled(verdict chan<- report.Verdict) {
	b.waiters = append(b.waiters, waiter{b.state.Asked + 1, verdict})
	b.reloadAsked("sdbridge reload")
}

// reloadAsked follows a request, by a SIGHUP or by a call.
func (b *Bridge) reloadAsked(by string) {
	if !b.state.Stopping {
		b.say(Asked{By: by})
	}
	b.happened(machine.Event{Kind: machine.Reload})
}

// answer gives all requests up to that one their verdict.
func (b *Bridge) answer(upTo int, v report.Verdict) {
	v.Serving = b.currentNumber(&b.state)
	for _, s := range b.sockets {
		if s.Trouble != "" {
			v.Warnings = append(v.Warnings, s.Trouble)
		}
	}
	rest := b.waiters[:0]
	for _, w := range b.waiters {
		if w.request <= upTo {
			w.verdict <- v
		} else {
			rest = append(rest, w)
		}
	}
	b.waiters = rest
}

// armPing calls Alive, every Ping, from the loop: who waits for it learns that
// the loop runs.
func (b *Bridge) armPing() {
	if b.config.Ping > 0 {
		b.config.Alive()
		b.timers.arm(timerKey{use: pingTimer}, b.config.Ping, b.armPing)
	}
}
