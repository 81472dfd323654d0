package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"

	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// stub is a bridge that gives each request the same verdict.
type stub struct {
	verdict *report.Verdict // nil: none comes

	mutex   sync.Mutex
	report  report.Report
	changed chan struct{}
}

func (s *stub) Reload() <-chan report.Verdict {
	c := make(chan report.Verdict, 1)
	if s.verdict != nil {
		c <- *s.verdict
	}
	return c
}

func (s *stub) Report() report.Report {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.report
}

func (s *stub) Changed() <-chan struct{} {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.changed
}

func (s *stub) become(generations ...report.Generation) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.report.Generations = generations
	close(s.changed)
	s.changed = make(chan struct{})
}

// serveStub makes path the control socket of a stub, until the test ends.
func serveStub(t *testing.T, path string, s *stub) *remote.Server {
	t.Helper()
	s.changed = make(chan struct{})
	server, err := remote.Listen(path, remote.NoGroup)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		server.Serve(s, "")
	}()
	t.Cleanup(func() {
		server.Close()
		<-ended
	})
	return server
}

// ran is what came of a command.
type ran struct {
	status   int
	out, err string
}

func runCommand(t *testing.T, c *cobra.Command, args ...string) ran {
	t.Helper()
	var out bytes.Buffer
	r := runCommandTo(t, c, &out, args...)
	r.out = out.String()
	return r
}

func runCommandTo(t *testing.T, c *cobra.Command, out io.Writer, args ...string) ran {
	t.Helper()
	var err bytes.Buffer
	c.SetOut(out)
	c.SetErr(&err)
	c.SetArgs(args)
	c.SilenceErrors, c.SilenceUsage = true, true
	failure := c.ExecuteContext(t.Context())
	r := ran{err: err.String()}
	if done, ok := errors.AsType[exited](failure); ok {
		r.status = int(done)
	} else if failure != nil {
		r.status, r.err = statusOf(failure), failure.Error()
	}
	return r
}

func committed(generation int) *report.Verdict {
	return &report.Verdict{Swap: report.Swap{Generation: generation, PID: 4712, Former: 1, At: time.Now()}, Serving: generation}
}

func TestReload(t *testing.T) {
	failed := &report.Verdict{Swap: report.Swap{Generation: 2, Reason: "not ready after 1m0s"}, Serving: 1, Warnings: []string{"a socket is dead"}}
	for name, c := range map[string]struct {
		verdict  *report.Verdict
		args     []string
		status   int
		out, err string // parts of them
	}{
		"committed":    {committed(2), nil, 0, "generation 2 (pid 4712) is current since", ""},
		"failed":       {failed, nil, 1, "", "swap failed: generation 2: not ready after 1m0s; generation 1 keeps serving"},
		"warned":       {failed, nil, 1, "", "a socket is dead"},
		"stopping":     {&report.Verdict{Stopping: true}, nil, 75, "", "the bridge stops"},
		"no wait":      {nil, []string{"--no-wait"}, 0, "asked for", ""},
		"timeout":      {nil, []string{"--timeout=100ms"}, 1, "", "the swap goes on"},
		"wrong wait":   {nil, []string{"--wait=long"}, 64, "", "--wait=drained"},
		"both waits":   {nil, []string{"--wait=drained", "--no-wait"}, 64, "", "exclude each other"},
		"two names":    {nil, []string{"a", "b"}, 64, "", "one name too many"},
		"name as path": {nil, []string{"/run/x"}, 64, "", "give one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "control")
			serveStub(t, path, &stub{verdict: c.verdict})
			got := runCommand(t, newReload(), append(c.args, "--control", path)...)
			if got.status != c.status || !strings.Contains(got.out, c.out) || !strings.Contains(got.err, c.err) {
				t.Errorf("got %+v, want %+v", got, c)
			}
		})
	}
}

func TestReloadWithoutABridge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	if got := runCommand(t, newReload(), "--control", path); got.status != 69 || !strings.Contains(got.err, "no bridge answers there") {
		t.Errorf("got %+v", got)
	}
}

func TestReloadOfOneThatHangsUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	if got := runCommand(t, newReload(), "--control", path); got.status != 69 || !strings.Contains(got.err, "does not answer") {
		t.Errorf("got %+v", got)
	}
}

// Without a name it is the only one that answers.
func TestReloadWithoutAName(t *testing.T) {
	user := shortDir(t)
	for _, name := range []string{"RUNTIME_DIRECTORY", "SDBRIDGE_CONTROL"} {
		t.Setenv(name, "")
	}
	t.Setenv("XDG_RUNTIME_DIR", user)
	if got := runCommand(t, newReload()); got.status != 69 {
		t.Errorf("none: %+v", got)
	}
	if err := os.WriteFile(userControl(t, user, "dead"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	serveStub(t, userControl(t, user, "one"), &stub{verdict: committed(2)})
	if got := runCommand(t, newReload()); got.status != 0 {
		t.Errorf("one: %+v", got)
	}
	serveStub(t, userControl(t, user, "two"), &stub{verdict: committed(3)})
	if got := runCommand(t, newReload()); got.status != 64 || !strings.Contains(got.err, "one, two; name one") {
		t.Errorf("two: %+v", got)
	}
	if got := runCommand(t, newReload(), "two"); !strings.Contains(got.out, "generation 3") {
		t.Errorf("by name: %+v", got)
	}
}

func TestReloadUntilDrained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	s := &stub{verdict: committed(2), report: report.Report{Generations: []report.Generation{
		{Number: 1, Phase: machine.Draining}, {Number: 2, Phase: machine.Current},
	}}}
	server := serveStub(t, path, s)
	result := make(chan ran, 1)
	ask := func() { result <- runCommand(t, newReload(), "--wait=drained", "--control", path) }
	go ask()
	s.become(report.Generation{Number: 1, Phase: machine.Draining})
	select {
	case early := <-result:
		t.Fatalf("ended early: %+v", early)
	default:
	}
	s.become(report.Generation{Number: 2, Phase: machine.Current})
	if got := <-result; got.status != 0 || !strings.Contains(got.out, "generation 1 is gone") {
		t.Errorf("got %+v", got)
	}
	s.become(report.Generation{Number: 1, Phase: machine.Draining})
	go ask()
	server.Close()
	if got := <-result; got.status != 75 && got.status != 69 { // 69: it was not reached in time
		t.Errorf("at the bridge's end: %+v", got)
	}
}

func TestSignalEndsTheWaitingOnly(t *testing.T) {
	ctx, stop := untilSignal(t.Context())
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	var said bytes.Buffer
	err := output{nil, &said, true}.unheard(ctx, context.Canceled)
	if done, ok := errors.AsType[exited](err); !ok || int(done) != 143 {
		t.Errorf("ends with %v", err)
	}
	if !strings.HasPrefix(said.String(), "<4>") || !strings.Contains(said.String(), "the swap goes on") {
		t.Errorf("says %q", &said)
	}
}

func TestCandidatesLastLines(t *testing.T) {
	onPath(t, "journalctl", `echo "$@"`)
	var said bytes.Buffer
	v := report.Verdict{Swap: report.Swap{Generation: 2, PID: 4712, Reason: "exited 1"}}
	output{nil, &said, false}.failed(v)
	if !strings.Contains(said.String(), "nothing serves\n") || !strings.Contains(said.String(), "--lines=10 _PID=4712") {
		t.Errorf("says %q", &said)
	}
	said.Reset()
	output{nil, &said, true}.failed(v)
	if got := said.String(); got != "<3>swap failed: generation 2 (pid 4712): exited 1; nothing serves\n" {
		t.Errorf("into the journal: %q", got)
	}
}

// userControl is where a user's bridge of that name has its control socket.
func userControl(t *testing.T, user, name string) string {
	t.Helper()
	dir := filepath.Join(user, "sdbridge", name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "control")
}
