package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// spread is what repetitions of one measurement gave.
type spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Max    float64 `json:"max"`
	N      int     `json:"n"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return spread{sorted[0], (sorted[(n-1)/2] + sorted[n/2]) / 2, sorted[n-1], n}
}

// uncertainty is half of the 95% confidence interval of the median: between the
// order statistics that the binomial distribution gives, in its normal
// approximation. Of fewer than six values it is half of their range.
func uncertainty(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	low := max(0, int(float64(n)/2-0.98*math.Sqrt(float64(n))))
	return (sorted[n-1-low] - sorted[low]) / 2
}

// one is the spread of a single figure.
func one(value float64) spread { return spread{value, value, value, 1} }

// format renders "1.00 (0.98–1.02)"; a single figure stands alone.
func (s spread) format(verb string) string {
	switch s.N {
	case 0:
		return "–"
	case 1:
		return fmt.Sprintf(verb, s.Median)
	}
	return fmt.Sprintf(verb+" ("+verb+"–"+verb+")", s.Median, s.Min, s.Max)
}

// ratios divides, repetition by repetition: what disturbed one repetition
// disturbed both sides of it.
func ratios(values, base []float64) []float64 {
	var out []float64
	for i := range min(len(values), len(base)) {
		if base[i] > 0 {
			out = append(out, values[i]/base[i])
		}
	}
	return out
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
