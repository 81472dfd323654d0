package ready

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Message is what a child said of itself by sd_notify(3). What it says of its
// main process, its reloads and its descriptors is not for us, and left out.
type Message struct {
	Ready    bool           // READY=1
	Follows  bool           // X_READY_FOLLOWS=1: a READY=1 will come, which is to be waited for
	Stopping bool           // STOPPING=1
	Watchdog Watchdog       // WATCHDOG=
	Period   *time.Duration // WATCHDOG_USEC=: to ping at least that often from now on, 0: never; nil: not said
	Status   *string        // STATUS=: one printable line of at most 200 characters; nil: not said
	Extend   time.Duration  // EXTEND_TIMEOUT_USEC=, from when it was said; 0: not said
}

// Watchdog is the value of WATCHDOG=.
type Watchdog int

// The higher one counts when both were said.
const (
	Silent  Watchdog = iota // not said
	Ping                    // 1: alive
	Trigger                 // trigger: to be treated as if it had hung
)

// datagramSize is NOTIFY_BUFFER_MAX of systemd: what is longer is ignored.
const datagramSize = 4096

const statusLength = 200

// parseMessage reads a datagram of sd_notify(3). As systemd does, it ignores one
// with a NUL in it, but for the last byte, and each assignment that is malformed.
func parseMessage(datagram []byte) Message {
	datagram = bytes.TrimSuffix(datagram, []byte{0})
	var m Message
	if bytes.IndexByte(datagram, 0) >= 0 {
		return m
	}
	for line := range strings.SplitSeq(string(datagram), "\n") {
		m.assign(line)
	}
	return m
}

func (m *Message) assign(line string) {
	key, value, _ := strings.Cut(line, "=")
	switch line {
	case "READY=1":
		m.Ready = true
	case "X_READY_FOLLOWS=1":
		m.Follows = true
	case "STOPPING=1":
		m.Stopping = true
	case "WATCHDOG=1":
		m.Watchdog = max(m.Watchdog, Ping)
	case "WATCHDOG=trigger":
		m.Watchdog = Trigger
	}
	switch key {
	case "STATUS":
		status := cleanStatus(value)
		m.Status = &status
	case "WATCHDOG_USEC":
		if period, ok := microseconds(value); ok {
			m.Period = &period
		}
	case "EXTEND_TIMEOUT_USEC":
		if d, ok := microseconds(value); ok {
			m.Extend = d
		}
	}
}

// merge adds what was said later.
func (m *Message) merge(later Message) {
	m.Ready = m.Ready || later.Ready
	m.Follows = m.Follows || later.Follows
	m.Stopping = m.Stopping || later.Stopping
	m.Watchdog = max(m.Watchdog, later.Watchdog)
	if later.Period != nil {
		m.Period = later.Period
	}
	if later.Status != nil {
		m.Status = later.Status
	}
	if later.Extend != 0 {
		m.Extend = later.Extend
	}
}

// microseconds takes all that a uint64 holds; a Duration ends earlier.
func microseconds(value string) (time.Duration, bool) {
	const century = 100 * 365 * 24 * 3600 * 1e6 // as good as for ever, and far from an overflow
	n, err := strconv.ParseUint(value, 10, 64)
	return time.Duration(min(n, century)) * time.Microsecond, err == nil
}

// cleanStatus makes text harmless in a log and on a terminal.
func cleanStatus(text string) string {
	clean := []rune(strings.Map(printable, text))
	if len(clean) > statusLength {
		return string(clean[:statusLength-1]) + "…"
	}
	return string(clean)
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
