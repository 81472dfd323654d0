package main

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// swaps is how often the child is swapped under load.
const swaps = 20

// Whatever the socket and whoever bound it, no client notices a swap.
func TestSwapUnderLoad(t *testing.T) {
	port, dual, several := freePort(t), freePort(t), freePort(t)
	dir := shortDir(t)
	abstract := "@sdbridge-test-" + port
	tests := []struct {
		name  string
		start func(t *testing.T) *program
		addrs []string
	}{
		{"bound port", func(t *testing.T) *program {
			return startBridge(t, "--port", port, "--", binary(t, "plain"))
		}, []string{"127.0.0.1:" + port}},
		{"handed dual stack", func(t *testing.T) *program {
			return startActivated(t, "[::]:"+dual, "--port", dual, "--", binary(t, "plain"))
		}, []string{"127.0.0.1:" + dual, "[::1]:" + dual}},
		{"handed several", func(t *testing.T) *program {
			return startActivated(t, "127.0.0.1:"+several+","+dir+"/several,"+abstract, "--", binary(t, "plain"))
		}, []string{"127.0.0.1:" + several, dir + "/several", abstract}},
		{"bound path, blocking accept", func(t *testing.T) *program {
			return startBridge(t, "--path", dir+"/bound", "--", binary(t, "kid"), "-mode=block")
		}, []string{dir + "/bound"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := test.start(t)
			p.up(1)
			var running []*load.Running
			for _, addr := range test.addrs {
				running = append(running, clients(t, addr, func(c *load.Config) { c.Clients = 8 / len(test.addrs) }))
			}
			for generation := 2; generation <= swaps+1; generation++ {
				p.swap(generation)
				for _, r := range running {
					awaitAnswers(t, r, generation)
				}
			}
			for _, r := range running {
				allAnswered(t, noneLost(t, r), swaps+1)
			}
		})
	}
}

// A request with a body is no other.
func TestSwapUnderLoadOfPosts(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startActivated(t, addr, "--", binary(t, "plain"))
	p.up(1)
	running := clients(t, addr, func(c *load.Config) { c.Request, c.KeepAlive = load.NewRequest("/", addr, 100_000), load.Off })
	for generation := 2; generation <= 6; generation++ {
		p.swap(generation)
		awaitAnswers(t, running, generation)
	}
	allAnswered(t, noneLost(t, running), 6)
}

func TestSwapUnderLoadInStarterDialect(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := startStarter(t, "--port", port, "--interval=0", "--", binary(t, "plain"))
	p.await("starting new worker")
	running := clients(t, "127.0.0.1:"+port)
	for generation := 1; generation <= swaps+1; generation++ {
		awaitAnswers(t, running, generation)
		p.hup()
	}
	allAnswered(t, noneLost(t, running), swaps+1)
}

// allAnswered checks that each generation served, and no other.
func allAnswered(t *testing.T, result load.Result, last int) {
	t.Helper()
	for generation := 1; generation <= last; generation++ {
		if result.Answered[strconv.Itoa(generation)] == 0 {
			t.Errorf("generation %d answered nothing: %+v", generation, result)
		}
	}
	if result.Answered["0"]+result.Answered["?"] > 0 {
		t.Errorf("somebody answered without a generation: %+v", result)
	}
}

// The flags of a handed socket are everybody's: golang/go#43894, systemd/systemd#29600.
func TestSwapLeavesStatusFlags(t *testing.T) {
	for name, flag := range map[string]string{"blocking": "-nonblock=false", "nonblocking": "-nonblock"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := freeAddr(t)
			argv := append([]string{binary(t, "act"), flag, addr, "--"}, sdbridge(t, "--", binary(t, "kid"), "-mode=block")...)
			p := start(t, nil, argv...)
			p.up(1)
			before, err := statusFlags(p.pid(), 3)
			if err != nil {
				t.Fatal(err)
			}
			for generation := 2; generation <= 5; generation++ {
				p.hup()
				p.await(fmt.Sprintf(`msg="generation is starting" generation=%d`, generation))
				for _, q := range p.named("kid") {
					got, err := statusFlags(q.pid, 3)
					if err == nil && got != before { // else it has ended since it was listed
						t.Errorf("%v: flags %o, want %o", q, got, before)
					}
				}
				p.up(generation)
				if got, err := statusFlags(p.pid(), 3); err != nil || got != before {
					t.Errorf("flags %o in the bridge, want %o: %v", got, before, err)
				}
			}
		})
	}
}
