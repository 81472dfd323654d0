package ready

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

func newNotify(t *testing.T, path string, allowed func(uint32) bool) *Notify {
	t.Helper()
	checkLeaks(t)
	n, err := Listen(path, allowed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// dial makes a socket that sends to the address.
func dial(t *testing.T, addr string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: addr}); err != nil {
		t.Fatal(err)
	}
	return fd
}

// send sends one datagram, with the descriptors that are given.
func send(t *testing.T, fd int, datagram string, descriptors ...int) {
	t.Helper()
	var control []byte
	if len(descriptors) > 0 {
		control = unix.UnixRights(descriptors...)
	}
	if err := unix.Sendmsg(fd, []byte(datagram), control, nil, 0); err != nil {
		t.Fatal(err)
	}
}

// taken waits for the message that makes the condition true and returns all
// that was taken on the way.
func taken(t *testing.T, n *Notify, condition func(Message) bool) Message {
	t.Helper()
	var all Message
	deadline := time.After(patience)
	for !condition(all) {
		select {
		case <-n.Changed():
			all.merge(n.Take())
		case <-deadline:
			t.Fatal("no such message came")
		}
	}
	return all
}

func isReady(m Message) bool    { return m.Ready }
func isStopping(m Message) bool { return m.Stopping }

func TestNotifyAtAnAbstractName(t *testing.T) {
	n := newNotify(t, "", nil)
	if name, ok := strings.CutPrefix(n.Addr(), "@sdbridge/"); !ok || len(name) != 32 {
		t.Errorf("address %q", n.Addr())
	}
	send(t, dial(t, n.Addr()), "READY=1")
	taken(t, n, isReady)
	if got := n.Take(); got != (Message{}) {
		t.Errorf("taken twice: %+v", got)
	}
	select {
	case <-n.ready:
	default:
		t.Error("not ready after READY=1")
	}
	send(t, dial(t, n.Addr()), "READY=1")
	taken(t, n, isReady)
}

func TestNotifyAtAPath(t *testing.T) {
	defer unix.Umask(unix.Umask(0o077))
	path := filepath.Join(t.TempDir(), "notify", "7")
	for range 2 { // the second finds what the first has left
		n := newNotify(t, path, nil)
		for name, want := range map[string]os.FileMode{path: os.ModeSocket | 0o666, filepath.Dir(path): os.ModeDir | 0o755} {
			if info, err := os.Stat(name); err != nil || info.Mode() != want {
				t.Errorf("%s: got %v, %v, want %v", name, info.Mode(), err, want)
			}
		}
		send(t, dial(t, n.Addr()), "READY=1")
		taken(t, n, isReady)
		n.Close()
		n.Close()
		for range n.Changed() { // is closed
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the path is left: %v", err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNotifyClosesDescriptorsAtOnce(t *testing.T) {
	n := newNotify(t, "", nil)
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	send(t, dial(t, n.Addr()), "BARRIER=1", pipe[1])
	unix.Close(pipe[1])
	hung := []unix.PollFd{{Fd: int32(pipe[0])}}
	if _, err := unix.Poll(hung, int(patience.Milliseconds())); err != nil || hung[0].Revents&unix.POLLHUP == 0 {
		t.Errorf("the other end is still open: %v, %#x", err, hung[0].Revents)
	}
	send(t, dial(t, n.Addr()), "READY=1\nFDSTORE=1", pipe[0])
	taken(t, n, isReady)
}

func TestNotifyIgnoresJunk(t *testing.T) {
	n := newNotify(t, "", nil)
	fd := dial(t, n.Addr())
	for _, junk := range []string{
		"", "\x00", "=", "\n\n", "READY", "READY=1\x00x", "\xff\xfe",
		"READY=1\n" + strings.Repeat("x", datagramSize), // too long
	} {
		send(t, fd, junk)
	}
	const longest = datagramSize - len("\nSTOPPING=1")
	send(t, fd, strings.Repeat("x", longest)+"\nSTOPPING=1")
	if got := taken(t, n, isStopping); got != (Message{Stopping: true}) {
		t.Errorf("got %+v", got)
	}
}

func TestNotifyFlood(t *testing.T) {
	n := newNotify(t, "", nil)
	fd := dial(t, n.Addr())
	send(t, fd, "READY=1")
	send(t, fd, "WATCHDOG=trigger")
	for range 20_000 {
		send(t, fd, "WATCHDOG=1\nSTATUS=busy")
	}
	send(t, fd, "STOPPING=1") // nobody has taken anything up to now
	got := taken(t, n, isStopping)
	if !got.Ready || got.Watchdog != Trigger || *got.Status != "busy" {
		t.Errorf("got %+v", got)
	}
}

func TestNotifyKnowsWhatWasSentBefore(t *testing.T) {
	n := newNotify(t, "", nil)
	if n.follows() {
		t.Error("before anything was sent")
	}
	send(t, dial(t, n.Addr()), "X_READY_FOLLOWS=1")
	if !n.follows() {
		t.Error("not known right after the sending")
	}
	n.Close()
	if !n.follows() {
		t.Error("forgotten after the end")
	}
}

func TestNotifyChecksTheUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to have a child of another user")
	}
	var asked atomic.Int32
	var friend atomic.Bool
	n := newNotify(t, "", func(uid uint32) bool {
		asked.Add(1)
		return uid == nobody && friend.Load()
	})
	t.Setenv("NOTIFY_SOCKET", n.Addr())
	say := func() { startChild(t, "says").line(t) }
	say()
	send(t, dial(t, n.Addr()), "STOPPING=1")
	if got := taken(t, n, isStopping); got.Ready {
		t.Error("a stranger's message was read")
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times about one stranger", asked.Load())
	}
	friend.Store(true)
	n.reading.Lock()
	n.users.since = n.users.since.Add(-patience) // a while ago
	n.reading.Unlock()
	say()
	taken(t, n, isReady)
	say()
	taken(t, n, isReady)
	if asked.Load() != 2 {
		t.Errorf("asked %d times, want twice", asked.Load())
	}
}

func TestUsersAreNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		u := users{allowed: func(uid uint32) bool { asked++; return uid == nobody }}
		for _, test := range []struct {
			uid   uint32
			want  bool
			asked int
		}{
			{0, true, 0},
			{uint32(os.Getuid()), true, 0},
			{nobody - 1, false, 1},
			{nobody - 1, false, 1},
			{nobody, true, 2},
			{nobody, true, 2},
			{nobody - 1, false, 2},
		} {
			if got := u.accept(test.uid); got != test.want || asked != test.asked {
				t.Errorf("user %d: got %v, asked %d times", test.uid, got, asked)
			}
		}
		time.Sleep(time.Second)
		if u.accept(nobody - 1); asked != 3 {
			t.Error("a refusal holds for ever")
		}
	})
}

func TestRunsAs(t *testing.T) {
	uid := uint32(os.Getuid())
	if !RunsAs([]int{-1, os.Getpid()}, uid) || RunsAs([]int{os.Getpid()}, uid+1) || RunsAs(nil, uid) {
		t.Error("takes this process for another user's")
	}
	for status, want := range map[string]bool{
		"Name:\tx\nUid:\t0\t7\t0\t0\n": true, "Name:\tx\nUid:\t0\t77\t0\t0\nGid:\t7": false, "Gid:\t7\n": false, "": false, "\nUid:": false,
	} {
		if got := hasUser([]byte(status), 7); got != want {
			t.Errorf("%q: got %v", status, got)
		}
	}
}

func TestListenFails(t *testing.T) {
	checkLeaks(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, "1")
	failing := func(change func(*sys)) sys {
		s := kernel
		change(&s)
		return s
	}
	for _, test := range []struct {
		path string
		sys  sys
		want string
	}{
		{filepath.Join(dir, "no", "such", "1"), kernel, "mkdir"},
		{filepath.Join(file, "1"), kernel, "not a directory"},
		{filepath.Join(dir, strings.Repeat("x", 100)), kernel, "107 bytes"},
		{"", failing(func(s *sys) { s.getrandom = func([]byte, int) (int, error) { return 0, unix.ENOSYS } }), "getrandom"},
		{"", failing(func(s *sys) { s.socket = func(int, int, int) (int, error) { return -1, unix.EMFILE } }), "socket"},
		{"", failing(func(s *sys) { s.setsockoptInt = func(int, int, int, int) error { return unix.EPERM } }), "SO_PASSCRED"},
		{inside, failing(func(s *sys) { s.bind = func(int, unix.Sockaddr) error { return unix.EROFS } }), "bind"},
		{inside, failing(func(s *sys) { s.unlink = func(string) error { return unix.EROFS } }), "unlink"},
		{inside, failing(func(s *sys) {
			s.chmod = func(path string, mode uint32) error {
				if path == inside {
					return unix.EPERM
				}
				return unix.Chmod(path, mode)
			}
		}), "chmod"},
	} {
		n, err := test.sys.listen(test.path, nil)
		if err == nil {
			n.Close()
			t.Errorf("%s: no error", test.want)
			continue
		}
		if !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "cannot make notify socket ") {
			t.Errorf("%s: got %v", test.want, err)
		}
	}
	if left, err := filepath.Glob(inside); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNotifyEndsWhenItCannotRead(t *testing.T) {
	checkLeaks(t)
	for name, change := range map[string]func(*sys){
		"recvmsg": func(s *sys) {
			s.recvmsg = func(int, []byte, []byte, int) (int, int, int, unix.Sockaddr, error) { return 0, 0, 0, nil, unix.ENOMEM }
		},
		"poll": func(s *sys) { s.poll = func([]unix.PollFd, int) (int, error) { return 0, unix.ENOMEM } },
	} {
		s := kernel
		change(&s)
		n, err := s.listen("", nil)
		if err != nil {
			t.Fatal(name, err)
		}
		<-n.done
		n.follows()
		n.Close()
	}
}
