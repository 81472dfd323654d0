package socket

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// maxPath is the longest path of a Unix socket, in bytes: sun_path without its
// NUL (unix(7)).
const maxPath = 107

// fileID is a file, whatever it is called. The zero value is none.
type fileID struct{ dev, ino uint64 }

var errNotSocket = errors.New("not a socket")

// socketFile is the socket file that path leads to. The error wraps errNotSocket
// where it leads to something else.
func (s sys) socketFile(path string) (fileID, error) {
	var st unix.Stat_t
	if err := s.stat(path, &st); err != nil {
		return fileID{}, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return fileID{}, fmt.Errorf("%s, %w", fileKind(st.Mode), errNotSocket)
	}
	return fileID{st.Dev, st.Ino}, nil
}

func fileKind(mode uint32) string {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return "a regular file"
	case unix.S_IFDIR:
		return "a directory"
	case unix.S_IFLNK:
		return "a symbolic link"
	case unix.S_IFIFO:
		return "a FIFO"
	default:
		return "a device"
	}
}

func (s sys) bindPath(p *Placed, backlog int) (warning string, err error) {
	if len(p.Path) > maxPath {
		return "", &BindError{
			Flag: p.flag(), Err: fmt.Errorf("the path has %d bytes, a socket's has %d at most", len(p.Path), maxPath),
			Remedy: "choose a shorter one",
		}
	}
	removed, err := s.clearPath(p)
	if err != nil {
		return "", err
	}
	fd, file, err := s.openPath(p.Path, backlog)
	if err == nil {
		p.file = file
		if err = s.bound(p, fd); err != nil {
			_ = s.unlink(p.Path)
		}
	}
	if err != nil {
		return "", &BindError{Flag: p.flag(), Err: err, Remedy: pathRemedies.of(err)}
	}
	if removed { // in Server::Starter's words, which scripts look for in logs
		warning = "removing existing socket file:" + p.Path
	}
	return warning, nil
}

// clearPath removes a socket file that nobody listens on. Server::Starter
// removes whatever is there.
func (s sys) clearPath(p *Placed) (removed bool, err error) {
	fail := func(err error, remedy string) error {
		return &BindError{Flag: p.flag(), Err: err, Remedy: remedy}
	}
	var st unix.Stat_t
	switch err := s.lstat(p.Path, &st); {
	case errors.Is(err, unix.ENOENT):
		return false, nil
	case err != nil:
		return false, fail(err, pathRemedies.of(err))
	case st.Mode&unix.S_IFMT != unix.S_IFSOCK:
		return false, fail(fmt.Errorf("%s is in the way", fileKind(st.Mode)), "move it away, or choose another path")
	}
	server, err := s.serverOn(p.Path)
	if err != nil {
		return false, fail(fmt.Errorf("cannot see whether a server listens on it: %w", err), "remove the file if none does")
	}
	if server != "" {
		return false, fail(fmt.Errorf("%s listens on it", server), "stop it, or choose another path")
	}
	if err := s.unlink(p.Path); err != nil && !errors.Is(err, unix.ENOENT) {
		return false, fail(fmt.Errorf("cannot remove the socket file that is left there: %w", err), pathRemedies.of(err))
	}
	return true, nil
}

// serverOn says who listens on a socket file; "" is nobody. A server whose queue
// is full would make a blocking connect(2) wait.
func (s sys) serverOn(path string) (string, error) {
	fd, err := s.socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return "", fmt.Errorf("socket: %w", err)
	}
	defer func() { _ = s.close(fd) }()
	switch err := s.connect(fd, &unix.SockaddrUnix{Name: path}); {
	case errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOENT):
		return "", nil
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EPROTOTYPE):
		return "a living server", nil
	case err != nil:
		return "", err
	}
	cred, err := s.credentials(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil || cred.Pid == 0 { // of another pid namespace
		return "a living server", nil
	}
	return fmt.Sprintf("a living server (pid %d)", cred.Pid), nil
}

func (s sys) openPath(path string, backlog int) (fd int, file fileID, err error) {
	fd, err = s.socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fileID{}, fmt.Errorf("socket: %w", err)
	}
	if err := s.bindOpen(fd, path); err != nil {
		_ = s.close(fd)
		return -1, fileID{}, err
	}
	file, err = s.socketFile(path)
	if err == nil {
		if err = s.listen(fd, backlog); err != nil {
			err = fmt.Errorf("listen: %w", err)
		}
	}
	if err != nil {
		_ = s.unlink(path)
		_ = s.close(fd)
		return -1, fileID{}, err
	}
	return fd, file, nil
}

// bindOpen makes a socket file that everybody may connect to, as start_server
// does. The umask is the whole process's: a file that another goroutine creates
// at this moment is open to everybody as well.
func (s sys) bindOpen(fd int, path string) error {
	saved := s.umask(0)
	defer s.umask(saved)
	return s.bind(fd, &unix.SockaddrUnix{Name: path})
}

// Remove unlinks the socket files that [Acquire] made, where they are still the
// same files. It is for the end: nobody can connect to them any more.
func Remove(placed []Placed) error {
	var problems []error
	for _, p := range placed {
		if p.Bound {
			problems = append(problems, system.remove(p))
		}
	}
	return errors.Join(problems...)
}

func (s sys) remove(p Placed) error {
	if p.file == (fileID{}) {
		return nil
	}
	if file, err := s.socketFile(p.Path); err != nil || file != p.file {
		return nil
	}
	if err := s.unlink(p.Path); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("cannot remove socket file %q: %w", p.Path, err)
	}
	return nil
}
