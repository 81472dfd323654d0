package activation

import (
	"fmt"
	"strconv"
)

// Handed is a descriptor that a convention announces, and its name there.
type Handed struct {
	FD   int
	Name string // "" when it has none; names may repeat
}

// Self is the process that LISTEN_* must be meant for.
type Self struct {
	PID int
	// PIDFDID gives the inode number of a pidfd of the process. Where it is nil
	// or fails (pidfds have no such number before Linux 6.9), LISTEN_PID alone
	// decides.
	PIDFDID func() (uint64, error)
}

// NotForUs says that LISTEN_FDS is meant for another process, or for nobody
// knows whom. sd_listen_fds(3) finds no descriptors then; so should a caller,
// with a warning.
type NotForUs struct {
	Var   string // the variable that says so: LISTEN_PID or LISTEN_PIDFDID
	Value string // its value; "" when LISTEN_PID is not set
	PID   int    // the process that LISTEN_PID names; 0 when it is not set
	Self  int    // this process
}

func (e *NotForUs) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s is set but %s is not: the sockets are not known to be for this process (pid %d)",
			ListenFDs, e.Var, e.Self)
	}
	return fmt.Sprintf("%s=%s is not this process (pid %d): the sockets are for another one", e.Var, e.Value, e.Self)
}

// maxFDs bounds LISTEN_FDS: fs.nr_open of proc_sys_fs(5), as Linux has it by
// default.
const maxFDs = 1 << 20

// FromSystemd reads LISTEN_FDS by the rules of sd_listen_fds_with_names(3).
//
// Nothing is announced when LISTEN_FDS is absent, or "0". The error is a
// [*NotForUs] when LISTEN_PID or LISTEN_PIDFDID name another process, or
// LISTEN_PID is absent; libsystemd, too, finds nothing then. It is an
// [*EnvError] when a variable is malformed or LISTEN_FDNAMES has another number
// of names; its absence is fine, for systemd-socket-activate sets none.
func FromSystemd(lookup func(string) (string, bool), self Self) ([]Handed, error) {
	value, ok := lookup(ListenFDs)
	if !ok {
		return nil, nil
	}
	if err := self.meant(lookup); err != nil {
		return nil, err
	}
	n, err := fdCount(value)
	if err != nil || n == 0 {
		return nil, err
	}
	names, err := fdNames(lookup, n)
	if err != nil {
		return nil, err
	}
	handed := make([]Handed, n)
	for i := range handed {
		handed[i] = Handed{FD: FirstFD + i, Name: names[i]}
	}
	return handed, nil
}

const unsetListen = "let a .socket unit set it, or unset LISTEN_FDS"

func (s Self) meant(lookup func(string) (string, bool)) error {
	value, ok := lookup(ListenPID)
	if !ok {
		return &NotForUs{Var: ListenPID, Self: s.PID}
	}
	pid, err := strconv.Atoi(value)
	if err != nil || pid <= 0 {
		return &EnvError{Var: ListenPID, Value: value, Problem: "is not a process id", Remedy: unsetListen}
	}
	if pid != s.PID {
		return &NotForUs{Var: ListenPID, Value: value, PID: pid, Self: s.PID}
	}
	return s.meantByPIDFD(lookup)
}

func (s Self) meantByPIDFD(lookup func(string) (string, bool)) error {
	value, ok := lookup(ListenPIDFDID)
	if !ok {
		return nil
	}
	id, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return &EnvError{Var: ListenPIDFDID, Value: value, Problem: "is not an inode number", Remedy: unsetListen}
	}
	if s.PIDFDID == nil {
		return nil
	}
	if own, err := s.PIDFDID(); err == nil && own != id {
		return &NotForUs{Var: ListenPIDFDID, Value: value, PID: s.PID, Self: s.PID}
	}
	return nil
}

func fdCount(value string) (int, error) {
	n, err := strconv.Atoi(value)
	problem := ""
	switch {
	case err != nil:
		problem = "is not a number of descriptors"
	case n < 0:
		problem = "is negative"
	case n > maxFDs:
		problem = fmt.Sprintf("is more than the %d descriptors a process can have", maxFDs)
	default:
		return n, nil
	}
	return 0, &EnvError{Var: ListenFDs, Value: value, Problem: problem, Remedy: unsetListen}
}
