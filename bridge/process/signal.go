package process

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Signal sends sig to a child that has not been reaped yet.
func Signal(pid int, sig unix.Signal) error {
	if pid <= 0 { // to kill(2), a group or everyone
		return notSent(sig, pid, unix.EINVAL)
	}
	if err := system.kill(pid, sig); err != nil {
		return notSent(sig, pid, err)
	}
	return nil
}

// SignalGroup sends sig to a process group at once, as no walk over its members
// can. The number is safe from reuse while the group's leader is not reaped or
// a [Census] still finds a member in it; only then may it be used.
func SignalGroup(group int, sig unix.Signal) error {
	if group <= 1 { // to kill(2), the bridge's own group or everyone
		return notSent(sig, -group, unix.EINVAL)
	}
	if err := system.kill(-group, sig); err != nil {
		return notSent(sig, -group, err)
	}
	return nil
}

// SignalChecked sends sig to a process that need not be a child, through a
// pidfd (pidfd_open(2)). The start time is compared after that was opened, so
// that it cannot hit a process that reuses the pid: the error is ESRCH when it
// is not the one that was seen any more.
func SignalChecked(p Process, sig unix.Signal) error {
	if err := signalChecked(p, sig); err != nil {
		return notSent(sig, p.PID, err)
	}
	return nil
}

func signalChecked(p Process, sig unix.Signal) error {
	fd, err := system.pidfdOpen(p.PID, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	now, err := readStat(p.PID, make([]byte, statSize))
	if gone(err) || err == nil && now.Start != p.Start {
		return unix.ESRCH
	}
	if err != nil {
		return err
	}
	return system.pidfdSend(fd, sig, nil, 0)
}

// notSent is the error of a signal; a negative pid is a group.
func notSent(sig unix.Signal, pid int, err error) error {
	what := "process"
	if pid < 0 {
		what, pid = "process group", -pid
	}
	return fmt.Errorf("cannot send %s to %s %d: %w", SignalName(sig), what, pid, err)
}

// aliases are the names that package unix does not know beside its own.
var aliases = map[string]unix.Signal{"CLD": unix.SIGCHLD, "IOT": unix.SIGABRT, "POLL": unix.SIGIO}

// SignalNumber reads a signal as Server::Starter does: in any letter case, with
// or without SIG, or by number.
func SignalNumber(name string) (unix.Signal, error) {
	short := strings.TrimPrefix(strings.ToUpper(name), "SIG")
	if sig := unix.SignalNum("SIG" + short); sig != 0 {
		return sig, nil
	}
	if sig, ok := aliases[short]; ok {
		return sig, nil
	}
	if n, err := strconv.ParseUint(name, 10, 8); err == nil && 1 <= n && n <= signals {
		return unix.Signal(n), nil
	}
	return 0, fmt.Errorf("unknown signal %q: write a name such as TERM, QUIT, USR1 or CONT, or a number from 1 to %d", name, signals)
}

// SignalName is "TERM", or the number of a signal that has no name.
// [SignalNumber] reads it back.
func SignalName(sig unix.Signal) string {
	if name := unix.SignalName(sig); name != "" {
		return strings.TrimPrefix(name, "SIG")
	}
	return strconv.Itoa(int(sig))
}
