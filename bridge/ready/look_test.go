package ready

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var families = map[string]int{"tcp4": unix.AF_INET, "tcp6": unix.AF_INET6, "unix": unix.AF_UNIX}

var waitingModes = []string{"accept", "accept4", "ppoll", "pselect6", "epoll", "nested"}

func TestLookSeesWhoWaits(t *testing.T) {
	for _, mode := range waitingModes {
		t.Run(mode, func(t *testing.T) {
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			c := startChild(t, mode, fd)
			eventuallyWaits(t, targetOf(t, fd), c.pid)
		})
	}
}

func eventuallyWaits(t *testing.T, target Target, pid int) {
	t.Helper()
	eventually(t, "the child to wait", func() bool {
		seen := Look([]int{pid}, []Target{target})
		if len(seen.Unreadable) > 0 {
			t.Fatal(seen.Unreadable)
		}
		return slices.Equal(seen.Waiting[target.Inode], []int{pid}) && seen.Serving(target)
	})
}

func TestLookIsNotFooled(t *testing.T) {
	for _, mode := range []string{"ppoll-out", "epoll-hup", "epoll-gone", "holds"} {
		t.Run(mode, func(t *testing.T) {
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			c := startChild(t, mode, fd)
			c.line(t)
			seen := Look([]int{c.pid}, []Target{targetOf(t, fd)})
			if want := (Seen{Waiting: map[uint64][]int{}, Connected: map[uint64][]int{}}); !reflect.DeepEqual(seen, want) {
				t.Errorf("got %+v, want nothing", seen)
			}
		})
	}
}

func TestLookTellsWorkerFromMaster(t *testing.T) {
	checkLeaks(t)
	fd, other := listen(t, unix.AF_INET), listen(t, unix.AF_UNIX)
	target, idle := targetOf(t, fd), targetOf(t, other)
	c := startChild(t, "master", fd)
	worker := c.number(t)
	eventually(t, "the worker alone to wait", func() bool {
		seen := Look([]int{c.pid, worker}, []Target{target, idle})
		return slices.Equal(seen.Waiting[target.Inode], []int{worker}) && !seen.Serving(idle)
	})
}

func TestUnserved(t *testing.T) {
	checkLeaks(t)
	fd, other := listen(t, unix.AF_INET), listen(t, unix.AF_INET)
	served, lost := targetOf(t, fd), targetOf(t, other)
	served.Name, lost.Name = "served", "lost"
	c := startChild(t, "accept", fd)
	eventuallyWaits(t, served, c.pid)
	for rule, want := range map[string][]string{
		"auto": {"lost"}, "accept": {"lost"}, "accept:lost": {"lost"}, "accept:served": nil, "interval": nil, "notify": nil,
	} {
		r, err := ParseRule(rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Unserved([]int{c.pid}, []Target{served, lost}); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
}

func TestLookSeesAcceptedConnections(t *testing.T) {
	for name, family := range families {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			fd := listen(t, family)
			target := targetOf(t, fd)
			c := startChild(t, "busy", fd)
			if n, err := Established([]int{c.pid}, []Target{target}); n != 0 || err != nil {
				t.Errorf("established before any connection: %d, %v", n, err)
			}
			connect(t, fd)
			c.line(t)
			connect(t, fd) // stays in the queue
			seen := Look([]int{c.pid}, []Target{target})
			if !slices.Equal(seen.Connected[target.Inode], []int{c.pid}) || seen.ConnectedErr != nil {
				t.Errorf("got %+v, want pid %d connected", seen, c.pid)
			}
			if len(seen.Waiting) != 0 || !seen.Serving(target) {
				t.Errorf("got %+v, want it serving, not waiting", seen)
			}
			if n, err := Established([]int{c.pid}, []Target{target}); n != 1 || err != nil {
				t.Errorf("established: %d, %v, want 1", n, err)
			}
		})
	}
}

// A server may remove the file of the socket that it was handed and bind the
// path again: what comes in there is not from the target.
func TestLookTellsReboundPath(t *testing.T) {
	checkLeaks(t)
	path := t.TempDir() + "/s"
	target := targetOf(t, listenOn(t, unix.AF_UNIX, &unix.SockaddrUnix{Name: path}))
	if err := unix.Unlink(path); err != nil {
		t.Fatal(err)
	}
	rebound := listenOn(t, unix.AF_UNIX, &unix.SockaddrUnix{Name: path})
	c := startChild(t, "busy", rebound)
	connect(t, rebound)
	c.line(t)
	for _, test := range []struct {
		target Target
		want   []int
	}{{target, nil}, {targetOf(t, rebound), []int{c.pid}}} {
		seen := Look([]int{c.pid}, []Target{test.target})
		if got := seen.Connected[test.target.Inode]; !slices.Equal(got, test.want) || seen.ConnectedErr != nil {
			t.Errorf("got %v, %v, want %v", got, seen.ConnectedErr, test.want)
		}
	}
}

func TestElsewhere(t *testing.T) {
	checkLeaks(t)
	fd := listen(t, unix.AF_INET)
	target := targetOf(t, fd)
	c := startChild(t, "elsewhere", fd)
	want := []Listener{{fmt.Sprintf("127.0.0.1:%d", c.number(t)), c.pid}}
	c.line(t)
	if Look([]int{c.pid}, []Target{target}).Serving(target) {
		t.Error("taken for serving the target")
	}
	got, err := Elsewhere([]int{c.pid}, []Target{target})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestElsewhereNamesEveryFamily(t *testing.T) {
	checkLeaks(t)
	abstract := fmt.Sprintf("@ready-test-%d", os.Getpid())
	c := startChild(t, "holds", listen(t, unix.AF_INET6), listenOn(t, unix.AF_UNIX, &unix.SockaddrUnix{Name: abstract}))
	c.line(t)
	got, err := Elsewhere([]int{c.pid}, nil)
	if err != nil || len(got) != 2 || got[0].Addr != abstract || !strings.HasPrefix(got[1].Addr, "[::1]:") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLookReadsRings(t *testing.T) {
	for _, test := range []struct {
		mode          string
		waits, silent bool
	}{
		{"uring", true, false},
		{"uring-poll", false, true},
		{"uring-idle", false, true},
	} {
		t.Run(test.mode, func(t *testing.T) {
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			target := targetOf(t, fd)
			c := startChild(t, test.mode, fd)
			if answer := c.line(t); answer != "io_uring" {
				t.Skip("no io_uring here: " + answer)
			}
			c.line(t)
			seen := Look([]int{c.pid}, []Target{target})
			if waits := seen.Serving(target); waits != test.waits {
				t.Errorf("waits: %v", waits)
			}
			if silent := slices.Equal(seen.Ring, []int{c.pid}); silent != test.silent {
				t.Errorf("silent: %v, got %+v", silent, seen)
			}
		})
	}
}

func TestLookAtProcessesOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to have a child of another user")
	}
	checkLeaks(t)
	c := startChild(t, "stranger", listen(t, unix.AF_INET))
	want := fmt.Sprintf("cannot read /proc/%d/fd: permission denied: it takes CAP_SYS_PTRACE", os.Getpid())
	if got := c.line(t); got != want {
		t.Errorf("of a process of root: %q, want %q", got, want)
	}
	if got := c.line(t); got != "0" {
		t.Errorf("of a zombie: %s unreadable, want 0", got)
	}
}

func TestLookAtOtherLanguages(t *testing.T) {
	for name, command := range map[string][]string{
		"perl accept":      {"perl", "-MIO::Socket::INET", "-e", `IO::Socket::INET->new_from_fd(3, "r+")->accept`},
		"perl select":      {"perl", "-e", `vec($r, 3, 1) = 1; select($r, undef, undef, undef)`},
		"python accept":    {"python3", "-c", `import socket; socket.socket(fileno=3).accept()`},
		"python selectors": {"python3", "-c", `import selectors; s = selectors.DefaultSelector(); s.register(3, 1); s.select()`},
		"python poll":      {"python3", "-c", `import select; p = select.poll(); p.register(3, 1); p.poll()`},
		"node":             {"node", "-e", `require("net").createServer().listen({fd: 3})`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skip(err)
			}
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			cmd := exec.Command(command[0], command[1:]...)
			c := start(t, cmd, fd)
			t.Cleanup(func() { cmd.Process.Kill() })
			eventuallyWaits(t, targetOf(t, fd), c.pid)
		})
	}
}

func TestLookPassesOverTheDead(t *testing.T) {
	checkLeaks(t)
	target := targetOf(t, listen(t, unix.AF_INET))
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Skip(err)
	}
	if seen := Look([]int{cmd.Process.Pid}, []Target{target}); len(seen.Unreadable) > 0 || seen.Serving(target) {
		t.Errorf("got %+v", seen)
	}
}

// The fdinfo of a large epoll set is longer than the buffer at first.
func TestLookReadsLargeEpollSets(t *testing.T) {
	checkLeaks(t)
	target := targetOf(t, listen(t, unix.AF_UNIX))
	others := make([]int, 300)
	for i := range others {
		others[i] = socketOf(t, unix.AF_UNIX)
	}
	fd := listen(t, unix.AF_INET)
	set, err := newEpoll(others[0], unix.EPOLLIN)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(set)
	for _, other := range append(others[1:], fd) {
		if err := unix.EpollCtl(set, unix.EPOLL_CTL_ADD, other, &unix.EpollEvent{Events: unix.EPOLLIN}); err != nil {
			t.Fatal(err)
		}
	}
	last := targetOf(t, fd)
	seen := Look([]int{os.Getpid()}, []Target{target, last})
	if !seen.Serving(last) || seen.Serving(target) {
		t.Errorf("got %+v", seen)
	}
}

func TestTargetOfRefuses(t *testing.T) {
	file, err := os.Open("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := TargetOf(int(file.Fd()), "x"); !errors.Is(err, unix.ENOTSOCK) {
		t.Errorf("of a file: %v", err)
	}
	if _, err := TargetOf(-1, "x"); !errors.Is(err, unix.EBADF) {
		t.Errorf("of no descriptor: %v", err)
	}
}

// BenchmarkLook is one look at a tree of 100 processes.
func BenchmarkLook(b *testing.B) {
	for _, mode := range []string{"epoll", "accept", "holds"} {
		b.Run(mode, func(b *testing.B) {
			fd := listen(b, unix.AF_INET)
			targets := []Target{targetOf(b, fd)}
			var pids []int
			for range 100 {
				pids = append(pids, startChild(b, mode, fd).pid)
			}
			if mode != "holds" {
				eventually(b, "all to wait", func() bool {
					return len(Look(pids, targets).Waiting[targets[0].Inode]) == len(pids)
				})
			}
			for b.Loop() {
				Look(pids, targets)
			}
		})
	}
}
