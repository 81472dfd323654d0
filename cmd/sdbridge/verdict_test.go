package main

import (
	"os"
	"testing"
)

// Whatever is wrong with a new child, the reload fails and says what it was, no
// client notices, and the next good one succeeds.
func TestVerdicts(t *testing.T) {
	kid := func(flags ...string) func(*live) {
		return func(l *live) { l.habits(flags...) }
	}
	tests := map[string]struct {
		flags  []string
		spoil  func(*live)
		reason []string
	}{
		"exits": {nil, kid("-fail-if=/dev/null"), []string{"exited 3"}},
		"missing": {
			nil, func(l *live) { _ = os.Remove(l.app) }, []string{"cannot find"},
		},
		"not executable": {
			nil, func(l *live) { l.file("#!/bin/sh\n", 0o600) }, []string{"permission denied"},
		},
		"no interpreter": {
			nil, func(l *live) { l.file("#!/nope\n", 0o700) }, []string{"the interpreter that it names is not there"},
		},
		"directory": {
			nil, func(l *live) { l.link("/") }, []string{"directory"},
		},
		"never accepts": {
			nil, func(l *live) { l.script("exec sleep 600") },
			[]string{"not ready after 3", "no process waits on 127.0.0.1:", "write --ready=interval or notify"},
		},
		"port of its own": {
			nil, kid("-own-port=127.0.0.1:0"),
			[]string{"no process waits on 127.0.0.1:", "it listens on 127.0.0.1:", "let it take the descriptor"},
		},
		"behind a shell": {
			[]string{"--export=systemd"},
			func(l *live) { l.script(`"$KID" -own-port=127.0.0.1:0`, "true") },
			[]string{"a shell that did not exec", "LISTEN_PID", "write exec"},
		},
		"READY=1 announced": {
			nil, kid("-announce=X_READY_FOLLOWS=1"),
			[]string{"it announced a READY=1 by X_READY_FOLLOWS=1 and has not sent it"},
		},
		"READY=1 wanted": {
			[]string{"--ready=notify"}, kid(), []string{"no READY=1 came to its NOTIFY_SOCKET"},
		},
		"unwell": {
			nil, kid("-announce=WATCHDOG=trigger", "-boot=20"), []string{"WATCHDOG=trigger"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := freeAddr(t)
			l := newLive(t)
			l.habits("-notify=READY=1")
			l.run(append([]string{"--port", addr, "--start-timeout=3s", "--drain-timeout=2s"}, test.flags...)...)
			l.up(1)
			running := clients(t, addr)
			test.spoil(l)
			l.fails(test.reason...)
			wantGeneration(t, addr, 1)
			l.link(binary(t, "kid"))
			l.habits("-announce=X_READY_FOLLOWS=1", "-notify=READY=1")
			l.commits()
			wantGeneration(t, addr, 3)
			l.wantStatus(0, "last swap  committed generation 3")
			noneLost(t, running)
		})
	}
}

// Before the old one is told to go, a new one must live for a while: only what
// that had taken itself is lost with it.
func TestVerdictOnOneThatDiesWhileProving(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr, "--interval=0", "--kill-old-delay=3s")
	l.up(1)
	l.habits("-die-after=1.5")
	l.fails("exited 1")
	l.await(", while it was proving itself; generation 1 keeps serving")
	wantGeneration(t, addr, 1)
	l.habits()
	l.commits()
	wantGeneration(t, addr, 3)
}
