package ready

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The children of these tests are the test binary itself in one of the modes
// of child_test.go. Each ends when its standard input does, so none outlives
// the test, whatever happens to it.

const childVariable = "READY_TEST_CHILD"

// patience is how long a condition may take on a loaded machine.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	if mode := os.Getenv(childVariable); mode != "" {
		runChild(mode)
	}
	os.Exit(m.Run())
}

// A child is a running process that was handed sockets from descriptor 3 on.
type child struct {
	pid    int
	stdout *bufio.Reader
}

// startChild runs the test binary in a mode.
func startChild(t testing.TB, mode string, sockets ...int) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childVariable+"="+mode, "GORACE=atexit_sleep_ms=0")
	return start(t, cmd, sockets...)
}

// start runs a command until the test ends.
func start(t testing.TB, cmd *exec.Cmd, sockets ...int) *child {
	t.Helper()
	for _, fd := range sockets {
		dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		f := os.NewFile(uintptr(dup), "socket")
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		last := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		cmd.Wait()
		last.Stop()
	})
	return &child{cmd.Process.Pid, bufio.NewReader(stdout)}
}

// line waits for the next line that the child writes.
func (c *child) line(t testing.TB) string {
	t.Helper()
	line, err := c.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("child ended: %v", err)
	}
	return strings.TrimSpace(line)
}

// number waits for a line that is a number, such as a pid.
func (c *child) number(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(c.line(t))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for: %s", patience, what)
		}
	}
}

// checkLeaks fails the test when it leaves descriptors or children behind. To
// be called first: its check then runs last.
func checkLeaks(t testing.TB) {
	t.Helper()
	before := descriptors(t)
	t.Cleanup(func() {
		eventually(t, "the descriptors to be those from before", func() bool {
			return slices.Equal(descriptors(t), before)
		})
		if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); !errors.Is(err, unix.ECHILD) {
			t.Errorf("a child is left: %v", err)
		}
	})
}

// descriptors lists what is open, but for the Go runtime's poller, which stays
// once it is there.
func descriptors(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for _, e := range entries {
		link, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(link, "anon_inode:") && !strings.HasPrefix(link, "/proc/") {
			open = append(open, e.Name()+" "+link)
		}
	}
	return open
}

// listen makes a listening socket on loopback or on a path of its own.
func listen(t testing.TB, family int) int {
	t.Helper()
	var local unix.Sockaddr
	switch family {
	case unix.AF_INET:
		local = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	case unix.AF_INET6:
		local = &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	case unix.AF_UNIX:
		local = &unix.SockaddrUnix{Name: t.TempDir() + "/s"}
	}
	return listenOn(t, family, local)
}

func listenOn(t testing.TB, family int, local unix.Sockaddr) int {
	t.Helper()
	fd := socketOf(t, family)
	if err := errors.Join(unix.Bind(fd, local), unix.Listen(fd, 128)); err != nil {
		t.Fatal(err)
	}
	return fd
}

func socketOf(t testing.TB, family int) int {
	t.Helper()
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		t.Skipf("no sockets of family %d here", family)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// connect makes a connection to a listening socket.
func connect(t testing.TB, listener int) {
	t.Helper()
	addr, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	domain, err := unix.GetsockoptInt(listener, unix.SOL_SOCKET, unix.SO_DOMAIN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(socketOf(t, domain), addr); err != nil {
		t.Fatal(err)
	}
}

func targetOf(t testing.TB, fd int) Target {
	t.Helper()
	target, err := TargetOf(fd, "test")
	if err != nil {
		t.Fatal(err)
	}
	return target
}
