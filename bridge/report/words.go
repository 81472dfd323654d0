package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// These word a part of a Report for people, each in one line.

func (g Generation) String() string {
	if g.PID == 0 {
		return fmt.Sprintf("generation %d", g.Number)
	}
	return fmt.Sprintf("generation %d (pid %d)", g.Number, g.PID)
}

// failure words the failed swap to look into: "last reload" and "FAILED at …: reason".
func (r Report) failure(now time.Time) (which, what string, failed bool) {
	s, failed := r.Failure()
	if !failed {
		return "", "", false
	}
	which = "last swap"
	if s == r.Reload {
		which = "last reload"
	}
	return which, fmt.Sprintf("FAILED at %s: %s", moment(s.At, now), s.Reason), true
}

// idle words why nothing serves, and when the next try is.
func (r Report) idle(now time.Time) string {
	if r.Retry.IsZero() {
		return "nothing serves"
	}
	next := "now"
	if wait := r.Retry.Sub(now); wait > 0 {
		next = "in " + age(wait+time.Second-1) // rounded up
	}
	return fmt.Sprintf("nothing serves: %s; the next try %s", r.ended(), next)
}

// ended words what the back-off comes after.
func (r Report) ended() string {
	last := r.Last
	switch {
	case last.Generation == 0:
		return "the child ended"
	case last.Committed():
		return fmt.Sprintf("generation %d ended", last.Generation)
	case last.Former != 0: // it failed beside one that has ended since
		return fmt.Sprintf("generation %d ended", last.Former)
	}
	return fmt.Sprintf("generation %d failed", last.Generation)
}

// moment is a time as now's clock on the wall shows it.
func moment(t, now time.Time) string {
	return t.In(now.Location()).Format("2006-01-02 15:04:05 MST")
}

// age words a duration by its two largest units: "3s", "2h 5m", "3d 4h".
func age(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm %ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh %dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd %dh", s/86400, s/3600%24)
}

// line makes one printable line of at most size bytes of a text that the child
// or the system may have had a part in.
func line(text string, size int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	if len(text) <= size {
		return text
	}
	cut := size - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
