package ready

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// denying is the system with a file of /proc that cannot be opened.
func denying(suffix string, err error) sys {
	s := kernel
	s.openat = func(dir int, path string, flags int, mode uint32) (int, error) {
		if strings.HasSuffix(path, suffix) {
			return -1, err
		}
		return unix.Openat(dir, path, flags, mode)
	}
	return s
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	fd := listen(t, unix.AF_INET)
	target := targetOf(t, fd)
	blocked := startChild(t, "accept", fd).pid
	polling := startChild(t, "ppoll", fd).pid
	registered := startChild(t, "epoll", fd).pid
	for _, pid := range []int{blocked, polling, registered} {
		eventuallyWaits(t, target, pid)
	}
	for _, test := range []struct {
		pid    int
		suffix string
		err    error
		what   string // "-": nothing is said
	}{
		{blocked, "", unix.EMFILE, ""},
		{blocked, "", unix.ENOENT, ""}, // hidepid=2
		{blocked, "fd", unix.EACCES, "fd"},
		{blocked, "task", unix.EPERM, "task"},
		{blocked, "syscall", unix.EPERM, "syscall"},
		{blocked, "syscall", unix.ESRCH, "-"},
		{polling, "mem", unix.EACCES, "mem"},
		{registered, "fdinfo/" + epollOf(t, registered), unix.EACCES, "fdinfo"},
		{registered, "syscall", unix.EPERM, "-"}, // need not be read
	} {
		seen := newLook(denying(test.suffix, test.err), []Target{target}).look([]int{test.pid})
		if test.what == "-" {
			if len(seen.Unreadable) != 0 {
				t.Errorf("%s: %v: got %v, want nothing", test.suffix, test.err, seen.Unreadable)
			}
			continue
		}
		if want := (Unreadable{test.pid, test.what, test.err}); len(seen.Unreadable) != 1 || seen.Unreadable[0] != want {
			t.Errorf("%s: got %v, want %v", test.suffix, seen.Unreadable, want)
		}
	}
}

// epollOf finds the epoll descriptor of a child.
func epollOf(t *testing.T, pid int) string {
	t.Helper()
	l := newLook(kernel, nil)
	var epoll string
	l.each([]int{pid}, func(p *process) { epoll = p.epolls[0] })
	return epoll
}

func TestTableThatCannotBeRead(t *testing.T) {
	fails := func(change func(*sys)) []Unreadable {
		s := kernel
		change(&s)
		return newLook(s, nil).look([]int{os.Getpid()}).Unreadable
	}
	for name, change := range map[string]func(*sys){
		"readlink": func(s *sys) { s.readlinkat = func(int, string, []byte) (int, error) { return 0, unix.EACCES } },
		"getdents": func(s *sys) { s.readDirent = func(int, []byte) (int, error) { return 0, unix.EACCES } },
	} {
		if got := fails(change); len(got) != 1 || got[0].What != "fd" {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestWithoutSockDiag(t *testing.T) {
	fd := listen(t, unix.AF_UNIX)
	target := targetOf(t, fd)
	c := startChild(t, "busy", fd)
	connect(t, fd)
	c.line(t)
	s := kernel
	s.socket = func(int, int, int) (int, error) { return -1, unix.EAFNOSUPPORT }

	seen := newLook(s, []Target{target}).look([]int{c.pid})
	if seen.ConnectedErr == nil || !strings.Contains(seen.ConnectedErr.Error(), "RestrictAddressFamilies=") {
		t.Errorf("got %v", seen.ConnectedErr)
	}
	if len(seen.Unreadable) > 0 {
		t.Errorf("a process is blamed: %v", seen.Unreadable)
	}
	if _, err := newLook(s, []Target{target}).established([]int{c.pid}); !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("established: %v", err)
	}
	if _, err := newLook(s, nil).elsewhere([]int{c.pid}); !errors.Is(err, unix.EAFNOSUPPORT) {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestSocketOfAnotherNamespace(t *testing.T) {
	fd := listen(t, unix.AF_INET)
	target := targetOf(t, fd)
	target.Inode++ // as good as one that sock_diag does not list
	c := startChild(t, "busy", fd)
	connect(t, fd)
	c.line(t)
	seen := Look([]int{c.pid}, []Target{target})
	if seen.ConnectedErr == nil || !strings.Contains(seen.ConnectedErr.Error(), `"test"`) {
		t.Errorf("got %v", seen.ConnectedErr)
	}
}
