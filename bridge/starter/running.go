package starter

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// running is a living bridge, or a start_server of Perl's, that a pid file led
// to. The pidfd makes sure that no signal reaches a later owner of its pid.
type running struct {
	pid, pidfd int
	sys        sys
}

// findRunning asks first who holds the pid file's lock: a file that nobody
// locks was left by a crash, and its pid may be a stranger's by now.
func findRunning(path string) (*running, error) {
	s := kernel
	fd, err := s.openFile(path, unix.O_RDONLY)
	if err != nil {
		return nil, fmt.Errorf("cannot open pid file %q: %w", path, err)
	}
	defer func() { _ = s.close(fd) }()
	pid, err := s.awaitPid(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot read pid file %q: %w", path, err)
	}
	pidfd, openErr := s.pidfdOpen(pid, 0)
	// Only now: who holds the lock after the pidfd was opened is whom it means.
	held, err := s.locked(fd)
	switch {
	case err != nil:
		err = fmt.Errorf("cannot look at the lock of pid file %q: %w", path, err)
	case !held:
		err = fmt.Errorf("pid file %q is stale: nobody holds its lock, so start_server (pid %d) is gone and nothing was signalled; remove the file", path, pid)
	case openErr != nil:
		err = fmt.Errorf("cannot find start_server (pid %d of pid file %q, locked by somebody: in another container?): %w", pid, path, openErr)
	default:
		return &running{pid: pid, pidfd: pidfd, sys: s}, nil
	}
	if openErr == nil {
		_ = s.close(pidfd)
	}
	return nil, err
}

// awaitPid reads the pid; a bridge that has just started has the lock a moment
// before it writes.
func (s *sys) awaitPid(fd int) (int, error) {
	next := time.Tick(lockPoll)
	for deadline := time.Now().Add(lockPatience); ; <-next {
		pid, err := s.readPidFrom(fd)
		if err == nil || time.Now().After(deadline) {
			return pid, err
		}
	}
}

// locked reports whether somebody else has an exclusive lock on fd's file.
func (s *sys) locked(fd int) (bool, error) {
	err := s.flock(fd, unix.LOCK_SH|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, s.flock(fd, unix.LOCK_UN)
}

// signal sends it to this very process.
func (r *running) signal(signal unix.Signal) error {
	if err := r.sys.pidfdKill(r.pidfd, signal, nil, 0); err != nil {
		return fmt.Errorf("cannot send %s to start_server (pid %d): %w", unix.SignalName(signal), r.pid, err)
	}
	return nil
}

// goneWithin waits for the process's end, at most for d; for ever when d is
// negative.
func (r *running) goneWithin(d time.Duration) (bool, error) {
	fds := []unix.PollFd{{Fd: int32(r.pidfd), Events: unix.POLLIN}}
	timeout := -1
	if d >= 0 {
		timeout = int(d.Milliseconds())
	}
	n, err := unix.Poll(fds, timeout)
	for errors.Is(err, unix.EINTR) {
		n, err = unix.Poll(fds, timeout)
	}
	if err != nil {
		return false, fmt.Errorf("cannot wait for start_server (pid %d): %w", r.pid, err)
	}
	return n > 0, nil
}

func (r *running) close() { _ = r.sys.close(r.pidfd) }
