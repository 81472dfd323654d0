package ready

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Unreadable is a living process that could not be looked at.
type Unreadable struct {
	PID int
	// What is the entry of /proc/PID: "fd", "fdinfo", "syscall", "mem",
	// "task", or "" for the directory itself.
	What string
	Err  error
}

// Error names the file and, where a right is missing, what it takes.
func (u Unreadable) Error() string {
	file := "/proc/" + strconv.Itoa(u.PID)
	if u.What != "" {
		file += "/" + u.What
	}
	text := fmt.Sprintf("cannot read %s: %v", file, u.Err)
	if denied(u.Err) {
		text += ": it takes CAP_SYS_PTRACE"
	}
	return text
}

// Unwrap returns the error of the system.
func (u Unreadable) Unwrap() error { return u.Err }

// denied includes ENOENT, which is what hidepid=2 answers (proc(5)).
func denied(err error) bool {
	return errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOENT)
}

// vanished is what one gets from an entry of a process, thread or descriptor
// that ended after its name was read.
func vanished(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH)
}

// failed notes that a process could not be read, once for each kind of file,
// unless it has ended.
func (l *look) failed(pid int, what string, err error) {
	same := func(u Unreadable) bool { return u.PID == pid && u.What == what }
	if slices.ContainsFunc(l.unreadable, same) || l.gone(pid) {
		return
	}
	l.unreadable = append(l.unreadable, Unreadable{pid, what, err})
}

// gone is true for zombies as well: their files belong to root, so that others
// get EACCES.
func (l *look) gone(pid int) bool {
	if errors.Is(l.sys.kill(pid, 0), unix.ESRCH) {
		return true
	}
	stat, err := l.readFile(unix.AT_FDCWD, fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && ended(stat)
}

// ended reads the state in /proc/PID/stat, behind a command name that may hold
// anything.
func ended(stat []byte) bool {
	rest := bytes.TrimSpace(stat[bytes.LastIndexByte(stat, ')')+1:])
	return bytes.HasPrefix(rest, []byte("Z")) || bytes.HasPrefix(rest, []byte("X"))
}
