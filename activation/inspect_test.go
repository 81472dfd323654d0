package activation

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

var (
	any4 = &unix.SockaddrInet4{}
	lo4  = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	any6 = &unix.SockaddrInet6{}
	lo6  = &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
)

// bound opens a socket and binds it; it skips the test where the kernel lacks
// the family. A nil address leaves it unbound.
func bound(t *testing.T, domain, typ, protocol int, addr unix.Sockaddr) int {
	t.Helper()
	fd, err := unix.Socket(domain, typ|unix.SOCK_CLOEXEC, protocol)
	skipIf(t, err, unix.EAFNOSUPPORT, unix.EPROTONOSUPPORT)
	closeLater(t, fd)
	if addr != nil {
		skipIf(t, unix.Bind(fd, addr), unix.EADDRNOTAVAIL)
	}
	return fd
}

// listening makes a bound socket listen; use it on loopback and paths only.
func listening(t *testing.T, fd int) int {
	t.Helper()
	if err := unix.Listen(fd, 1); err != nil {
		t.Fatal(err)
	}
	return fd
}

func v6only(t *testing.T, on int) int {
	t.Helper()
	fd := bound(t, unix.AF_INET6, unix.SOCK_STREAM, 0, nil)
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, on); err != nil {
		t.Fatal(err)
	}
	skipIf(t, unix.Bind(fd, any6), unix.EADDRNOTAVAIL)
	return fd
}

func opened(t *testing.T, path string, flags int) int {
	t.Helper()
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return closeLater(t, fd)
}

func closeLater(t *testing.T, fd int) int {
	t.Helper()
	t.Cleanup(func() {
		if err := unix.Close(fd); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return fd
}

func skipIf(t *testing.T, err error, lacking ...unix.Errno) {
	t.Helper()
	for _, errno := range lacking {
		if errors.Is(err, errno) {
			t.Skipf("this kernel lacks it: %v", err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// port is where the kernel put a socket that was bound to port 0.
func port(t *testing.T, fd int) uint16 {
	t.Helper()
	addr, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	switch a := addr.(type) {
	case *unix.SockaddrInet4:
		return uint16(a.Port)
	case *unix.SockaddrInet6:
		return uint16(a.Port)
	}
	t.Fatalf("not an internet address: %T", addr)
	return 0
}

func TestInspectInternet(t *testing.T) {
	tests := []struct {
		name   string
		open   func(*testing.T) int
		want   Socket // without FD and port
		ip     string
		text   string // %d is the port
		entry  string
		stream bool
	}{
		{
			name:   "tcp4 loopback",
			open:   func(t *testing.T) int { return listening(t, bound(t, unix.AF_INET, unix.SOCK_STREAM, 0, lo4)) },
			want:   Socket{Kind: TCP, Listening: true},
			ip:     "127.0.0.1",
			text:   "tcp 127.0.0.1:%d",
			entry:  "127.0.0.1:%d",
			stream: true,
		},
		{
			name:   "tcp4 any, not listening",
			open:   func(t *testing.T) int { return bound(t, unix.AF_INET, unix.SOCK_STREAM, 0, any4) },
			want:   Socket{Kind: TCP},
			ip:     "0.0.0.0",
			text:   "tcp 0.0.0.0:%d",
			entry:  "0.0.0.0:%d",
			stream: true,
		},
		{
			name: "multipath tcp4",
			open: func(t *testing.T) int {
				return listening(t, bound(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP, lo4))
			},
			want:   Socket{Kind: TCP, Listening: true},
			ip:     "127.0.0.1",
			text:   "tcp 127.0.0.1:%d",
			entry:  "127.0.0.1:%d",
			stream: true,
		},
		{
			name:   "tcp6 loopback",
			open:   func(t *testing.T) int { return listening(t, bound(t, unix.AF_INET6, unix.SOCK_STREAM, 0, lo6)) },
			want:   Socket{Kind: TCP, V6Only: true, Listening: true}, // bind(2) to one address makes it so
			ip:     "::1",
			text:   "tcp [::1]:%d",
			entry:  "[::1]:%d",
			stream: true,
		},
		{
			name:   "tcp6 any, v6only",
			open:   func(t *testing.T) int { return v6only(t, 1) },
			want:   Socket{Kind: TCP, V6Only: true},
			ip:     "::",
			text:   "tcp [::]:%d",
			entry:  "[::]:%d",
			stream: true,
		},
		{
			name:   "tcp6 any, dual-stack",
			open:   func(t *testing.T) int { return v6only(t, 0) },
			want:   Socket{Kind: TCP},
			ip:     "::",
			text:   "tcp [::]:%d (dual-stack)",
			entry:  "%d",
			stream: true,
		},
		{
			name:  "udp4",
			open:  func(t *testing.T) int { return bound(t, unix.AF_INET, unix.SOCK_DGRAM, 0, lo4) },
			want:  Socket{Kind: UDP},
			ip:    "127.0.0.1",
			text:  "udp 127.0.0.1:%d",
			entry: "127.0.0.1:%d",
		},
		{
			name:  "udp6",
			open:  func(t *testing.T) int { return bound(t, unix.AF_INET6, unix.SOCK_DGRAM, 0, lo6) },
			want:  Socket{Kind: UDP, V6Only: true},
			ip:    "::1",
			text:  "udp [::1]:%d",
			entry: "[::1]:%d",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fd := tt.open(t)
			n := port(t, fd)
			want := tt.want
			want.FD = fd
			want.Addr = netip.AddrPortFrom(netip.MustParseAddr(tt.ip), n)
			got := inspected(t, fd, want)
			if text := fmt.Sprintf(tt.text, n); got.String() != text {
				t.Errorf("String() = %q, want %q", got, text)
			}
			if entry := fmt.Sprintf(tt.entry, n); got.EntryName() != entry {
				t.Errorf("EntryName() = %q, want %q", got.EntryName(), entry)
			}
			if got.Kind.Stream() != tt.stream {
				t.Errorf("Stream() = %v", got.Kind.Stream())
			}
		})
	}
}

func TestInspectUnix(t *testing.T) {
	dir := t.TempDir()
	abstract := fmt.Sprintf("@sdbridge-test-%d", os.Getpid())
	tests := []struct {
		name, path, what, text, entry string
		typ                           int
		kind                          Kind
		listens                       bool
	}{
		{name: "stream", path: dir + "/s", text: "unix " + dir + "/s", entry: dir + "/s", typ: unix.SOCK_STREAM, kind: UnixStream, listens: true},
		{name: "abstract", path: abstract, text: "unix " + abstract, entry: abstract, typ: unix.SOCK_STREAM, kind: UnixStream, listens: true},
		{name: "unnamed", text: "unix unnamed", what: "unnamed", typ: unix.SOCK_STREAM, kind: UnixStream},
		{name: "datagram", path: dir + "/d", text: "unix-datagram " + dir + "/d", typ: unix.SOCK_DGRAM, kind: UnixDatagram},
		{name: "seqpacket", path: dir + "/q", text: "unix-seqpacket " + dir + "/q", typ: unix.SOCK_SEQPACKET, kind: UnixSeqpacket, listens: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var addr unix.Sockaddr
			if tt.path != "" {
				addr = &unix.SockaddrUnix{Name: tt.path}
			}
			fd := bound(t, unix.AF_UNIX, tt.typ, 0, addr)
			if tt.listens {
				listening(t, fd)
			}
			got := inspected(t, fd, Socket{FD: fd, Kind: tt.kind, Path: tt.path, What: tt.what, Listening: tt.listens})
			if got.String() != tt.text {
				t.Errorf("String() = %q, want %q", got, tt.text)
			}
			if got.EntryName() != tt.entry {
				t.Errorf("EntryName() = %q, want %q", got.EntryName(), tt.entry)
			}
			if got.Kind.Stream() != (tt.kind == UnixStream) {
				t.Errorf("Stream() = %v", got.Kind.Stream())
			}
		})
	}
}

func TestInspectOther(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name string
		open func(*testing.T) int
		kind Kind
		what string // a prefix
	}{
		{"vsock", openVsock, Vsock, "any:"},
		{"netlink", func(t *testing.T) int {
			return bound(t, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_KOBJECT_UEVENT, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1})
		}, Netlink, "groups 0x1"},
		{"fifo", func(t *testing.T) int {
			if err := unix.Mkfifo(dir+"/fifo", 0o600); err != nil {
				t.Fatal(err)
			}
			return opened(t, dir+"/fifo", unix.O_RDWR)
		}, FIFO, dir + "/fifo"},
		{"pipe", openPipe, FIFO, "pipe:["},
		{"message queue", openMessageQueue, MessageQueue, "/sdbridge-test-"},
		{"character device", func(t *testing.T) int { return opened(t, "/dev/urandom", unix.O_RDONLY) }, Special, "/dev/urandom"},
		{"file", func(t *testing.T) int { return opened(t, dir+"/file", unix.O_RDWR|unix.O_CREAT) }, File, dir + "/file"},
		{"memfd", openMemfd, File, "/memfd:sdbridge"},
		{"directory", func(t *testing.T) int { return opened(t, dir, unix.O_RDONLY) }, Unknown, dir},
		{"epoll", openEpoll, Unknown, "anon_inode:[eventpoll]"},
		{"udp-lite", func(t *testing.T) int {
			return bound(t, unix.AF_INET, unix.SOCK_DGRAM, unix.IPPROTO_UDPLITE, lo4)
		}, OtherSocket, "family 2 type 2 protocol 136"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fd := tt.open(t)
			got, err := Inspect(fd)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(got.What, tt.what) {
				t.Errorf("What = %q, want %q…", got.What, tt.what)
			}
			inspected(t, fd, Socket{FD: fd, Kind: tt.kind, What: got.What})
			if text := tt.kind.String() + " " + got.What; got.String() != text {
				t.Errorf("String() = %q, want %q", got, text)
			}
			if got.EntryName() != "" {
				t.Errorf("EntryName() = %q, want none", got.EntryName())
			}
		})
	}
}

func inspected(t *testing.T, fd int, want Socket) Socket {
	t.Helper()
	got, err := Inspect(fd)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("Inspect(%d) = %#v\nwant %#v", fd, got, want)
	}
	return got
}

func openVsock(t *testing.T) int {
	return bound(t, unix.AF_VSOCK, unix.SOCK_STREAM, 0,
		&unix.SockaddrVM{CID: unix.VMADDR_CID_ANY, Port: unix.VMADDR_PORT_ANY})
}

func openPipe(t *testing.T) int {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	closeLater(t, fds[1])
	return closeLater(t, fds[0])
}

func openMemfd(t *testing.T) int {
	fd, err := unix.MemfdCreate("sdbridge", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	return closeLater(t, fd)
}

func openEpoll(t *testing.T) int {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	return closeLater(t, fd)
}

func openMessageQueue(t *testing.T) int {
	// The system call, unlike mq_open(3), wants the name without its slash.
	name, err := unix.BytePtrFromString(fmt.Sprintf("sdbridge-test-%d", os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	fd, _, errno := unix.Syscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(name)),
		unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600, 0, 0, 0)
	if errno != 0 {
		skipIf(t, errno, unix.ENOSYS, unix.EACCES)
	}
	if _, _, errno := unix.Syscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(name)), 0, 0); errno != 0 {
		t.Error(errno)
	}
	return closeLater(t, int(fd))
}

func TestInspectClosed(t *testing.T) {
	const never = 1 << 30 // beyond any limit on descriptors
	_, err := Inspect(never)
	if want := "descriptor 1073741824 is not open: bad file descriptor"; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
	if !errors.Is(err, unix.EBADF) {
		t.Errorf("%v does not wrap EBADF", err)
	}
}

// A listener that a child shut down is a TCP socket still, but nobody can
// connect to it.
func TestInspectShutDown(t *testing.T) {
	fd := listening(t, bound(t, unix.AF_INET, unix.SOCK_STREAM, 0, lo4))
	if err := unix.Shutdown(fd, unix.SHUT_RD); err != nil {
		t.Fatal(err)
	}
	got, err := Inspect(fd)
	if err != nil || got.Kind != TCP || got.Listening {
		t.Errorf("Inspect = %#v, %v, want TCP that does not listen", got, err)
	}
}

func TestInspectLeavesFlags(t *testing.T) {
	for _, flag := range []int{0, unix.SOCK_NONBLOCK} {
		fd := bound(t, unix.AF_INET, unix.SOCK_STREAM|flag, 0, lo4)
		before := statusFlags(t, fd)
		if _, err := Inspect(fd); err != nil {
			t.Fatal(err)
		}
		if after := statusFlags(t, fd); after != before {
			t.Errorf("status flags %#o became %#o", before, after)
		}
	}
}

func statusFlags(t *testing.T, fd int) int {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestInspectFailures(t *testing.T) {
	tcp := bound(t, unix.AF_INET, unix.SOCK_STREAM, 0, lo4)
	tcp6 := func(t *testing.T) int { return bound(t, unix.AF_INET6, unix.SOCK_STREAM, 0, lo6) }
	file := opened(t, filepath.Join(t.TempDir(), "file"), unix.O_RDWR|unix.O_CREAT)
	failing := func(option int) func(*sys) {
		return func(k *sys) {
			k.getsockopt = func(fd, level, opt int) (int, error) {
				if opt == option {
					return 0, unix.EIO
				}
				return unix.GetsockoptInt(fd, level, opt)
			}
		}
	}
	tests := []struct {
		name string
		fd   func(*testing.T) int
		fail func(*sys)
		want string // after "cannot inspect descriptor N: "
	}{
		{"fstat", at(tcp), func(k *sys) { k.fstat = func(int, *unix.Stat_t) error { return unix.EIO } }, "fstat: input/output error"},
		{"domain", at(tcp), failing(unix.SO_DOMAIN), "getsockopt SO_DOMAIN: input/output error"},
		{"type", at(tcp), failing(unix.SO_TYPE), "getsockopt SO_TYPE: input/output error"},
		{"protocol", at(tcp), failing(unix.SO_PROTOCOL), "getsockopt SO_PROTOCOL: input/output error"},
		{"acceptconn", at(tcp), failing(unix.SO_ACCEPTCONN), "getsockopt SO_ACCEPTCONN: input/output error"},
		{"v6only", tcp6, failing(unix.IPV6_V6ONLY), "getsockopt IPV6_V6ONLY: input/output error"},
		{"getsockname", at(tcp), func(k *sys) {
			k.getsockname = func(int) (unix.Sockaddr, error) { return nil, unix.EIO }
		}, "getsockname: input/output error"},
		{"fstatfs", at(file), func(k *sys) {
			k.fstatfs = func(int, *unix.Statfs_t) error { return unix.EIO }
		}, "fstatfs: input/output error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fd := tt.fd(t)
			k := kernel
			tt.fail(&k)
			got, err := k.inspect(fd)
			want := fmt.Sprintf("cannot inspect descriptor %d: %s", fd, tt.want)
			if err == nil || err.Error() != want || !errors.Is(err, unix.EIO) {
				t.Errorf("error = %v, want %s", err, want)
			}
			if got != (Socket{}) {
				t.Errorf("socket = %#v beside the error", got)
			}
		})
	}
}

func at(fd int) func(*testing.T) int { return func(*testing.T) int { return fd } }

func TestInspectWithoutProc(t *testing.T) {
	k := kernel
	k.readlink = func(string, []byte) (int, error) { return 0, unix.ENOENT }
	got, err := k.inspect(openPipe(t))
	if err != nil || got.String() != "fifo" {
		t.Errorf("inspect = %v, %v, want fifo", got, err)
	}
}

func TestInspectScopedAddress(t *testing.T) {
	k := kernel
	k.getsockname = func(int) (unix.Sockaddr, error) {
		return &unix.SockaddrInet6{Port: 80, ZoneId: 2, Addr: [16]byte{0: 0xfe, 1: 0x80, 15: 1}}, nil
	}
	got, err := k.inspect(bound(t, unix.AF_INET, unix.SOCK_STREAM, 0, lo4))
	if err != nil || got.EntryName() != "[fe80::1%2]:80" {
		t.Errorf("inspect = %v, %v", got, err)
	}
}
