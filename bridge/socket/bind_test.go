package socket

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

func TestBind(t *testing.T) {
	checkDescriptors(t)
	needIPv6(t)
	tests := []struct{ port, addr, shown string }{
		{"127.0.0.1:0", "127.0.0.1", "tcp 127.0.0.1"},
		{"localhost:0", "127.0.0.1", "tcp 127.0.0.1"},
		{"[::1]:0", "::1", "tcp [::1]"},
		{"127.0.0.1:u0", "127.0.0.1", "udp 127.0.0.1"},
		{"[::1]:u0", "::1", "udp [::1]"},
	}
	for _, tt := range tests {
		t.Run(tt.port, func(t *testing.T) {
			got := acquire(t, Request{Ports: mustPorts(t, tt.port), Backlog: 7})[0]
			if got.Addr.Addr() != netip.MustParseAddr(tt.addr) || !strings.HasPrefix(got.String(), tt.shown) {
				t.Errorf("bound %s, want %s", got, tt.addr)
			}
			if !got.Bound || got.Want != -1 || got.V6Only != got.Addr.Addr().Is6() || got.Listening != (got.Kind == activation.TCP) {
				t.Errorf("bound %+v", got)
			}
			if got.Kind == activation.TCP && backlogOf(t, got) != 7 {
				t.Errorf("backlog %d, want 7", backlogOf(t, got))
			}
			checkFlags(t, got.FD)
		})
	}
}

func backlogOf(t *testing.T, p Placed) int {
	t.Helper()
	info, err := unix.GetsockoptTCPInfo(p.FD, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sacked)
}

func checkFlags(t *testing.T, fd int) {
	t.Helper()
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("descriptor flags %#x, %v: not close-on-exec", flags, err)
	}
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("status flags %#x, %v: not blocking", flags, err)
	}
}

func TestBindPath(t *testing.T) {
	checkDescriptors(t)
	umask := unix.Umask(0o077)
	defer unix.Umask(umask)
	path := socketPath(t)
	placed := acquire(t, Request{Paths: []string{path}})
	if got := placed[0]; got.Path != path || got.Entry != path || !got.Listening || !got.Bound {
		t.Errorf("bound %+v", got)
	}
	checkFlags(t, placed[0].FD)
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o777 {
		t.Errorf("mode %v, %v; want 0777", st.Mode(), err)
	}
	if now := unix.Umask(0o077); now != 0o077 {
		t.Errorf("umask left at %#o", now)
	}
	if err := Remove(placed); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("after Remove: %v", err)
	}
}

func TestBindRelativePath(t *testing.T) {
	t.Chdir(shortDir(t))
	acquire(t, Request{Paths: []string{"app.sock"}})
	if _, err := os.Lstat("app.sock"); err != nil {
		t.Error(err)
	}
}

func TestRemoveSparesWhatIsNotOurs(t *testing.T) {
	path := socketPath(t)
	placed := acquire(t, Request{Paths: []string{path}})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	acquire(t, Request{Paths: []string{path}})
	if err := Remove(placed); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the file of another socket is gone: %v", err)
	}
}

func TestBindRemovesDeadSocketFile(t *testing.T) {
	path := socketPath(t)
	closeAll(acquireOnly(t, path))
	placed, warnings, err := Acquire(Request{Paths: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(placed)
	if len(warnings) != 1 || warnings[0] != "removing existing socket file:"+path {
		t.Errorf("warnings %q", warnings)
	}
	if err := connect(t, placed[0]); err != nil {
		t.Error(err)
	}
}

func acquireOnly(t *testing.T, path string) []Placed {
	t.Helper()
	placed, _, err := Acquire(Request{Paths: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	return placed
}

func TestBindRefusesPath(t *testing.T) {
	checkDescriptors(t)
	dir := shortDir(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	living := acquire(t, Request{Paths: []string{at("living")}, Backlog: 1})[0]
	full := acquire(t, Request{Paths: []string{at("full")}, Backlog: 1})[0]
	for range 2 {
		if err := connect(t, full); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	datagram, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	defer unix.Close(datagram)
	must(unix.Bind(datagram, &unix.SockaddrUnix{Name: at("datagram")}))
	must(os.WriteFile(at("file"), nil, 0o600))
	must(os.Mkdir(at("dir"), 0o700))
	must(os.Symlink("living", at("link")))
	must(unix.Mkfifo(at("fifo"), 0o600))
	long := at(strings.Repeat("x", 107-len(dir)))

	tests := []struct{ path, want string }{
		{living.Path, "a living server (pid PID) listens on it; stop it, or choose another path"},
		{full.Path, "a living server listens on it; stop it, or choose another path"},
		{at("datagram"), "a living server listens on it; stop it, or choose another path"},
		{at("file"), "a regular file is in the way; move it away, or choose another path"},
		{at("dir"), "a directory is in the way; move it away, or choose another path"},
		{at("link"), "a symbolic link is in the way; move it away, or choose another path"},
		{at("fifo"), "a FIFO is in the way; move it away, or choose another path"},
		{"/dev/null", "a device is in the way; move it away, or choose another path"},
		{at("none/app.sock"), "no such file or directory; make its directory first"},
		{at("file/app.sock"), "not a directory"},
		{long, "the path has 108 bytes, a socket's has 107 at most; choose a shorter one"},
	}
	for _, tt := range tests {
		_, _, err := Acquire(Request{Paths: []string{tt.path}})
		want := "cannot bind --path " + tt.path + ": " + strings.ReplaceAll(tt.want, "PID", pid())
		wantBindError(t, err, want)
	}
	closeAll(acquireOnly(t, long[:107])) // the longest there is
}

func pid() string {
	self, _ := os.Readlink("/proc/self")
	return self
}

func wantBindError(t *testing.T, err error, want string) {
	t.Helper()
	var bindError *BindError
	if !errors.As(err, &bindError) || err.Error() != want {
		t.Errorf("\n got: %v\nwant: %s", err, want)
	}
}

func TestBindRefusesPort(t *testing.T) {
	checkDescriptors(t)
	const inUse = "address already in use; find who has it with ss -lntup and stop that, or have it handed over by its .socket unit"
	for _, mark := range []string{"", "u"} {
		first := acquire(t, Request{Ports: mustPorts(t, "127.0.0.1:"+mark+"0")})[0]
		port := "127.0.0.1:" + mark + strings.TrimPrefix(first.Addr.String(), "127.0.0.1:")
		_, _, err := Acquire(Request{Ports: mustPorts(t, port)})
		wantBindError(t, err, "cannot bind --port "+port+": "+inUse)
	}
}

func TestAcquireUndoes(t *testing.T) {
	checkDescriptors(t)
	dir := shortDir(t)
	first, second := filepath.Join(dir, "a"), filepath.Join(dir, "none", "b")
	_, _, err := Acquire(Request{Ports: mustPorts(t, "127.0.0.1:0"), Paths: []string{first, second}})
	wantBindError(t, err, "cannot bind --path "+second+": no such file or directory; make its directory first")
	if _, err := os.Lstat(first); !os.IsNotExist(err) {
		t.Errorf("the first path is still there: %v", err)
	}
}

func TestBindFailures(t *testing.T) {
	checkDescriptors(t)
	tests := []struct {
		name string
		port string // "" for a path
		dead bool   // a dead socket file is in the way
		fail func(*sys)
		want string // after "cannot bind FLAG: "
	}{
		{"lookup", "nowhere:80", false, func(s *sys) {
			s.lookup = func(string) ([]netip.Addr, error) { return nil, errInjected }
		}, `cannot resolve host "nowhere": injected; write the address instead, or mend the resolver`},
		{"no address", "nowhere:80", false, func(s *sys) {
			s.lookup = func(string) ([]netip.Addr, error) { return nil, nil }
		}, `cannot resolve host "nowhere": it has no IPv4 address; write the address instead, or mend the resolver`},
		{"socket", "127.0.0.1:0", false, breakSocket(0), "socket: injected"},
		{"reuse", "127.0.0.1:0", false, func(s *sys) {
			s.setsockopt = func(int, int, int, int) error { return errInjected }
		}, "setsockopt SO_REUSEADDR: injected"},
		{"v6only", "[::1]:u0", false, func(s *sys) {
			s.setsockopt = func(int, int, int, int) error { return errInjected }
		}, "setsockopt IPV6_V6ONLY: injected"},
		{"bind", "80", false, func(s *sys) {
			s.bind = func(int, unix.Sockaddr) error { return unix.EACCES }
		}, "permission denied; a port below 1024 needs CAP_NET_BIND_SERVICE, or a .socket unit that hands it over"},
		{"bind, another address", "192.0.2.1:80", false, func(s *sys) {
			s.bind = func(int, unix.Sockaddr) error { return unix.EADDRNOTAVAIL }
		}, "cannot assign requested address; choose an address of this machine (ip addr lists them)"},
		{"listen", "127.0.0.1:0", false, breakListen, "listen: injected"},
		{"inspect", "127.0.0.1:0", false, breakInspect, "injected"},

		{"path socket", "", false, breakSocket(0), "socket: injected"},
		{"path bind", "", false, func(s *sys) {
			s.bind = func(int, unix.Sockaddr) error { return unix.EACCES }
		}, "permission denied; let this user write to its directory, or choose another path"},
		{"path stat", "", false, func(s *sys) {
			s.stat = func(string, *unix.Stat_t) error { return errInjected }
		}, "injected"},
		{"path listen", "", false, breakListen, "listen: injected"},
		{"path inspect", "", false, breakInspect, "injected"},
		{"path lstat", "", false, func(s *sys) {
			s.lstat = func(string, *unix.Stat_t) error { return errInjected }
		}, "injected"},
		{"probe socket", "", true, breakSocket(0), "cannot see whether a server listens on it: socket: injected; remove the file if none does"},
		{"probe connect", "", true, func(s *sys) {
			s.connect = func(int, unix.Sockaddr) error { return unix.EACCES }
		}, "cannot see whether a server listens on it: permission denied; remove the file if none does"},
		{"probe credentials", "", true, func(s *sys) {
			s.connect = func(int, unix.Sockaddr) error { return nil }
			s.credentials = func(int, int, int) (*unix.Ucred, error) { return nil, errInjected }
		}, "a living server listens on it; stop it, or choose another path"},
		{"path unlink", "", true, func(s *sys) {
			s.unlink = func(string) error { return errInjected }
		}, "cannot remove the socket file that is left there: injected"},
		{"socket after probe", "", true, breakSocket(1), "socket: injected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if strings.HasPrefix(tt.port, "[") {
				needIPv6(t)
			}
			path := socketPath(t)
			if tt.dead {
				closeAll(acquireOnly(t, path))
			}
			s := system
			tt.fail(&s)
			r, flag := Request{Paths: []string{path}}, "--path "+path
			if tt.port != "" {
				r, flag = Request{Ports: mustPorts(t, tt.port)}, "--port "+tt.port
			}
			_, _, err := s.acquire(r)
			wantBindError(t, err, "cannot bind "+flag+": "+tt.want)
			if _, err := os.Lstat(path); err == nil && !tt.dead {
				t.Error("the socket file is still there")
			}
		})
	}
}

// breakSocket lets the first calls of socket(2) succeed.
func breakSocket(calls int) func(*sys) {
	return func(s *sys) {
		s.socket = func(domain, typ, proto int) (int, error) {
			if calls--; calls < 0 {
				return -1, errInjected
			}
			return unix.Socket(domain, typ, proto)
		}
	}
}

func breakListen(s *sys) {
	s.listen = func(int, int) error { return errInjected }
}

func breakInspect(s *sys) {
	s.inspect = func(int) (activation.Socket, error) { return activation.Socket{}, errInjected }
}

func TestRemoveFails(t *testing.T) {
	path := socketPath(t)
	placed := acquire(t, Request{Paths: []string{path}})
	s := system
	s.unlink = func(string) error { return errInjected }
	err := s.remove(placed[0])
	if want := `cannot remove socket file "` + path + `": injected`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
