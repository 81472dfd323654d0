package ready

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// users are those whose messages are read. What it remembers keeps a flood of
// messages from becoming a flood of questions.
type users struct {
	allowed  func(uid uint32) bool
	accepted []uint32
	refused  uint32
	since    time.Time // of the refusal
}

func (u *users) accept(uid uint32) bool {
	switch {
	case uid == 0 || int(uid) == unix.Getuid() || slices.Contains(u.accepted, uid):
		return true
	case u.allowed == nil || uid == u.refused && time.Since(u.since) < time.Second:
		return false
	case u.allowed(uid):
		u.accepted = append(u.accepted, uid)
		return true
	}
	u.refused, u.since = uid, time.Now()
	return false
}

// RunsAs tells whether one of the processes has that user id, real, effective or
// saved. It reads files of /proc.
func RunsAs(pids []int, uid uint32) bool {
	l := newLook(kernel, nil)
	return slices.ContainsFunc(pids, func(pid int) bool {
		status, err := l.readFile(unix.AT_FDCWD, fmt.Sprintf("/proc/%d/status", pid))
		return err == nil && hasUser(status, uid)
	})
}

// hasUser reads the line "Uid:" of /proc/PID/status (proc(5)).
func hasUser(status []byte, uid uint32) bool {
	_, rest, ok := bytes.Cut(status, []byte("\nUid:"))
	if !ok {
		return false
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	want := strconv.AppendUint(nil, uint64(uid), 10)
	return slices.ContainsFunc(bytes.Fields(line), func(id []byte) bool { return bytes.Equal(id, want) })
}
