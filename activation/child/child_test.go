package child

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// given makes a process of this one that was given an environment.
func given(env map[string]string) *process {
	return &process{
		lookup:  func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		pid:     42,
		inspect: activation.Inspect,
		close:   unix.Close,
	}
}

// descriptor is a copy of a listener's or packet connection's.
func descriptor(t *testing.T, of interface{ File() (*os.File, error) }) int {
	t.Helper()
	file, err := of.File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	raw, err := file.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	fd := -1
	if err := raw.Control(func(n uintptr) { fd, err = unix.FcntlInt(n, unix.F_DUPFD_CLOEXEC, 3) }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// sockets are a TCP and a Unix listener and a UDP socket.
func sockets(t *testing.T) (tcp, path, udp int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	u, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	p, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	return descriptor(t, l.(*net.TCPListener)), descriptor(t, u.(*net.UnixListener)), descriptor(t, p.(*net.UDPConn))
}

func listeners(p *process, names ...string) ([]net.Listener, error) {
	return take(p, listening, net.FileListener, names)
}

func networks(ls []net.Listener) string {
	var all []string
	for _, l := range ls {
		all = append(all, l.Addr().Network())
		_ = l.Close()
	}
	return strings.Join(all, " ")
}

func TestListenersByName(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  string
	}{
		{nil, "tcp unix"},
		{[]string{"8080"}, "tcp"},
		{[]string{"/run/app.sock"}, "unix"},
		{[]string{"/run/app.sock", "8080"}, "tcp unix"},
	} {
		tcp, path, udp := sockets(t)
		p := given(map[string]string{
			"SERVER_STARTER_PORT": fmt.Sprintf("8080=%d;/run/app.sock=%d;dns=%d", tcp, path, udp),
		})
		ls, err := listeners(p, test.names...)
		if err != nil {
			t.Errorf("%q: %v", test.names, err)
		}
		if got := networks(ls); got != test.want {
			t.Errorf("%q: %s, want %s", test.names, got, test.want)
		}
	}
}

func TestSocketIsTakenOnce(t *testing.T) {
	tcp, path, udp := sockets(t)
	p := given(map[string]string{"SERVER_STARTER_PORT": fmt.Sprintf("8080=%d;app=%d;dns=%d", tcp, path, udp)})
	first, err := listeners(p, "8080")
	if err != nil || networks(first) != "tcp" {
		t.Fatal(first, err)
	}
	if _, err := unix.FcntlInt(uintptr(tcp), unix.F_GETFD, 0); !errors.Is(err, unix.EBADF) {
		t.Errorf("the descriptor that was handed over is still open: %v", err)
	}
	if rest, err := listeners(p); err != nil || networks(rest) != "unix" {
		t.Error(rest, err)
	}
	packets, err := take(p, datagram, net.FilePacketConn, nil)
	if err != nil || len(packets) != 1 || packets[0].LocalAddr().Network() != "udp" {
		t.Fatal(packets, err)
	}
	_ = packets[0].Close()
	if again, err := listeners(p, "8080"); err != nil || len(again) > 0 {
		t.Error("all are taken:", again, err)
	}
}

func TestAnnounced(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want string
	}{
		"nothing": {nil, "[]"},
		"systemd": {
			map[string]string{"LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:web"},
			"[3 web ; 4 web ]",
		},
		"for another": {
			map[string]string{"LISTEN_PID": "41", "LISTEN_FDS": "2", "SERVER_STARTER_PORT": "80=3"},
			"[3  80]",
		},
		"both, and one beyond a gap": {
			map[string]string{"LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:fifo", "SERVER_STARTER_PORT": "80=3;81=9"},
			"[3 web 80; 4 fifo ; 9  81]",
		},
	} {
		sockets, err := given(test.env).announced()
		var all []string
		for _, s := range sockets {
			all = append(all, fmt.Sprintf("%d %s %s", s.FD, s.FDName, s.Given))
		}
		if got := "[" + strings.Join(all, "; ") + "]"; err != nil || got != test.want {
			t.Errorf("%s: %s %v, want %s", name, got, err, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	tcp, _, _ := sockets(t)
	for _, test := range []struct {
		env   map[string]string
		names []string
		want  string
	}{
		{map[string]string{"SERVER_STARTER_PORT": "8080"}, nil, `has no "="`},
		{map[string]string{"LISTEN_PID": "42", "LISTEN_FDS": "x"}, nil, "is not a number of descriptors"},
		{map[string]string{"SERVER_STARTER_PORT": "8080=999999"}, nil, "descriptor 999999 is not open"},
		{map[string]string{"SERVER_STARTER_PORT": fmt.Sprintf("8080=%d", tcp)}, []string{"web"}, `no socket of this kind is called "web"; there are: tcp 127.0.0.1:`},
	} {
		ls, err := listeners(given(test.env), test.names...)
		if err == nil || !strings.Contains(err.Error(), test.want) || len(ls) > 0 {
			t.Errorf("%v: %v, want %q", test.env, err, test.want)
		}
	}
}

// What was opened before a failure is closed, and nothing counts as taken.
func TestListenerThatCannotBeOpened(t *testing.T) {
	tcp, path, _ := sockets(t)
	p := given(map[string]string{"SERVER_STARTER_PORT": fmt.Sprintf("8080=%d;app=%d", tcp, path)})
	var first net.Listener
	_, err := take(p, listening, func(f *os.File) (net.Listener, error) {
		if first != nil {
			return nil, io.ErrUnexpectedEOF
		}
		l, err := net.FileListener(f)
		first = l
		return l, err
	}, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if _, err := first.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the first is still open:", err)
	}
	if ls, err := listeners(p); err != nil || networks(ls) != "tcp unix" {
		t.Error(ls, err)
	}
}

func TestGeneration(t *testing.T) {
	for value, want := range map[string]int{"": 0, "7": 7, "x": 0, "-1": 0} {
		if got := given(map[string]string{"SERVER_STARTER_GENERATION": value}).generation(); got != want {
			t.Errorf("%q: %d, want %d", value, got, want)
		}
	}
}

func TestAnnounce(t *testing.T) {
	for _, name := range []string{filepath.Join(t.TempDir(), "notify"), "@sdbridge-child-test-" + fmt.Sprint(os.Getpid())} {
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ready, err := given(map[string]string{"NOTIFY_SOCKET": name}).announce()
		if err != nil {
			t.Fatal(err)
		}
		if err := ready(); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"X_READY_FOLLOWS=1", "READY=1"} {
			message := make([]byte, 100)
			if n, err := conn.Read(message); err != nil || string(message[:n]) != want {
				t.Errorf("%s: %q %v, want %q", name, message[:n], err, want)
			}
		}
	}
}

func TestAnnounceToNobody(t *testing.T) {
	ready, err := given(nil).announce()
	if err != nil || ready() != nil {
		t.Error("it is an error:", err)
	}
	gone := filepath.Join(t.TempDir(), "gone")
	if _, err := given(map[string]string{"NOTIFY_SOCKET": gone}).announce(); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
}
