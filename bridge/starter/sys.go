package starter

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"
)

// sys is what this package asks of the kernel; a test replaces single calls.
type sys struct {
	open      func(path string, flags int, mode uint32) (int, error)
	read      func(fd int, p []byte) (int, error)
	write     func(fd int, p []byte) (int, error)
	close     func(fd int) error
	flock     func(fd, how int) error
	ftruncate func(fd int, length int64) error
	rename    func(from, to string) error
	unlink    func(path string) error
	pidfdOpen func(pid, flags int) (int, error)
	pidfdKill func(pidfd int, signal unix.Signal, info *unix.Siginfo, flags int) error
	pipe2     func(p []int, flags int) error
	dup3      func(from, to, flags int) error
	forkExec  func(path string, argv []string, attr *syscall.ProcAttr) (int, error)
}

var kernel = sys{
	open:      unix.Open,
	read:      unix.Read,
	write:     unix.Write,
	close:     unix.Close,
	flock:     unix.Flock,
	ftruncate: unix.Ftruncate,
	rename:    unix.Rename,
	unlink:    unix.Unlink,
	pidfdOpen: unix.PidfdOpen,
	pidfdKill: unix.PidfdSendSignal,
	pipe2:     unix.Pipe2,
	dup3:      unix.Dup3,
	forkExec:  syscall.ForkExec,
}

// openFile is open(2) of a close-on-exec descriptor. The runtime's signals
// interrupt it on slow file systems.
func (s *sys) openFile(path string, flags int) (fd int, err error) {
	for {
		fd, err = s.open(path, flags|unix.O_CLOEXEC, 0o666)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// readSome reads once.
func (s *sys) readSome(fd int, p []byte) (n int, err error) {
	for {
		n, err = s.read(fd, p)
		if !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}

// writeAll writes p, however many pieces the kernel makes of it.
func (s *sys) writeAll(fd int, p []byte) error {
	for len(p) > 0 {
		n, err := s.write(fd, p)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		p = p[max(n, 0):]
	}
	return nil
}
