package main

import (
	"path/filepath"
	"strconv"
	"testing"
)

// From systemd's convention to start_server's: nothing stays behind.
func TestExecBehindSystemd(t *testing.T) {
	t.Parallel()
	one, two, file := freeAddr(t), freeAddr(t), filepath.Join(t.TempDir(), "env")
	p := start(t, []string{"WATCHDOG_USEC=5000000"}, binary(t, "act"), "-names=web:admin", "-pidfdid=self", one+","+two, "--",
		binary(t, "sdbridge"), "exec", "--select=admin,web", "--rename=web=front", "--",
		binary(t, "kid"), "-env", file)
	awaitBound(t, one)
	for _, addr := range []string{one, two} {
		if a := ask(t, addr); a.generation != 1 || a.pid != p.pid() {
			t.Errorf("%s answered %+v, not pid %d", addr, a, p.pid())
		}
	}
	wantVariable(t, file, "SERVER_STARTER_PORT", two+"=3;front=4")
	wantVariable(t, file, "LISTEN_FDNAMES", "admin:web")
	wantVariable(t, file, "LISTEN_PID", strconv.Itoa(p.pid()))
	wantVariable(t, file, "WATCHDOG_USEC", "5000000") // it is the main process now
	wantUnset(t, file, "LISTEN_PIDFDID")
}

// And back: a systemd-style program under a start_server, which swaps it.
func TestExecUnderStartServer(t *testing.T) {
	t.Parallel()
	port, file := freePort(t), filepath.Join(t.TempDir(), "env")
	p := startStarter(t, "--port", port, "--interval=1", "--",
		binary(t, "sdbridge"), "exec", "--export=systemd", "--", binary(t, "kid"), "-env", file)
	addr := "127.0.0.1:" + port
	running := clientsOnceUp(t, addr)
	awaitAnswers(t, running, 1)
	p.hup()
	p.await("killing old workers")
	awaitAnswers(t, running, 2)
	noneLost(t, running)
	wantUnset(t, file, "SERVER_STARTER_PORT")
	wantVariable(t, file, "LISTEN_FDS", "1")
	wantVariable(t, file, "SERVER_STARTER_GENERATION", "2")
}

func TestExecWithoutSocket(t *testing.T) {
	t.Parallel()
	p := start(t, nil, binary(t, "sdbridge"), "exec", "--", "true")
	p.wantExit(exitConfig)
	p.await("no socket")
	start(t, nil, binary(t, "sdbridge"), "exec", "--no-socket", "--", "sh", "-c", "exit 5").wantExit(5)
}
