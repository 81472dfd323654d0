package matrix

import (
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// kind is a sort of socket, a column of the table.
type kind int

const (
	ipv4 kind = iota
	dual
	ipv6
	path
	abstract
	several
	kinds // how many there are
)

var kindNames = [kinds]string{
	ipv4: "IPv4", dual: "dual-stack", ipv6: "IPv6", path: "Unix path", abstract: "abstract", several: "several",
}

func (k kind) String() string { return kindNames[k] }

// address is where a socket is bound, and where its clients find it.
type address struct {
	bind    string
	clients []string
}

// address makes one that is free.
func (k kind) address(t *testing.T) address {
	t.Helper()
	port := freePort(t)
	switch k {
	case dual: // as a plain ListenStream=PORT makes it
		return address{"[::]:" + port, []string{"127.0.0.1:" + port, "[::1]:" + port}}
	case ipv6:
		return address{"[::1]:" + port, []string{"[::1]:" + port}}
	case path:
		at := shortDir(t) + "/sock"
		return address{at, []string{at}}
	case abstract:
		at := "@sdbridge-matrix-" + port
		return address{at, []string{at}}
	default:
		return address{"127.0.0.1:" + port, []string{"127.0.0.1:" + port}}
	}
}

// addresses are those of a cell.
func (c child) addresses(t *testing.T, k kind) (bind string, clients []string) {
	t.Helper()
	sockets := []kind{k}
	if k == several {
		sockets = c.several
	}
	var binds []string
	for _, s := range sockets {
		a := s.address(t)
		binds = append(binds, a.bind)
		clients = append(clients, a.clients...)
	}
	if c.front != nil {
		for i, socket := range clients {
			clients[i] = c.front(t, socket)
		}
	}
	return strings.Join(binds, ","), clients
}

var ports struct {
	sync.Mutex

	next int
}

// freePort gives a port that nobody has, none twice. It is below those that the
// kernel gives to clients, so that none of these takes it.
func freePort(t *testing.T) string {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	if ports.next == 0 {
		ports.next = 10000 + rand.IntN(15000)
	}
	for range 1000 {
		ports.next++
		port := strconv.Itoa(ports.next)
		if l, err := net.Listen("tcp", ":"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return ""
}

// shortDir is a directory whose paths fit into a socket's address. It is open to
// servers that change their user.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sdb") //nolint:usetesting // t.TempDir's are long, and closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
