package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// NoGroup is the group of a socket that root and the bridge's user alone can
// connect to.
const NoGroup = -1

// maxPath is what fits into a sockaddr_un, unix(7).
const maxPath = 107

// Listen makes the socket file at path, with mode 0600; a group gets 0660. It
// is in the way of nobody: path.lock is locked beside it while the server is
// there, and only under this lock an old socket file is removed.
func Listen(path string, group int) (*Server, error) { return kernel.listen(path, group) }

func (s sys) listen(path string, group int) (*Server, error) {
	fail := func(err error) (*Server, error) {
		return nil, fmt.Errorf("cannot listen on control socket %q: %w", path, err)
	}
	if len(path) > maxPath {
		return fail(fmt.Errorf("a path of more than %d bytes; give a shorter one by --control", maxPath))
	}
	lock, err := s.lock(path + ".lock")
	if err != nil {
		return fail(err)
	}
	listener, err := s.bind(path, group)
	if err != nil {
		_ = s.close(lock)
		return fail(err)
	}
	server := newServer(s, listener, path, lock)
	server.file, _ = s.file(path)
	return server, nil
}

// file is the file at path itself, whatever it is.
func (s sys) file(path string) (fileID, error) {
	var st unix.Stat_t
	err := s.lstat(path, &st)
	return fileID{st.Dev, st.Ino}, err
}

// lock takes the lock that lives as long as the descriptor.
func (s sys) lock(path string) (int, error) {
	fd, err := s.open(path, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return -1, fmt.Errorf("its lock %q: %w", path, err)
	}
	err = s.flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return fd, nil
	}
	_ = s.close(fd)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return -1, fmt.Errorf("another bridge has it; give this one a path of its own by --control")
	}
	return -1, fmt.Errorf("its lock %q: %w", path, err)
}

// bind replaces what an earlier bridge left there.
func (s sys) bind(path string, group int) (*net.UnixListener, error) {
	if err := s.removeOld(path); err != nil {
		return nil, err
	}
	// A file gets its mode from the socket, less the umask: with no moment in
	// which others could connect.
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		var err error
		return errors.Join(raw.Control(func(fd uintptr) { err = s.fchmod(int(fd), 0o600) }), err)
	}}
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	listener := l.(*net.UnixListener)
	listener.SetUnlinkOnClose(false) // the server does it, under the lock
	if err := s.admit(path, group); err != nil {
		_ = listener.Close()
		_ = s.unlink(path)
		return nil, err
	}
	return listener, nil
}

// removeOld removes a socket file and nothing else.
func (s sys) removeOld(path string) error {
	var st unix.Stat_t
	err := s.lstat(path, &st)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil
	case err != nil:
		return err
	case st.Mode&unix.S_IFMT != unix.S_IFSOCK:
		return fmt.Errorf("something else than a socket is there; give another path by --control")
	}
	return s.unlink(path)
}

// admit sets who can connect, whatever the umask is.
func (s sys) admit(path string, group int) error {
	mode := uint32(0o600)
	if group != NoGroup {
		if err := s.lchown(path, -1, group); err != nil {
			return fmt.Errorf("give it to group %d: %w", group, err)
		}
		mode = 0o660
	}
	return s.chmod(path, mode)
}
