package matrix

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

const swaps = 10

// settings of the bridges here: quick, but for the drain timeout, which must cut
// nobody. How a candidate is found ready is what a user gets who says nothing.
const settings = "--interval=300ms --kill-old-delay=300ms --drain-timeout=60s"

// bridge runs a child behind sockets that are handed over as systemd does it.
func bridge(t *testing.T, c child, bind string) *program {
	t.Helper()
	argv := []string{goBuild(t, "testdata/tools/act"), bind, "--", goBuild(t, "cmd/sdbridge"), "run"}
	argv = append(argv, strings.Fields(settings)...)
	argv = append(argv, strings.Fields(c.flags)...)
	argv = append(append(argv, "--"), c.command(t, bind)...)
	return start(t, argv...)
}

// works tells the whole story of a child that can serve what it is given.
func works(t *testing.T, c child, k kind) {
	bind, clients := c.addresses(t, k)
	p := bridge(t, c, bind)
	p.await("generation is current")
	for _, addr := range clients {
		if a := ask(t, addr); a.generation != 1 {
			t.Errorf("%s is answered by generation %d", addr, a.generation)
		}
	}
	lost := underLoad(t, clients, func(generation int) {
		p.signal(unix.SIGHUP)
		p.await(fmt.Sprintf("swap committed: generation %d is current", generation))
	})
	switch {
	case c.loses != "":
		t.Logf("its losses:\n%s", strings.Join(lost, "\n"))
	case len(lost) > 0:
		t.Errorf("requests were lost:\n%s", strings.Join(lost, "\n"))
	}
	crash(t, clients[0])
	if status := p.stop(); status != 0 {
		t.Errorf("it stopped with status %d", status)
	}
}

// cannot checks that a child fails, and in the way that is told.
func cannot(t *testing.T, c child, k kind) {
	bind, clients := c.addresses(t, k)
	p := bridge(t, c, bind)
	p.await("generation is starting")
	answered := make(chan bool)
	go func() {
		for _, addr := range clients { // a socket that nobody reads takes connections all the same
			if a, err := request(addr, 10*time.Second); err != nil || a.generation != 1 {
				answered <- false
				return
			}
		}
		answered <- true
	}()
	if says := c.cannot[k].says; says != "" {
		p.await(says)
	}
	if <-answered {
		t.Errorf("it works, where the table has: %s", c.cannot[k].reason)
	}
}

// loads are what clients do at once, to each address.
var loads = map[string]load.Config{
	"kept connections":  {Clients: 2, KeepAlive: load.On},
	"fresh connections": {Clients: 2},
	"half a second":     {Clients: 2, KeepAlive: load.Both, Request: load.NewRequest("/?sleep=0.5", "localhost", 0)},
	"16 KiB bodies":     {Clients: 1, Request: load.NewRequest("/", "localhost", 16<<10)},
}

// underLoad swaps under load, and waits each time until all clients have been
// answered by the new generation. It tells what was lost.
func underLoad(t *testing.T, clients []string, swap func(generation int)) (lost []string) {
	t.Helper()
	running := map[string]*load.Running{}
	for _, addr := range clients {
		for name, config := range loads {
			config.Addr, config.Pause, config.Timeout = addr, 20*time.Millisecond, patience
			r := load.Start(config)
			t.Cleanup(func() { r.Stop() })
			running[name+" to "+addr] = r
		}
	}
	for generation := 1; generation <= 1+swaps; generation++ {
		if generation > 1 {
			swap(generation)
		}
		for name, r := range running {
			await(t, fmt.Sprintf("%s: generation %d", name, generation), func() bool {
				return r.Result().Answered[strconv.Itoa(generation)] > 0
			})
		}
	}
	for name, r := range running {
		if result := r.Stop(); result.Lost() > 0 {
			lost = append(lost, fmt.Sprintf("%s: %d of %d: %+v", name, result.Lost(), result.Lost()+result.Total(), result))
		}
	}
	return lost
}

// crash kills a process that answers: a worker is replaced by its server, a
// whole server by the bridge.
func crash(t *testing.T, addr string) {
	t.Helper()
	killed := ask(t, addr).pid
	if err := unix.Kill(killed, unix.SIGKILL); err != nil {
		t.Error(err)
	}
	await(t, "an answer after a crash", func() bool {
		a, err := request(addr, time.Second)
		return err == nil && a.pid != killed
	})
}

// answer is what a child says of itself.
type answer struct{ generation, pid int }

func ask(t *testing.T, addr string) answer {
	t.Helper()
	a, err := request(addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// request makes one, on a connection of its own.
func request(addr string, timeout time.Duration) (a answer, err error) {
	network := "tcp"
	if slices.Contains([]byte("/@"), addr[0]) {
		network = "unix"
	}
	conn, err := net.DialTimeout(network, addr, timeout)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(timeout))
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"); err != nil {
		return a, err
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		return a, err
	}
	_, body, _ := strings.Cut(string(text), "\r\n\r\n")
	if _, err := fmt.Sscanf(body, "gen=%d pid=%d", &a.generation, &a.pid); err != nil {
		return a, fmt.Errorf("answer %q: %w", text, err)
	}
	return a, nil
}
