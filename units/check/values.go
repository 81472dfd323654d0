package check

import (
	"strconv"
	"strings"
	"time"
)

// forever is "infinity", systemd.time(7).
const forever = time.Duration(1<<63 - 1)

// month and year are as long as in systemd.time(7).
const (
	month = 2629800 * time.Second
	year  = 31557600 * time.Second
)

var spanUnits = map[string]time.Duration{
	"": time.Second, "s": time.Second, "sec": time.Second, "second": time.Second, "seconds": time.Second,
	"ms": time.Millisecond, "msec": time.Millisecond, "us": time.Microsecond, "usec": time.Microsecond, "µs": time.Microsecond,
	"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"h": time.Hour, "hr": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	"month": month, "months": month, "M": month, "y": year, "year": year, "years": year,
	"w": 7 * 24 * time.Hour, "week": 7 * 24 * time.Hour, "weeks": 7 * 24 * time.Hour,
}

// span reads a time span, systemd.time(7): "90", "1min 30s", "infinity".
func span(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "infinity" {
		return forever, true
	}
	total, some := time.Duration(0), false
	for text != "" {
		n := len(text) - len(strings.TrimLeft(text, "0123456789."))
		number, err := strconv.ParseFloat(text[:n], 64)
		if err != nil {
			return 0, false
		}
		text = strings.TrimLeft(text[n:], " \t")
		n = strings.IndexAny(text, "0123456789. \t")
		if n < 0 {
			n = len(text)
		}
		each, known := spanUnits[text[:n]]
		if !known || number*float64(each) > float64(forever)/2 {
			return 0, false
		}
		total, some = total+time.Duration(number*float64(each)), true
		if total < 0 {
			return 0, false
		}
		text = strings.TrimLeft(text[n:], " \t")
	}
	return total, some
}

// duration is the value of a span, or otherwise where it is not set or wrong.
func (f *file) duration(otherwise time.Duration, keys ...string) time.Duration {
	if d, ok := span(f.value(keys...)); ok {
		return d
	}
	return otherwise
}

// timeout is a duration for which 0 is never.
func (f *file) timeout(otherwise time.Duration, keys ...string) time.Duration {
	if d := f.duration(otherwise, keys...); d != 0 {
		return d
	}
	return forever
}

// round writes a duration as a unit takes it.
func round(d time.Duration) string {
	if d%time.Second != 0 && d < time.Minute {
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
