package socket

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

func watch(t *testing.T, s sys, placed []Placed) *Watcher {
	t.Helper()
	w, err := s.watch(placed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func wantEvent(t *testing.T, w *Watcher, change Change, p Placed, err string) {
	t.Helper()
	select {
	case e, open := <-w.Events():
		text := ""
		if e.Err != nil {
			text = e.Err.Error()
		}
		if !open || e.Change != change || e.Socket.FD != p.FD || text != err {
			t.Errorf("event %v of %s (%q), open %v; want %v of %s (%q)", e.Change, e.Socket, text, open, change, p.Socket, err)
		}
	case <-time.After(patience):
		t.Fatalf("no event, want %v of %s", change, p.Socket)
	}
}

func wantQuiet(t *testing.T, w *Watcher) {
	t.Helper()
	select {
	case e := <-w.Events():
		t.Errorf("event %v of %s", e.Change, e.Socket)
	default:
	}
}

func shutdown(t *testing.T, p Placed) {
	t.Helper()
	if err := unix.Shutdown(p.FD, unix.SHUT_RD); err != nil {
		t.Fatal(err)
	}
}

func TestWatchHealsTCP(t *testing.T) {
	checkDescriptors(t)
	needIPv6(t)
	for _, port := range []string{freePort(t), "127.0.0.1:0", "[::1]:0"} {
		t.Run(port, func(t *testing.T) {
			p := acquire(t, Request{Ports: mustPorts(t, port), Backlog: 17})[0]
			w := watch(t, system, []Placed{p})
			for range 3 {
				shutdown(t, p)
				wantEvent(t, w, Healed, p, "")
				if err := connect(t, p); err != nil {
					t.Error(err)
				}
				if now, err := activation.Inspect(p.FD); err != nil || now.Addr != p.Addr || !now.Listening {
					t.Errorf("healed to %+v, %v", now, err)
				}
				if got := backlogOf(t, p); got != 17 {
					t.Errorf("backlog %d, want 17", got)
				}
			}
			wantQuiet(t, w)
		})
	}
}

func TestWatchHealsWhatCameDead(t *testing.T) {
	p := acquire(t, Request{Ports: mustPorts(t, freePort(t))})[0]
	shutdown(t, p)
	p.Listening = false
	w := watch(t, system, []Placed{p})
	wantEvent(t, w, Healed, p, "")
	if err := connect(t, p); err != nil {
		t.Error(err)
	}
}

// A Unix socket that was shut down refuses clients though it says that it
// listens, and listen(2) does not help.
func TestWatchFindsUnixDead(t *testing.T) {
	checkDescriptors(t)
	path := acquire(t, Request{Paths: []string{socketPath(t)}})[0]
	for name, p := range map[string]Placed{"path": path, "abstract": abstract(t)} {
		t.Run(name, func(t *testing.T) {
			s, waits := countWaits()
			w := watch(t, s, []Placed{p})
			shutdown(t, p)
			wantEvent(t, w, Dead, p, "")
			waitFor(t, func() bool { return waits.Load() == 2 })
			if now, err := activation.Inspect(p.FD); err != nil || !now.Listening {
				t.Errorf("SO_ACCEPTCONN of a dead Unix socket: %v, %v", now.Listening, err)
			}
			if err := unix.Listen(p.FD, 5); err != nil {
				t.Error(err)
			}
			if name == "path" {
				if err := connect(t, p); !errors.Is(err, unix.ECONNREFUSED) {
					t.Errorf("connect after listen: %v", err)
				}
			}
			w.Close()
			if got := waits.Load(); got != 2 {
				t.Errorf("%d waits: it spins", got)
			}
		})
	}
}

func abstract(t *testing.T) Placed {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	// An empty name lets the kernel choose an abstract one, unix(7) "autobind".
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{}), unix.Listen(fd, 5)); err != nil {
		t.Fatal(err)
	}
	s, err := activation.Inspect(fd)
	if err != nil {
		t.Fatal(err)
	}
	return Placed{Socket: s, Entry: s.EntryName(), Want: -1}
}

// countWaits counts how often the watcher goes to sleep.
func countWaits() (sys, *atomic.Int32) {
	s, waits := system, new(atomic.Int32)
	s.epollWait = func(epoll int, events []unix.EpollEvent, msec int) (int, error) {
		waits.Add(1)
		return unix.EpollWait(epoll, events, msec)
	}
	return s, waits
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

func TestWatchSleepsThroughConnections(t *testing.T) {
	placed := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:0"), Paths: []string{socketPath(t)}})
	s, waits := countWaits()
	w := watch(t, s, placed)
	waitFor(t, func() bool { return waits.Load() == 1 })
	for range 50 {
		for _, p := range placed {
			if err := connect(t, p); err != nil {
				t.Fatal(err)
			}
			fd, _, err := unix.Accept4(p.FD, unix.SOCK_CLOEXEC)
			if err != nil {
				t.Fatal(err)
			}
			_ = unix.Close(fd)
		}
	}
	wantQuiet(t, w)
	w.Close()
	if got := waits.Load(); got != 1 {
		t.Errorf("woken %d times by connections", got-1)
	}
}

func TestWatchLeavesStatusFlags(t *testing.T) {
	for _, flags := range []int{0, unix.SOCK_NONBLOCK} {
		p := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:0")})[0]
		if err := unix.SetNonblock(p.FD, flags != 0); err != nil {
			t.Fatal(err)
		}
		before, _ := unix.FcntlInt(uintptr(p.FD), unix.F_GETFL, 0)
		w := watch(t, system, []Placed{p})
		shutdown(t, p)
		wantEvent(t, w, Healed, p, "")
		if after, err := unix.FcntlInt(uintptr(p.FD), unix.F_GETFL, 0); after != before || err != nil {
			t.Errorf("status flags %#o became %#o, %v", before, after, err)
		}
	}
}

func TestWatchPaths(t *testing.T) {
	type files struct {
		*testing.T
		path, link, other string
	}
	remove := func(f files) error { return os.Remove(f.path) }
	replace := func(f files) error { return listenAt(f.T, f.path) }
	tests := []struct {
		name  string
		steps []func(files) error
		want  []Change // after each step; 0: none
	}{
		{"removed", []func(files) error{remove}, []Change{PathGone}},
		{"removed and linked back", []func(files) error{
			func(f files) error { return os.Link(f.path, f.link) },
			remove,
			func(f files) error { return os.Link(f.link, f.path) },
			remove,
		}, []Change{0, PathGone, PathBack, PathGone}},
		{"renamed and back", []func(files) error{
			func(f files) error { return os.Rename(f.path, f.other) },
			func(f files) error { return os.Rename(f.other, f.path) },
		}, []Change{PathGone, PathBack}},
		{"mode changed", []func(files) error{
			func(f files) error { return os.Chmod(f.path, 0o600) },
			remove,
		}, []Change{0, PathGone}},
		{"renamed over", []func(files) error{
			func(f files) error { return errors.Join(listenAt(f.T, f.other), os.Rename(f.other, f.path)) },
		}, []Change{PathReplaced}},
		{"a file in its place", []func(files) error{
			func(f files) error {
				return errors.Join(os.WriteFile(f.other, nil, 0o600), os.Rename(f.other, f.path))
			},
		}, []Change{PathReplaced}},
		{"gone, another bound, seen when the file is unlinked for good", []func(files) error{
			func(f files) error { return os.Link(f.path, f.link) },
			remove,
			replace,
			func(f files) error { return os.Remove(f.link) },
		}, []Change{0, PathGone, 0, PathReplaced}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkDescriptors(t)
			p := acquire(t, Request{Paths: []string{socketPath(t)}})[0]
			w := watch(t, system, []Placed{p})
			f := files{t, p.Path, p.Path + ".link", p.Path + ".other"}
			for i, step := range tt.steps {
				if err := step(f); err != nil {
					t.Fatal(err)
				}
				if tt.want[i] != 0 {
					wantEvent(t, w, tt.want[i], p, "")
				}
			}
		})
	}
}

func listenAt(t *testing.T, path string) error {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err == nil {
		l.SetUnlinkOnClose(false)
		t.Cleanup(func() { _ = l.Close() })
	}
	return err
}

// A child that closes its Go or libuv listener unlinks a path that it did not
// make; the socket itself is alive.
func TestWatchPathGoneSocketAlive(t *testing.T) {
	p := acquire(t, Request{Paths: []string{socketPath(t)}})[0]
	link := p.Path + ".link"
	if err := os.Link(p.Path, link); err != nil {
		t.Fatal(err)
	}
	w := watch(t, system, []Placed{p})
	if err := os.Remove(p.Path); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, w, PathGone, p, "")
	if err := connect(t, p); !errors.Is(err, unix.ENOENT) {
		t.Errorf("connect: %v", err)
	}
	if err := os.Rename(link, p.Path); err != nil {
		t.Fatal(err)
	}
	wantEvent(t, w, PathBack, p, "")
	if err := connect(t, p); err != nil {
		t.Error(err)
	}
}

func TestWatchManyPaths(t *testing.T) {
	checkDescriptors(t)
	dir := shortDir(t)
	var paths []string
	for i := range 200 {
		paths = append(paths, filepath.Join(dir, "s"+string(rune('a'+i%26))+strings.Repeat("x", i/26)))
	}
	placed := acquire(t, Request{Paths: paths})
	w := watch(t, system, placed)
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	gone := map[string]bool{}
	for len(gone) < len(paths) {
		select {
		case e := <-w.Events():
			if e.Change != PathGone || gone[e.Socket.Path] {
				t.Fatalf("event %v of %s", e.Change, e.Socket)
			}
			gone[e.Socket.Path] = true
		case <-time.After(patience):
			t.Fatalf("%d of %d paths are known to be gone", len(gone), len(paths))
		}
	}
}

func TestWatchUnwatched(t *testing.T) {
	checkDescriptors(t)
	tests := []struct {
		name string
		fail func(s *sys, path string) error
		want string // PATH is the path
	}{
		{
			"gone at the start", func(_ *sys, path string) error { return os.Remove(path) },
			`cannot watch path "PATH": no such file or directory`,
		},
		{"a file at the start", func(_ *sys, path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600))
		}, `cannot watch path "PATH": a regular file, not a socket`},
		{"inotify_init", func(s *sys, _ string) error {
			s.inotifyInit = func(int) (int, error) { return -1, unix.EMFILE }
			return nil
		}, `cannot watch path "PATH": inotify_init: too many open files`},
		{"inotify_add_watch", func(s *sys, _ string) error {
			s.inotifyAddWatch = func(int, string, uint32) (int, error) { return -1, unix.ENOSPC }
			return nil
		}, `cannot watch path "PATH": inotify_add_watch: no space left on device`},
		{"epoll_ctl of inotify", func(s *sys, _ string) error {
			s.epollCtl = failCtl(inotifyKey)
			return nil
		}, `cannot watch path "PATH": epoll_ctl: injected`},
		{"epoll_ctl of the socket", func(s *sys, _ string) error {
			s.epollCtl = failCtl(0)
			return nil
		}, `epoll_ctl: injected`},
		{"epoll_wait", func(s *sys, _ string) error {
			s.epollWait = func(int, []unix.EpollEvent, int) (int, error) { return -1, errInjected }
			return nil
		}, `epoll_wait: injected`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := acquire(t, Request{Paths: []string{socketPath(t)}})[0]
			s := system
			if err := tt.fail(&s, p.Path); err != nil {
				t.Fatal(err)
			}
			w := watch(t, s, []Placed{p})
			wantEvent(t, w, Unwatched, p, strings.ReplaceAll(tt.want, "PATH", p.Path))
		})
	}
}

func failCtl(key int32) func(int, int, int, *unix.EpollEvent) error {
	return func(epoll, op, fd int, event *unix.EpollEvent) error {
		if event != nil && event.Fd == key {
			return errInjected
		}
		return unix.EpollCtl(epoll, op, fd, event)
	}
}

func TestWatchCannotHeal(t *testing.T) {
	checkDescriptors(t)
	tests := []struct {
		name string
		fail func(*sys)
		want string
	}{
		{"listen", breakListen, "listen: injected"},
		{"listen without effect", func(s *sys) {
			s.listen = func(int, int) error { return nil }
		}, "listen: it does not listen on ADDR"},
		{"inspect", breakInspect, "injected"},
		{"bind", func(s *sys) {
			s.bind = func(int, unix.Sockaddr) error { return unix.EADDRINUSE }
		}, "bind: address already in use"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:0")})[0]
			s, waits := countWaits()
			tt.fail(&s)
			w := watch(t, s, []Placed{p})
			shutdown(t, p)
			wantEvent(t, w, Dead, p, strings.ReplaceAll(tt.want, "ADDR", p.Addr.String()))
			w.Close()
			if got := waits.Load(); got > 2 {
				t.Errorf("%d waits: it spins", got)
			}
		})
	}
}

func TestWatchFails(t *testing.T) {
	checkDescriptors(t)
	tests := []struct {
		fail func(*sys)
		want string
	}{
		{func(s *sys) { s.epollCreate = func(int) (int, error) { return -1, errInjected } }, "epoll_create: injected"},
		{func(s *sys) { s.eventfd = func(uint, int) (int, error) { return -1, errInjected } }, "eventfd: injected"},
		{func(s *sys) { s.epollCtl = failCtl(stopKey) }, "epoll_ctl: injected"},
	}
	for _, tt := range tests {
		s := system
		tt.fail(&s)
		w, err := s.watch(nil)
		if want := "cannot watch the sockets: " + tt.want; err == nil || err.Error() != want || w != nil {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestWatchWithoutTCPInfo(t *testing.T) {
	p := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:0")})[0]
	s := system
	s.tcpInfo = func(int, int, int) (*unix.TCPInfo, error) { return nil, errInjected }
	w := watch(t, s, []Placed{p})
	if got := w.streams[0].backlog; got != unix.SOMAXCONN {
		t.Errorf("backlog %d, want %d", got, unix.SOMAXCONN)
	}
}

func TestWatchClose(t *testing.T) {
	checkDescriptors(t)
	placed := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:0"), Paths: []string{socketPath(t)}})
	w, err := Watch(placed)
	if err != nil {
		t.Fatal(err)
	}
	shutdown(t, placed[0]) // nobody receives these two
	shutdown(t, placed[1])
	w.Close()
	w.Close()
	if _, open := <-w.Events(); open {
		t.Error("Events is open after Close")
	}
}

func TestChangeString(t *testing.T) {
	for change := Change(-1); change <= Unwatched+1; change++ {
		numbered := strings.HasPrefix(change.String(), "Change(")
		if known := change >= Healed && change <= Unwatched; known == numbered || change.String() == "" {
			t.Errorf("%d is %q", int(change), change)
		}
	}
}
