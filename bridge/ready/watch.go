package ready

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Subject is the generation that is watched. Its functions are called by the
// goroutine of the watch, but for Dead.
type Subject struct {
	// Processes lists the pids of the generation. It may be slow.
	Processes func() ([]int, error)
	// Stopped tells whether one is, by a signal; nil: unknown.
	Stopped func(pid int) bool
	// Leader is the pid of its first process.
	Leader int
	// Targets are the stream sockets that were handed over.
	Targets []Target
	// Spawned is when it was, and Interval its least age: it is not ready before.
	Spawned  time.Time
	Interval time.Duration
	// Dead tells whether no client can reach any of the targets: readiness is
	// withheld as long. It must be quick and is called by any goroutine; nil is
	// never.
	Dead func() bool
}

// Outcome is how a generation became ready.
type Outcome struct {
	// How: "seen waiting on 0.0.0.0:8080", "READY=1", "alive for 1s".
	How string
	// Note is what the log should say about weak evidence: what could not be
	// seen and what it takes; mostly "".
	Note string
}

// Watch is the watch over one generation.
type Watch struct {
	rule    Rule
	subject Subject
	senses  senses
	ready   chan Outcome

	diagnosis time.Time // when the next one is due

	mu    sync.Mutex
	found findings
}

// senses is how a watch gets to know the world.
type senses struct {
	look      func(pids []int, targets []Target) Seen
	listeners func(pids []int, targets []Target) ([]Listener, error)
	program   func(pid int) string
	said      <-chan struct{} // closed by the first READY=1; nil: none can come
	follows   func() bool     // a READY=1 was announced up to now
}

// Watch watches a generation whose command was just executed, until it is ready
// or the context ends. End the context when the leader does: a rule that counts
// age takes it for alive until then. n is its NOTIFY_SOCKET, nil without one; it
// stays the caller's.
//
// Looks begin at once and end when all was seen: what was seen before the
// generation is old enough counts. Between two looks there are at least ten
// times as long as one takes, at most 50 ms.
func (r Rule) Watch(ctx context.Context, s Subject, n *Notify) *Watch {
	how := senses{look: Look, listeners: Elsewhere, program: programOf, follows: func() bool { return false }}
	if n != nil {
		how.said, how.follows = n.ready, n.follows
	}
	w := r.watch(s, how)
	go w.run(ctx)
	return w
}

func (r Rule) watch(s Subject, how senses) *Watch {
	return &Watch{
		rule: r, subject: s, senses: how, ready: make(chan Outcome, 1),
		diagnosis: time.Now().Add(firstDiagnosis), found: findings{missing: r.wants(s.Targets)},
	}
}

// Ready gives one Outcome, and is closed then or when the context ends.
func (w *Watch) Ready() <-chan Outcome { return w.ready }

func (w *Watch) run(ctx context.Context) {
	defer close(w.ready)
	if o, ok := w.await(ctx); ok && w.untilReachable(ctx) {
		w.ready <- o
	}
}

func (w *Watch) await(ctx context.Context) (Outcome, bool) {
	switch w.rule.kind {
	case byNotify:
		return Outcome{How: "READY=1"}, w.untilSaid(ctx) && w.untilOld(ctx)
	case byAccept, byAuto:
		return w.awaitServing(ctx)
	case byInterval:
	}
	return Outcome{How: w.age()}, w.untilOld(ctx)
}

// awaitServing asks late whether a READY=1 follows: by then the announcement is
// there, which a child sends before it opens its sockets.
func (w *Watch) awaitServing(ctx context.Context) (Outcome, bool) {
	if !w.untilSeen(ctx) || !w.untilOld(ctx) {
		return Outcome{}, false
	}
	announced := w.rule.kind == byAuto && w.senses.follows()
	if announced && !w.untilSaid(ctx) {
		return Outcome{}, false
	}
	return w.outcome(announced), true
}

func (w *Watch) untilOld(ctx context.Context) bool {
	return sleep(ctx, time.Until(w.subject.Spawned.Add(w.subject.Interval)))
}

func (w *Watch) untilSaid(ctx context.Context) bool {
	w.mu.Lock()
	w.found.owed = true
	w.mu.Unlock()
	select {
	case <-w.senses.said:
		return true
	case <-ctx.Done():
		return false
	}
}

// untilReachable asks again and again only while the candidate is as good as
// lost.
func (w *Watch) untilReachable(ctx context.Context) bool {
	const pause = 50 * time.Millisecond
	for w.dead() {
		if !sleep(ctx, pause) {
			return false
		}
	}
	return ctx.Err() == nil
}

func (w *Watch) dead() bool { return w.subject.Dead != nil && w.subject.Dead() }

// untilSeen looks until every target was seen served or, by auto, one cannot
// look.
func (w *Watch) untilSeen(ctx context.Context) bool {
	if w.rule.kind == byAuto && len(w.subject.Targets) == 0 {
		return true
	}
	for {
		began := time.Now()
		if w.look(began) {
			return true
		}
		if !sleep(ctx, pauseAfter(time.Since(began))) {
			return false
		}
	}
}

// pauseAfter leaves looking a sixth of one processor at most, and adds 5 ms to a
// swap at most where a look is cheap.
func pauseAfter(cost time.Duration) time.Duration {
	longest := 50 * time.Millisecond
	if cost < time.Millisecond {
		longest = 5 * time.Millisecond
	}
	return min(max(8*cost, time.Millisecond), longest)
}

// look says whether nothing more is to be looked for.
func (w *Watch) look(now time.Time) bool {
	pids, err := w.subject.Processes()
	if err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.found.err = err
		return false
	}
	seen := w.senses.look(pids, w.found.missing) // written by this goroutine only
	w.mu.Lock()
	w.found.add(seen, now)
	done := w.found.complete() || w.rule.kind == byAuto && w.found.blindFor(now) >= w.settled()
	w.mu.Unlock()
	if !done && !now.Before(w.diagnosis) {
		w.diagnose(pids)
		w.diagnosis = now.Add(diagnosisPause)
	}
	return done
}

// settled is how long one and the same process must have been in the way of
// looking before auto does without: then it has been alive for the interval,
// which is all that Server::Starter asks for, and was no passing helper.
func (w *Watch) settled() time.Duration {
	const least = 200 * time.Millisecond
	return max(w.subject.Interval, least)
}

// diagnose finds out what [Watch.Why] may have to say. It costs more than a look
// and nothing waits for it.
func (w *Watch) diagnose(pids []int) {
	listeners, _ := w.senses.listeners(pids, w.subject.Targets)
	shell := ""
	if program := w.senses.program(w.subject.Leader); len(pids) > 1 && slices.Contains(shells, program) {
		shell = program
	}
	stopped := 0
	if i := slices.IndexFunc(pids, w.isStopped); i >= 0 {
		stopped = pids[i]
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found.listeners, w.found.shell, w.found.stopped = listeners, shell, stopped
}

func (w *Watch) isStopped(pid int) bool { return w.subject.Stopped != nil && w.subject.Stopped(pid) }

// When what may have to be said is found out.
const (
	firstDiagnosis = 250 * time.Millisecond
	diagnosisPause = time.Second
)

// sleep says whether the context is still good afterwards.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
