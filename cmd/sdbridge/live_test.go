package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/bridge/report"
)

// live is a bridge that is asked by `sdbridge reload` and `sdbridge status`. It
// judges readiness by what it sees, and runs a program that a test can replace.
type live struct {
	*program

	t       *testing.T
	control string   // its control socket
	app     string   // what it runs, a link to kid at first
	env     []string // further variables of the bridge
	flags   string   // file of the variables that the next generation gets
}

// newLive prepares one; run, or runActivated, starts it.
func newLive(t *testing.T) *live {
	t.Helper()
	dir := shortDir(t)
	l := &live{t: t, control: dir + "/control", app: dir + "/app", flags: dir + "/flags"}
	l.habits()
	l.link(binary(t, "kid"))
	return l
}

// run starts `sdbridge run` with further flags.
func (l *live) run(flags ...string) *live {
	l.t.Helper()
	l.program = start(l.t, l.env, l.argv(flags)...)
	return l
}

// runActivated starts it as systemd would, with arguments of act.
func (l *live) runActivated(act []string, flags ...string) *live {
	l.t.Helper()
	argv := append(append([]string{binary(l.t, "act")}, act...), "--")
	l.program = start(l.t, l.env, append(argv, l.argv(flags)...)...)
	return l
}

func (l *live) argv(flags []string) []string {
	l.t.Helper()
	argv := sdbridge(l.t, "--ready=auto", "--control", l.control, "--env-file", l.flags)
	return append(append(argv, flags...), "--", l.app)
}

// habits are kid's flags from the next generation on.
func (l *live) habits(flags ...string) {
	l.t.Helper()
	writeFile(l.t, l.flags, "KID_FLAGS="+strings.Join(flags, " ")+"\n")
}

// link makes the next generation run another program.
func (l *live) link(to string) {
	l.t.Helper()
	if err := errors.Join(os.RemoveAll(l.app), os.Symlink(to, l.app)); err != nil {
		l.t.Fatal(err)
	}
}

// script makes the next generation run a script, in which $KID is kid.
func (l *live) script(lines ...string) {
	l.t.Helper()
	l.file("#!/bin/sh\nKID="+binary(l.t, "kid")+"\n"+strings.Join(lines, "\n")+"\n", 0o700)
}

// file makes the next generation run a file of that text and mode.
func (l *live) file(text string, mode os.FileMode) {
	l.t.Helper()
	path := filepath.Join(l.t.TempDir(), "file")
	writeFile(l.t, path, text)
	if err := os.Chmod(path, mode); err != nil {
		l.t.Fatal(err)
	}
	l.link(path)
}

// asking is a running `sdbridge reload` or `status`.
type asking struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
	ended    chan struct{}
}

// begin starts `sdbridge NAME` for this bridge.
func (l *live) begin(name string, args ...string) *asking {
	l.t.Helper()
	c := &asking{ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(l.t.Context(), patienceOfTests)
	c.cmd = exec.CommandContext(ctx, binary(l.t, "sdbridge"), append([]string{name, "--control", l.control}, args...)...)
	c.cmd.Stdout, c.cmd.Stderr = &c.out, &c.err
	if err := c.cmd.Start(); err != nil {
		cancel()
		l.t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		defer cancel()
		_ = c.cmd.Wait()
	}()
	l.t.Cleanup(func() { <-c.ended })
	return c
}

// wait waits for its end; its exit status is -1 if a signal ended it, which may
// be that of a test's patience.
func (c *asking) wait() ran {
	<-c.ended
	return ran{c.cmd.ProcessState.ExitCode(), c.out.String(), c.err.String()}
}

// do runs it to its end.
func (l *live) do(name string, args ...string) ran {
	l.t.Helper()
	return l.begin(name, args...).wait()
}

// commits reloads and wants it to succeed.
func (l *live) commits(args ...string) {
	l.t.Helper()
	if got := l.do("reload", args...); got.status != 0 || !strings.Contains(got.out, "is current since") {
		l.t.Errorf("reload: %+v", got)
	}
}

// fails reloads and wants a failure whose reason, in one line, has these parts.
// What serves goes on, and the status says what happened.
func (l *live) fails(parts ...string) {
	l.t.Helper()
	got := l.do("reload")
	reason, _, _ := strings.Cut(got.err, "\n")
	if got.status != 1 || !strings.HasPrefix(reason, "swap failed: generation ") || !strings.HasSuffix(reason, " keeps serving") {
		l.t.Errorf("reload: %+v", got)
	}
	for _, part := range parts {
		if !strings.Contains(reason, part) {
			l.t.Errorf("the reason is %q, want %q in it", reason, part)
		}
	}
	if got := l.do("status"); got.status != 1 || !strings.Contains(got.out, "\nlast reload  FAILED at ") {
		l.t.Errorf("status: %+v", got)
	}
}

// wantStatus wants `sdbridge status` to end so and to say that.
func (l *live) wantStatus(status int, text string) {
	l.t.Helper()
	if got := l.do("status"); got.status != status || !strings.Contains(got.out, text) {
		l.t.Errorf("status: %+v, want %d and %q", got, status, text)
	}
}

// report is what `sdbridge status --json` tells.
func (l *live) report() (s report.Status) {
	l.t.Helper()
	if got := l.do("status", "--json"); s.UnmarshalJSON([]byte(got.out)) != nil {
		l.t.Errorf("status: %+v", got)
	}
	return s
}

func wantIn(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("no %q in %q", part, text)
	}
}
