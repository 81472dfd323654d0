package ready

import (
	"maps"
	"net"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestQueues(t *testing.T) {
	unused := listening(t, unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	tcp := listening(t, unix.AF_INET, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	path := filepath.Join(t.TempDir(), "socket")
	local := listening(t, unix.AF_UNIX, &unix.SockaddrUnix{Name: path})
	udp, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(udp)
	for range 2 {
		fillQueue(t, "tcp", targetAt(t, tcp).String())
		fillQueue(t, "unix", path)
	}
	fillQueue(t, "unix", path)

	want := map[int]int{unused: 0, tcp: 2, local: 3}
	fds := []int{unused, tcp, local, udp, -1}
	if got := Queues(fds); !maps.Equal(got, want) {
		t.Errorf("Queues = %v, want %v", got, want)
	}
	without := kernel
	without.socket = func(int, int, int) (int, error) { return -1, unix.EAFNOSUPPORT }
	delete(want, local)
	if got := without.queues(fds); !maps.Equal(got, want) {
		t.Errorf("without AF_NETLINK: %v, want %v", got, want)
	}
}

func FuzzQueueRecord(f *testing.F) {
	f.Add([]byte{})
	f.Add(append(make([]byte, unixRecordSize), 12, 0, 4, 0, 7, 0, 0, 0, 0, 16, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, ok := queueRecord(b); ok && len(b) < unixRecordSize+attributeSize+4 {
			t.Errorf("a record in %d bytes", len(b))
		}
	})
}

func listening(t *testing.T, family int, at unix.Sockaddr) int {
	t.Helper()
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, at); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 16); err != nil {
		t.Fatal(err)
	}
	return fd
}

func targetAt(t *testing.T, fd int) *net.TCPAddr {
	t.Helper()
	at, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: at.(*unix.SockaddrInet4).Port}
}

func fillQueue(t *testing.T, network, address string) {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
}
