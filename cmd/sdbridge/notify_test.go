package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// told is a message to the service manager.
type told struct {
	at     time.Duration // since boot, by CLOCK_MONOTONIC
	fields []string      // "READY=1", …
}

func (m told) has(field string) bool { return slices.Contains(m.fields, field) }

// value is that of a field of this name, "" where there is none.
func (m told) value(name string) string {
	for _, f := range m.fields {
		if value, found := strings.CutPrefix(f, name+"="); found {
			return value
		}
	}
	return ""
}

// messages reads what act has recorded so far.
func messages(t *testing.T, file string) (all []told) {
	t.Helper()
	for line := range strings.Lines(textOf(file)) {
		var at int64
		var pid int
		var text string
		if _, err := fmt.Sscanf(line, "%d %d %q\n", &at, &pid, &text); err != nil {
			continue // it is being written
		}
		all = append(all, told{time.Duration(at) * time.Microsecond, strings.Split(text, "\n")})
	}
	return all
}

func count(all []told, field string) (n int) {
	for _, m := range all {
		if m.has(field) {
			n++
		}
	}
	return n
}

func monotonic() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}

// Each reload is a RELOADING=1 and then a READY=1, whatever comes of it, and
// nothing that a child says of itself goes up.
func TestNotifiesOfEachReload(t *testing.T) {
	t.Parallel()
	const reloads = 30
	file := t.TempDir() + "/messages"
	l := newLive(t)
	good := []string{"-announce=MAINPID=1", "-notify=RELOADING=1"}
	l.habits(good...)
	l.runActivated([]string{"-notify", file, freeAddr(t)}, "--interval=0", "--kill-old-delay=0")
	l.up(1)
	var asked []time.Duration
	for generation := 2; generation <= reloads+1; generation++ {
		verdict, habits := "committed", good
		if generation%3 == 0 {
			verdict, habits = "failed", []string{"-fail-if=/dev/null"}
		}
		l.habits(habits...)
		asked = append(asked, monotonic())
		l.hup()
		l.await(fmt.Sprintf("swap %s: generation %d", verdict, generation))
	}
	await(t, "the last READY=1", func() bool { return count(messages(t, file), "READY=1") == reloads+1 })
	l.stop()
	await(t, "STOPPING=1", func() bool { return count(messages(t, file), "STOPPING=1") == 1 })
	follow(t, messages(t, file), asked)
}

// follow reads the messages as the service manager does.
func follow(t *testing.T, all []told, asked []time.Duration) {
	t.Helper()
	ready, reloading, stopping, reloads := false, false, false, 0
	for _, m := range all {
		switch {
		case m.has("RELOADING=1"):
			usec, err := strconv.ParseInt(m.value("MONOTONIC_USEC"), 10, 64)
			at := time.Duration(usec) * time.Microsecond
			if err != nil || reloads >= len(asked) || at < asked[reloads].Truncate(time.Microsecond) || at > m.at {
				t.Errorf("%v, recorded at %v", m.fields, m.at)
			}
			if !ready || reloading || stopping {
				t.Errorf("RELOADING=1 out of turn: reload %d", reloads+1)
			}
			reloading, reloads = true, reloads+1
		case m.has("READY=1"):
			if ready && !reloading {
				t.Errorf("READY=1 out of turn: after reload %d", reloads)
			}
			failed := (reloads+1)%3 == 0 // the number of its generation
			if got := strings.Contains(m.value("STATUS"), "last reload FAILED at"); got != failed {
				t.Errorf("after reload %d: STATUS=%s", reloads, m.value("STATUS"))
			}
			ready, reloading = true, false
		case m.has("STOPPING=1"):
			stopping = true
		}
		if m.value("EXTEND_TIMEOUT_USEC") != "" && ready && !reloading && !stopping && !m.has("READY=1") {
			t.Errorf("%v while idle", m.fields)
		}
		if m.value("MAINPID") != "" {
			t.Errorf("%v", m.fields)
		}
	}
	if reloads != len(asked) || reloading || !stopping {
		t.Errorf("%d reloads of %d, reloading %t, stopping %t", reloads, len(asked), reloading, stopping)
	}
}

// A start that takes long is neither cut off nor called done too early.
func TestNotifiesOfALongStart(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/messages"
	l := newLive(t)
	l.habits("-boot=1.5")
	began := monotonic()
	l.runActivated([]string{"-notify", file, freeAddr(t)}, "--start-timeout=30s")
	l.up(1)
	await(t, "READY=1", func() bool { return count(messages(t, file), "READY=1") == 1 })
	for _, m := range messages(t, file) {
		if m.has("READY=1") {
			if m.at-began < 1500*time.Millisecond {
				t.Errorf("READY=1 after %v", m.at-began)
			}
			return
		}
		usec, _ := strconv.Atoi(m.value("EXTEND_TIMEOUT_USEC"))
		if extend := time.Duration(usec) * time.Microsecond; extend <= 30*time.Second || extend > 35*time.Second {
			t.Errorf("EXTEND_TIMEOUT_USEC is %v, want that of --start-timeout and 5s", extend)
		}
	}
}

// The service manager hears that the bridge lives while a child takes long to
// boot, and while a file system hangs.
func TestNotifiesItsWatchdog(t *testing.T) {
	t.Parallel()
	const timeout = 2 * time.Second
	file := t.TempDir() + "/messages"
	l := newLive(t)
	l.env = []string{fmt.Sprintf("WATCHDOG_USEC=%d", timeout.Microseconds())}
	l.habits("-boot=5")
	l.runActivated([]string{"-notify", file, freeAddr(t)}, "--start-timeout=8s")
	l.up(1)
	fifo(t, l.flags)
	l.hup()
	l.await("swap failed: generation 2 not ready after 8")
	l.stop()
	pings, last := 0, time.Duration(0)
	for _, m := range messages(t, file) {
		if !m.has("WATCHDOG=1") {
			continue
		}
		if gap := m.at - last; pings > 0 && gap > timeout {
			t.Errorf("no WATCHDOG=1 for %v", gap)
		}
		pings, last = pings+1, m.at
	}
	if pings < 12 { // in 13 s at least, one each second
		t.Errorf("%d pings", pings)
	}
}

// Under Type=notify the start would fail by its time limit, and nothing would say
// why.
func TestUnusableNotifySocket(t *testing.T) {
	t.Parallel()
	p := start(t, []string{"NOTIFY_SOCKET=/none/notify", "WATCHDOG_USEC=soon"}, sdbridge(t, "--no-socket", "--", "sleep", "600")...)
	p.await("WATCHDOG_USEC=soon")
	p.await("with Type=notify waits in vain: NOTIFY_SOCKET: dial unixgram /none/notify")
	p.up(1)
}
