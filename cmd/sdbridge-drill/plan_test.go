package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// What the flags say is what the clients do.
func TestLoad(t *testing.T) {
	t.Parallel()
	const addr = "127.0.0.1:80"
	usual := func(change func(*load.Config)) load.Config {
		config := load.Config{
			Addr: addr, Clients: 16, KeepAlive: load.Both, Timeout: 10 * time.Second, Pause: 10 * time.Millisecond,
			AnyAnswer: true, Request: load.NewRequest("/", addr, 0),
		}
		change(&config)
		return config
	}
	for line, want := range map[string]load.Config{
		"": usual(func(*load.Config) {}),
		"--clients=3 --keep-alive=no --timeout=2 --client-pause=1ms": usual(func(c *load.Config) {
			c.Clients, c.KeepAlive, c.Timeout, c.Pause = 3, load.Off, 2*time.Second, time.Millisecond
		}),
		"--url=http://app/x?y=z --generation-header=X-Release": usual(func(c *load.Config) {
			c.Request, c.GenerationHeader = load.NewRequest("/x?y=z", "app", 0), "X-Release"
		}),
		"--url=/x --post=3 --slow=2": usual(func(c *load.Config) {
			c.Request, c.Slow = load.NewRequest("/x", addr, 3), 2
		}),
		"--send=PING": usual(func(c *load.Config) { c.Request, c.Line = nil, "PING" }),
	} {
		var f flags
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		f.register(set)
		if err := set.Parse(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		p, err := f.plan([]string{"app"})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.load(addr); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n%+v, want\n%+v", line, got, want)
		}
	}
}
