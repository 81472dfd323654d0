package main

import (
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// load is what clients do. At a rate (open loop) each of them keeps to a plan:
// a request that had to wait for the one before it is timed from when it was
// due, so that a stall counts for every request that it held up, not for one
// (coordinated omission). Without a rate they send as fast as they are answered.
type load struct {
	addr  string
	kept  int           // clients that keep their connection
	fresh int           // clients with a connection for each request
	rate  float64       // requests per second of all clients together; 0: no plan
	warm  time.Duration // what is due before does not count, unless it is lost
}

// sample is one answered request.
type sample struct {
	due, took time.Duration // due since the load began
}

// outcome is what the clients saw.
type outcome struct {
	answered int
	lost     map[ending]int
	retried  int // found their kept connection closed, and were answered on a fresh one
	longest  time.Duration
	elapsed  time.Duration // without the warm-up
	samples  []sample      // by due
}

func (o *outcome) lostAll() int {
	n := 0
	for _, m := range o.lost {
		n += m
	}
	return n
}

func (o *outcome) perSecond() float64 { return float64(o.answered) / o.elapsed.Seconds() }

// quantile is in milliseconds.
func (o *outcome) quantile(percent float64) float64 {
	h := hdrhistogram.New(1, int64(time.Minute/time.Microsecond), 3)
	for _, s := range o.samples {
		_ = h.RecordValue(max(1, s.took.Microseconds()))
	}
	return float64(h.ValueAtPercentile(percent)) / 1000
}

// running is a load that goes on until stop.
type running struct {
	began   time.Time
	done    chan struct{}
	clients sync.WaitGroup
	load    load

	mu  sync.Mutex
	all outcome
}

func (l load) start() *running {
	r := &running{began: time.Now(), done: make(chan struct{}), load: l, all: outcome{lost: map[ending]int{}}}
	n := l.kept + l.fresh
	for i := range n {
		r.clients.Go(func() { r.work(i, n) })
	}
	return r
}

func (l load) run(d time.Duration) *outcome {
	r := l.start()
	time.Sleep(l.warm + d)
	return r.stop()
}

// stop lets each client finish its request.
func (r *running) stop() *outcome {
	close(r.done)
	r.clients.Wait()
	o := &r.all
	o.elapsed = time.Since(r.began) - r.load.warm
	slices.SortFunc(o.samples, func(a, b sample) int { return int(a.due - b.due) })
	return o
}

// work is client i of n: their plans are shifted against each other.
func (r *running) work(i, n int) {
	c := client{addr: r.load.addr, keep: i < r.load.kept}
	defer c.drop()
	var mine outcome
	mine.lost = map[ending]int{}
	defer r.add(&mine)
	step := time.Duration(0)
	if r.load.rate > 0 {
		step = time.Duration(float64(n) / r.load.rate * float64(time.Second))
	}
	due := r.began.Add(step * time.Duration(i) / time.Duration(n))
	for {
		from, ok := r.await(due, step > 0)
		if !ok {
			return
		}
		end := c.request()
		mine.count(end, c.retried, sample{from.Sub(r.began), time.Since(from)}, r.load.warm)
		due = due.Add(step)
		if end == refused && step == 0 {
			time.Sleep(time.Millisecond) // or a closed port alone makes the numbers
		}
	}
}

// await waits until a request is due. A timer that fires late is no fault of
// the server: only a client that was busy counts from the plan.
func (r *running) await(due time.Time, planned bool) (from time.Time, ok bool) {
	select {
	case <-r.done:
		return from, false
	default:
	}
	if wait := time.Until(due); planned && wait > 0 {
		select {
		case <-r.done:
			return from, false
		case <-time.After(wait):
			return time.Now(), true
		}
	}
	if planned {
		return due, true
	}
	return time.Now(), true
}

func (o *outcome) count(end ending, retried bool, s sample, warm time.Duration) {
	if end != answered {
		o.lost[end]++
	}
	if s.due < warm {
		return
	}
	if retried {
		o.retried++
	}
	o.longest = max(o.longest, s.took)
	if end == answered {
		o.answered++
		o.samples = append(o.samples, s)
	}
}

func (r *running) add(mine *outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all.answered += mine.answered
	r.all.retried += mine.retried
	r.all.longest = max(r.all.longest, mine.longest)
	r.all.samples = append(r.all.samples, mine.samples...)
	for end, n := range mine.lost {
		r.all.lost[end] += n
	}
}
