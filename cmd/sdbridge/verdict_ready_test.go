package main

import (
	"os/exec"
	"testing"
)

// A child that knows only TCP never takes a Unix socket: the reason names the
// family.
func TestVerdictOnUnixSocket(t *testing.T) {
	t.Parallel()
	path := shortDir(t) + "/socket"
	l := newLive(t).run("--path", path, "--start-timeout=3s", "--drain-timeout=2s")
	l.up(1)
	l.script("exec sleep 600")
	l.fails("no process waits on "+path, "AF_UNIX")
	wantGeneration(t, path, 1)
}

// Behind a shell LISTEN_PID is wrong, but the default announces the sockets in
// SERVER_STARTER_PORT as well.
func TestBehindAShellWithBothConventions(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t)
	l.script(`"$KID"`, "true")
	l.run("--port", addr)
	l.up(1)
	running := clients(t, addr)
	l.commits()
	awaitAnswers(t, running, 2)
	noneLost(t, running)
}

// Of a child that takes one of two sockets the reason says how to name that one.
func TestReadyByOneOfTwoSockets(t *testing.T) {
	t.Parallel()
	one, two := freeAddr(t), freeAddr(t)
	l := newLive(t)
	l.script(`SERVER_STARTER_PORT=${SERVER_STARTER_PORT%%;*} exec "$KID"`)
	flags := []string{"--port", one, "--port", two, "--export=starter", "--start-timeout=3s"}
	l.run(flags...)
	l.wantExit(1)
	l.await("start failed: generation 1")
	l.await("no process waits on " + two)
	l.await("write --ready=accept:" + one + ", interval or notify")
	l.run(append(flags, "--ready=accept:"+one)...)
	l.up(1)
	l.commits()
	wantGeneration(t, one, 2)
}

// A program that binds by itself cannot come up beside itself.
func TestVerdictOnAServerThatBindsByItself(t *testing.T) {
	t.Parallel()
	if exec.Command("python3", "-c", "import http.server").Run() != nil {
		t.Skip("no python3 with http.server")
	}
	port := freePort(t)
	l := newLive(t)
	l.script("exec python3 -m http.server --bind 127.0.0.1 " + port)
	l.run("--no-socket", "--interval=5s", "--kill-old-delay=20s")
	l.up(1)
	l.fails("exited 1")
	if l.count("before it was ready") > 0 { // it was quick to fail
		l.await("generation 1 listens on 127.0.0.1:" + port + ", which was not handed to it")
	}
	conn, err := dial("127.0.0.1:" + port)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if got := l.count("swap failed"); got != 1 {
		t.Errorf("%d failed swaps, want one", got)
	}
}
