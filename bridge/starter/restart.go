package starter

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	restartLimit = 60 * time.Second
	restartPoll  = 50 * time.Millisecond
)

// restart is one --restart.
type restart struct {
	statusFile string
	limit      time.Duration // until a newer generation must be there
	logf       Logf

	bridge   *running
	newest   int          // when the signal was sent
	serving  []StatusLine // as last seen, while none is newer
	deadline time.Time
	told     bool // that a newer one is there
}

// Restart is --restart: it sends SIGHUP to the bridge of the pid file and waits
// until a generation newer than all that were in the status file is the only
// one there. The wait for it to appear ends with an error after 60 s, and the
// one for the older ones to go has no limit, as they may drain.
//
// A first try that dies does no harm: any newer generation will do, not only
// the next number, for which start_server's own --restart would wait for ever.
func Restart(pidFile, statusFile string, logf Logf) error {
	r := restart{statusFile: statusFile, limit: restartLimit, logf: logf}
	return r.run(pidFile)
}

func (r *restart) run(pidFile string) (err error) {
	if r.bridge, err = findRunning(pidFile); err != nil {
		return err
	}
	defer r.bridge.close()
	if err := r.await("a generation in status file "+r.statusFile, r.anyGeneration); err != nil {
		return err
	}
	if err := r.bridge.signal(unix.SIGHUP); err != nil {
		return err
	}
	return r.await("a newer generation", r.onlyNewer)
}

// await looks at the status file until done says so. A file that cannot be
// read counts as empty: it may be in the middle of being replaced.
func (r *restart) await(what string, done func([]StatusLine) bool) error {
	r.deadline = time.Now().Add(r.limit)
	for {
		lines, readErr := readStatus(r.statusFile)
		if done(lines) {
			return nil
		}
		if time.Now().After(r.deadline) {
			return r.late(what, readErr)
		}
		if gone, err := r.bridge.goneWithin(restartPoll); gone || err != nil {
			return r.gone(err)
		}
	}
}

// anyGeneration notes what serves before the signal.
func (r *restart) anyGeneration(lines []StatusLine) bool {
	for _, l := range lines {
		r.newest = max(r.newest, l.Generation)
	}
	r.serving = lines
	return len(lines) > 0
}

// onlyNewer puts off the deadline while a newer generation is there.
func (r *restart) onlyNewer(lines []StatusLine) bool {
	var older, newer []StatusLine
	for _, l := range lines {
		if l.Generation > r.newest {
			newer = append(newer, l)
		} else {
			older = append(older, l)
		}
	}
	if len(newer) == 0 {
		if len(older) > 0 {
			r.serving = older
		}
		return false
	}
	r.deadline = time.Now().Add(r.limit)
	if len(older) > 0 && !r.told {
		r.logf("%s serves; waiting for %s to end", describe(newer), describe(older))
		r.told = true
	}
	return len(lines) == 1
}

func (r *restart) late(what string, readErr error) error {
	serving := ""
	if len(r.serving) > 0 {
		serving = fmt.Sprintf("; %s keeps serving", describe(r.serving))
	}
	if readErr != nil {
		serving += fmt.Sprintf(" (%v)", readErr)
	}
	return fmt.Errorf("no sign of %s after %s%s; start_server (pid %d) goes on trying, its log tells why",
		what, r.limit, serving, r.bridge.pid)
}

func (r *restart) gone(err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("start_server (pid %d) is gone; its log tells why", r.bridge.pid)
}

func describe(lines []StatusLine) string {
	parts := make([]string, 0, len(lines))
	for _, l := range lines {
		parts = append(parts, fmt.Sprintf("generation %d (pid %d)", l.Generation, l.PID))
	}
	return strings.Join(parts, ", ")
}
