package starter

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockPatience is how long a pid file may be locked by another before that is
// an error: a bridge that is on its way out, or a --restart that looks whether
// anybody holds the lock. flock(2) has no wait with a limit, so it is asked
// again and again.
const (
	lockPatience = time.Second
	lockPoll     = 10 * time.Millisecond
)

// errReplaced is a pid file that was unlinked or replaced between open and lock.
var errReplaced = errors.New("file was replaced")

// PidFile is a pid file that we hold: it says who we are, and its lock, an
// exclusive flock(2) as start_server takes it, that we live.
type PidFile struct {
	path string
	fd   int
	sys  sys
}

// CreatePidFile locks the file and writes our pid and a newline to it. Where
// Perl waits for ever, it refuses: a file whose holder still has the lock after
// a second is left as it was.
func CreatePidFile(path string) (*PidFile, error) {
	p := &PidFile{path: path, sys: kernel}
	next := time.Tick(lockPoll)
	for deadline := time.Now().Add(lockPatience); ; <-next {
		err := p.lock()
		switch {
		case err == nil:
			return p.write()
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, errReplaced):
			return nil, fmt.Errorf("cannot lock pid file %q: %w", path, err)
		case time.Now().After(deadline):
			return nil, p.heldError(err)
		}
	}
}

// lock opens the file and locks it, without a change to what it says.
func (p *PidFile) lock() error {
	fd, err := p.sys.openFile(p.path, unix.O_RDWR|unix.O_CREAT)
	if err != nil {
		return err
	}
	err = p.sys.flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if err == nil && !sameFile(fd, p.path) {
		err = errReplaced
	}
	if err != nil {
		_ = p.sys.close(fd)
		return err
	}
	p.fd = fd
	return nil
}

func (p *PidFile) write() (*PidFile, error) {
	err := p.sys.ftruncate(p.fd, 0)
	if err == nil {
		err = p.sys.writeAll(p.fd, fmt.Appendf(nil, "%d\n", os.Getpid()))
	}
	if err != nil {
		_ = p.Remove()
		return nil, fmt.Errorf("cannot write pid file %q: %w", p.path, err)
	}
	return p, nil
}

func (p *PidFile) heldError(cause error) error {
	holder := "another process"
	if pid, err := p.sys.readPid(p.path); err == nil {
		holder = fmt.Sprintf("pid %d, which lives", pid)
	}
	return fmt.Errorf("cannot lock pid file %q: it is held by %s; stop that one first (--stop --pid-file=%s) or give another --pid-file: %w",
		p.path, holder, p.path, cause)
}

// Remove unlinks the file and then gives up the lock, in this order, as
// whoever waits for the lock may count on the file being gone. A file that has
// taken its place is left alone.
func (p *PidFile) Remove() error {
	var err error
	if sameFile(p.fd, p.path) {
		err = p.sys.unlink(p.path)
	}
	_ = p.sys.close(p.fd)
	if err != nil {
		return fmt.Errorf("cannot remove pid file %q: %w", p.path, err)
	}
	return nil
}

// sameFile reports whether path still leads to the file that fd has open.
func sameFile(fd int, path string) bool {
	var open, named unix.Stat_t
	return unix.Fstat(fd, &open) == nil && unix.Stat(path, &named) == nil &&
		open.Dev == named.Dev && open.Ino == named.Ino
}

// readPid reads the pid file of another.
func (s *sys) readPid(path string) (int, error) {
	fd, err := s.openFile(path, unix.O_RDONLY)
	if err != nil {
		return 0, err
	}
	defer func() { _ = s.close(fd) }()
	return s.readPidFrom(fd)
}

func (s *sys) readPidFrom(fd int) (int, error) {
	buf := make([]byte, 64)
	n, err := s.readSome(fd, buf)
	if err != nil {
		return 0, err
	}
	return parsePid(string(buf[:n]))
}

// parsePid reads the first line of a pid file.
func parsePid(content string) (int, error) {
	line, _, _ := strings.Cut(content, "\n")
	pid, err := strconv.ParseInt(strings.TrimSpace(line), 10, 32)
	if err != nil || pid <= 0 {
		return 0, fmt.Errorf("no pid in %q", line)
	}
	return int(pid), nil
}
