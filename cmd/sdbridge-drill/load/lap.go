package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Lap is a part of a load: what ended between two calls of [Running.Lap].
type Lap struct {
	Result

	P50, P99 time.Duration // of the requests that were answered
}

type lap struct {
	result Result
	took   *hdrhistogram.Histogram // microseconds
}

// longest is the longest time that laps tell from longer ones.
const longest = 2 * time.Minute

func newLap() *lap {
	return &lap{newResult(), hdrhistogram.New(1, longest.Microseconds(), 2)}
}

func (l *lap) count(o outcome) {
	l.result.count(o)
	if o.end == answered {
		_ = l.took.RecordValue(min(o.took, longest).Microseconds()) // within the range
	}
}

func (l *lap) seen() Lap {
	at := func(percentile float64) time.Duration {
		return time.Duration(l.took.ValueAtPercentile(percentile)) * time.Microsecond
	}
	return Lap{l.result.clone(), at(50), at(99)}
}

// Lap begins another lap: the requests that end from now on are counted there.
func (r *Running) Lap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.laps = append(r.laps, newLap())
}

// Laps returns the laps so far, and what they make together.
func (r *Running) Laps() (laps []Lap, whole Lap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := newLap()
	all.result = r.result
	for _, l := range r.laps {
		laps = append(laps, l.seen())
		all.took.Merge(l.took)
	}
	return laps, all.seen()
}
