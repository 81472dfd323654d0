package process

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Subreaper makes orphans of the children fall to the bridge instead of to
// PID 1, see PR_SET_CHILD_SUBREAPER in prctl(2).
func Subreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot become the reaper of orphans: %w", err)
	}
	return nil
}

// NextDead looks for a child that has ended and does not reap it: its pid cannot
// be reused before [Reap] is called. Until then it is found again. ok is false
// when there is none.
func NextDead() (pid int, ok bool, err error) {
	var info unix.Siginfo
	_, err = ignoringEINTR(func() (int, error) {
		return 0, system.waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	})
	switch {
	case errors.Is(err, unix.ECHILD):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("cannot look for dead children: %w", err)
	}
	pid = deadPID(&info)
	return pid, pid != 0, nil
}

// childless tells that there is no child, and so no descendant: an orphan falls
// to the [Subreaper].
func childless() bool {
	_, err := ignoringEINTR(func() (int, error) {
		return 0, system.waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	})
	return errors.Is(err, unix.ECHILD)
}

// deadPID reads si_pid, which package unix does not give: it heads the union
// after the three integers, aligned for a pointer.
func deadPID(info *unix.Siginfo) int {
	child := (*struct {
		signo, errno, code int32
		union              struct {
			_   [0]uintptr
			pid int32
		}
	})(unsafe.Pointer(info))
	return int(child.union.pid)
}

// Reap takes in the child pid if it has ended; ok is false while it lives. The
// error is ECHILD when there is no such child.
func Reap(pid int) (exit Exit, ok bool, err error) {
	if pid <= 0 {
		return Exit{}, false, fmt.Errorf("cannot reap process %d: %w", pid, unix.EINVAL)
	}
	var status unix.WaitStatus
	n, err := ignoringEINTR(func() (int, error) {
		return system.wait4(pid, &status, unix.WNOHANG, nil)
	})
	if err != nil {
		return Exit{}, false, fmt.Errorf("cannot reap process %d: %w", pid, err)
	}
	if n != pid {
		return Exit{}, false, nil
	}
	return exitOf(status), true, nil
}

// Exit is how a process ended.
type Exit struct {
	Code     int         // exit status, when Signal is 0
	Signal   unix.Signal // what killed it, or 0
	CoreDump bool
	Status   int // as wait(2) gives it: Perl's $?
}

func exitOf(status unix.WaitStatus) Exit {
	e := Exit{Status: int(status)}
	if status.Signaled() {
		e.Signal, e.CoreDump = status.Signal(), status.CoreDump()
	} else {
		e.Code = status.ExitStatus()
	}
	return e
}

// Clean tells whether it exited 0.
func (e Exit) Clean() bool { return e.Status == 0 }

// String is "exited 255", "killed by SIGKILL" or "killed by signal 40".
func (e Exit) String() string {
	name := unix.SignalName(e.Signal)
	if name == "" {
		name = fmt.Sprintf("signal %d", int(e.Signal))
	}
	switch {
	case e.Signal == 0:
		return fmt.Sprintf("exited %d", e.Code)
	case e.CoreDump:
		return "killed by " + name + " (core dumped)"
	}
	return "killed by " + name
}
