package socket

import (
	"errors"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

var errInjected = errors.New("injected")

const patience = 20 * time.Second

func mustPort(t testing.TB, s string) Port {
	t.Helper()
	p, err := ParsePort(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustPorts(t testing.TB, texts ...string) (ports []Port) {
	t.Helper()
	for _, text := range texts {
		ports = append(ports, mustPort(t, text))
	}
	return ports
}

// freePort is a --port that nobody has: others don't use this address.
func freePort(t testing.TB) string {
	t.Helper()
	placed, _, err := Acquire(Request{Ports: mustPorts(t, "127.45.6.7:0")})
	if err != nil {
		t.Fatal(err)
	}
	closeAll(placed)
	return placed[0].Addr.String()
}

func acquire(t testing.TB, r Request) []Placed {
	t.Helper()
	placed, _, err := Acquire(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeAll(placed)
		if err := Remove(placed); err != nil {
			t.Error(err)
		}
	})
	return placed
}

func closeAll(placed []Placed) {
	for _, p := range placed {
		_ = unix.Close(p.FD)
	}
}

// connect opens a connection to a listening socket, which stays in its queue.
func connect(t testing.TB, p Placed) error {
	t.Helper()
	domain, to := unix.AF_UNIX, unix.Sockaddr(&unix.SockaddrUnix{Name: p.Path})
	if p.Kind == activation.TCP {
		domain, to = unix.AF_INET, sockaddr(p.Addr)
		if p.Addr.Addr().Is6() {
			domain = unix.AF_INET6
		}
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return unix.Connect(fd, to)
}

// checkDescriptors fails the test when it leaves a descriptor open.
func checkDescriptors(t *testing.T) {
	t.Helper()
	before := descriptors(t)
	t.Cleanup(func() {
		after := descriptors(t)
		for fd, what := range before {
			if after[fd] == what {
				delete(after, fd)
			}
		}
		if len(after) > 0 {
			t.Errorf("descriptors left open: %v", slices.Collect(maps.Values(after)))
		}
	})
}

func descriptors(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		// The descriptor of the directory is gone by now.
		if what, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			found[e.Name()] = what
		}
	}
	return found
}

func needIPv6(t *testing.T) {
	t.Helper()
	fd, err := system.openPort(activation.TCP, netip.MustParseAddrPort("[::1]:0"), 1)
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	_ = unix.Close(fd)
}

// shortDir is a temporary directory whose sockets fit into sun_path.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") //nolint:usetesting // the name of a test can be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func socketPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(shortDir(t), "app.sock")
}
