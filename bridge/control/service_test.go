package control

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varlink/go/varlink/idl"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

func TestInterfaceIsWellFormed(t *testing.T) {
	i, err := idl.New(description)
	if err != nil {
		t.Fatal(err)
	}
	if i.Name != Interface || len(i.Methods) != 3 || len(i.Errors) != 3 {
		t.Errorf("%s has %d methods and %d errors", i.Name, len(i.Methods), len(i.Errors))
	}
}

func TestReload(t *testing.T) {
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for name, v := range map[string]report.Verdict{
		"committed": {Swap: report.Swap{Generation: 2, PID: 4712, Former: 1, At: at}, Serving: 2, Warnings: []string{"a socket is dead"}},
		"failed":    {Swap: report.Swap{Generation: 2, Former: 1, At: at, Reason: "not ready after 1m0s"}, Serving: 1, Warnings: []string{}},
		"stopping":  {Stopping: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := dial(t, serve(t, f))
			go func() {
				f.requests(t, 1)
				f.decide(v)
			}()
			got, err := c.Reload(t.Context(), true)
			if err != nil || got.Swap != v.Swap || got.Stopping != v.Stopping || got.Serving != v.Serving || len(got.Warnings) != len(v.Warnings) {
				t.Errorf("got %+v, %v, want %+v", got, err, v)
			}
		})
	}
}

func TestReloadWithoutWaiting(t *testing.T) {
	f := newFake()
	c := dial(t, serve(t, f))
	if v, err := c.Reload(t.Context(), false); err != nil || v.Generation != 0 {
		t.Errorf("got %+v, %v", v, err)
	}
	f.requests(t, 1)
}

func TestStatus(t *testing.T) {
	s := serve(t, newFake())
	c := dial(t, s)
	got, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if g, ok := got.Serving(); !ok || g.PID != 4711 || got.PID != os.Getpid() || c.PID() != os.Getpid() {
		t.Errorf("got %+v of pid %d", got, c.PID())
	}
}

func TestMonitor(t *testing.T) {
	f := newFake()
	s := serve(t, f)
	var phases []machine.Phase
	for status, err := range dial(t, s).Monitor(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		phases = append(phases, status.Generations[0].Phase)
		if len(phases) == 1 {
			f.change(func() {
				f.report.Generations = []report.Generation{{Number: 1, Phase: machine.Draining}}
			})
			continue
		}
		go s.Close()
	}
	if len(phases) != 2 || phases[1] != machine.Draining {
		t.Errorf("saw %v", phases)
	}
}

func TestMonitorEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range dial(t, serve(t, newFake())).Monitor(ctx) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("ended with %v", last)
	}
}

func TestTenCallersAtOnce(t *testing.T) {
	f := newFake()
	s := serve(t, f)
	var all sync.WaitGroup
	for range 10 {
		c := dial(t, s)
		all.Go(func() {
			if v, err := c.Reload(t.Context(), true); err != nil || v.Generation != 2 {
				t.Errorf("got %+v, %v", v, err)
			}
		})
	}
	f.requests(t, 10)
	f.decide(report.Verdict{Swap: report.Swap{Generation: 2}})
	all.Wait()
}

// A caller that is gone has its place given back at once, and the swap goes on.
func TestCallerGoesAway(t *testing.T) {
	f := newFake()
	s := serve(t, f)
	for _, method := range []string{"Reload", "Monitor"} {
		c := raw(t, s)
		call(t, c, method, true)
		if method == "Reload" {
			f.requests(t, 1)
		} else {
			_, _ = bufio.NewReader(c).ReadBytes(0)
		}
		c.Close()
		until(t, func() bool { return s.count() == 0 })
	}
	f.requests(t, 1)
	f.decide(report.Verdict{})
}

// A caller that does not read hinders nobody.
func TestSlowCaller(t *testing.T) {
	f := newFake()
	f.report.Command = []string{strings.Repeat("x", 1<<19)}
	s := serve(t, f)
	call(t, raw(t, s), "Monitor", true)
	for range 2 {
		f.change(func() {})
		if _, err := dial(t, s).Status(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > deadline/2 {
		t.Errorf("Close took %v", took)
	}
}

func TestCallsInOneGo(t *testing.T) {
	c := raw(t, serve(t, newFake()))
	call(t, c, "Status", false)
	call(t, c, "Nonsense", false)
	call(t, c, "Monitor", false)
	r := bufio.NewReader(c)
	for _, want := range []string{`"status"`, "MethodNotFound", `"status"`} {
		if got, err := r.ReadString(0); err != nil || !strings.Contains(got, want) {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":   "hello\x00",
		"too long":  strings.Repeat("x", maxMessage+1),
		"no method": "{}\x00",
		"wait":      `{"method":"` + Interface + `.Reload","parameters":{"wait":"yes"}}` + "\x00",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			c := raw(t, serve(t, f))
			if _, err := io.WriteString(c, text); err != nil {
				t.Fatal(err)
			}
			answer, err := bufio.NewReader(c).ReadString(0)
			if err == nil && !strings.Contains(answer, "InvalidParameter") {
				t.Errorf("answered %s", answer)
			}
			f.requests(t, 0)
		})
	}
}

func TestTooManyCallers(t *testing.T) {
	s := serve(t, newFake())
	for range maxConnections {
		raw(t, s)
	}
	until(t, func() bool { return s.count() == maxConnections })
	if _, err := raw(t, s).Read(make([]byte, 1)); err == nil {
		t.Error("one more was let in")
	}
}

func TestStrangersLeaveRoom(t *testing.T) {
	s := serve(t, newFake())
	for range maxConnections - reserved {
		if !s.add(&connection{}) {
			t.Fatal("no room")
		}
	}
	mine := &connection{trusted: true}
	if s.add(&connection{}) || !s.add(mine) {
		t.Error("strangers took the place of the bridge's own user")
	}
	for c := range s.connections {
		s.remove(c)
	}
}

func TestCloseAnswers(t *testing.T) {
	f := newFake()
	s := serve(t, f)
	c := dial(t, s)
	go func() {
		f.requests(t, 1)
		s.Close()
	}()
	if v, err := c.Reload(t.Context(), true); err != nil || !v.Stopping {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := Dial(t.Context(), s.path); !errors.Is(err, ErrNoBridge) {
		t.Errorf("afterwards: %v", err)
	}
}

func call(t *testing.T, c *net.UnixConn, method string, more bool) {
	t.Helper()
	text := `{"method":"` + Interface + "." + method + `"`
	if more {
		text += `,"more":true`
	}
	if _, err := io.WriteString(c, text+"}\x00"); err != nil {
		t.Fatal(err)
	}
}
