package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

var ports struct {
	sync.Mutex

	next int
}

// freePort gives a TCP and UDP port that nobody has, no port twice. It is below
// those that the kernel gives to clients, so that none of these takes it.
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
		if canBind("tcp", ":"+port) && canBind("udp", ":"+port) {
			return port
		}
	}
	t.Fatal("no free port")
	return ""
}

func canBind(network, addr string) bool {
	if network == "udp" {
		conn, err := net.ListenPacket(network, addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		return false
	}
	return ln.Close() == nil
}

func freeAddr(t *testing.T) string { t.Helper(); return "127.0.0.1:" + freePort(t) }

// shortDir is a directory whose paths fit into a socket's address; those of
// t.TempDir need not.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sdb") //nolint:usetesting // its name has the test's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func dial(addr string) (net.Conn, error) {
	network := "tcp"
	if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
		network = "unix"
	}
	return net.DialTimeout(network, addr, patienceOfTests)
}

// answer is what a child says of itself.
type answer struct{ generation, pid int }

// ask makes one request on a connection of its own.
func ask(t *testing.T, addr string) answer {
	t.Helper()
	return request(t, addr)()
}

// request sends all of a request but its last byte, and returns what finishes
// it: until then a child is busy with it.
func request(t *testing.T, addr string) (finish func() answer) {
	t.Helper()
	conn, err := dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patienceOfTests))
	if _, err := io.WriteString(conn, "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return func() answer {
		t.Helper()
		defer conn.Close()
		if _, err := io.WriteString(conn, "x"); err != nil {
			t.Fatal(err)
		}
		return readAnswer(t, conn)
	}
}

func readAnswer(t *testing.T, conn net.Conn) (a answer) {
	t.Helper()
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\r\n\r\n")
	if _, err := fmt.Sscanf(body, "gen=%d pid=%d", &a.generation, &a.pid); err != nil {
		t.Fatalf("answer %q: %v", text, err)
	}
	return a
}

// hold is request, and makes sure that the process pid has taken it.
func hold(t *testing.T, addr string, pid int) (finish func() answer) {
	t.Helper()
	var before int
	await(t, "an idle server", func() bool { // what was asked before is closed
		before = descriptors(t, pid)
		time.Sleep(20 * time.Millisecond)
		return descriptors(t, pid) == before
	})
	finish = request(t, addr)
	await(t, "the request's arrival", func() bool { return descriptors(t, pid) > before })
	return finish
}

// wantGeneration checks who answers: only that generation, whoever accepts. An
// older one that was told to go just now may accept until it has heard it; a
// newer one is an error at once. It gives the last answer.
func wantGeneration(t *testing.T, addr string, want int) answer {
	t.Helper()
	var last answer
	await(t, fmt.Sprintf("only generation %d answers", want), func() bool {
		for range 5 {
			last = ask(t, addr)
			if last.generation > want {
				t.Fatalf("generation %d answers, want %d", last.generation, want)
			}
			if last.generation < want {
				return false
			}
		}
		return true
	})
	return last
}

// clients puts the address under load from eight clients, every second of which
// keeps its connection.
func clients(t *testing.T, addr string, with ...func(*load.Config)) *load.Running {
	t.Helper()
	config := load.Config{
		Addr: addr, Clients: 8, KeepAlive: load.Both,
		Pause: 10 * time.Millisecond, Timeout: patienceOfTests,
	}
	for _, w := range with {
		w(&config)
	}
	running := load.Start(config)
	t.Cleanup(func() { running.Stop() })
	return running
}

// noneLost stops the clients and checks that each got what it asked for.
func noneLost(t *testing.T, running *load.Running) load.Result {
	t.Helper()
	result := running.Stop()
	if result.Lost() > 0 || result.Total() == 0 {
		t.Errorf("clients lost %d requests: %+v", result.Lost(), result)
	}
	return result
}

// awaitAnswers waits until clients have been answered by that generation.
func awaitAnswers(t *testing.T, running *load.Running, generation int) {
	t.Helper()
	name := strconv.Itoa(generation)
	await(t, "answers of generation "+name, func() bool { return running.Result().Answered[name] > 0 })
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(temporary, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temporary, path); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// textOf is what a file says, "" where there is none.
func textOf(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

// awaitFile waits for a file and returns what it says.
func awaitFile(t *testing.T, path string) string {
	t.Helper()
	await(t, path, func() bool { _, err := os.Stat(path); return err == nil })
	return readFile(t, path)
}

// clientsOnceUp is clients, for an address that is not bound yet.
func clientsOnceUp(t *testing.T, addr string, with ...func(*load.Config)) *load.Running {
	t.Helper()
	await(t, addr, func() bool {
		conn, err := dial(addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return clients(t, addr, with...)
}
