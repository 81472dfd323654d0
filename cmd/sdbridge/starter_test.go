package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// hosted is a start_server with the files that --restart and --stop need.
type hosted struct {
	*program

	addr, pidFile, statusFile, broken string
}

func startHosted(t *testing.T, args ...string) hosted {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	h := hosted{
		addr: "127.0.0.1:" + port, pidFile: dir + "/pid", statusFile: dir + "/status", broken: dir + "/broken",
	}
	args = append([]string{"--port", port, "--interval=1", "--pid-file", h.pidFile, "--status-file", h.statusFile}, args...)
	h.program = startStarter(t, append(args, "--", binary(t, "kid"), "-fail-if", h.broken)...)
	awaitFile(t, h.statusFile)
	return h
}

// control runs --restart or --stop.
func (h hosted) control(what string) *program {
	h.t.Helper()
	return startStarter(h.t, what, "--pid-file", h.pidFile, "--status-file", h.statusFile)
}

// A restart that succeeds ends when only the new generation is left.
func TestRestart(t *testing.T) {
	t.Parallel()
	h := startHosted(t)
	running := clients(t, h.addr)
	h.control("--restart").wantExit(0)
	if got := readFile(t, h.statusFile); !strings.HasPrefix(got, "2:") {
		t.Errorf("status file %q, want generation 2 alone", got)
	}
	wantGeneration(t, h.addr, 2)
	noneLost(t, running)
}

// Server::Starter's own --restart waits for exactly the next generation, and for
// ever when the first try dies.
func TestRestartWhoseFirstTryDies(t *testing.T) {
	t.Parallel()
	h := startHosted(t)
	running := clients(t, h.addr)
	writeFile(t, h.broken, "")
	restart := h.control("--restart")
	h.awaitCount(2, "seems to have failed to start, exit status:768")
	if err := os.Remove(h.broken); err != nil {
		t.Fatal(err)
	}
	restart.wantExit(0)
	noneLost(t, running)
}

func TestStop(t *testing.T) {
	t.Parallel()
	h := startHosted(t)
	stop := h.control("--stop")
	stop.wantExit(0)
	stop.await(fmt.Sprintf("stopping now (pid:%d)...", h.pid()))
	h.wantExit(0)
	noFiles(t, filepath.Dir(h.pidFile))
}

// A pid file that a crash left behind leads to nobody.
func TestStopOfNobody(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	writeFile(t, file, fmt.Sprintf("%d\n", os.Getpid()))
	p := startStarter(t, "--stop", "--pid-file", file)
	p.wantExit(1)
	p.await("nobody holds its lock")
}

// The wording is Server::Starter's: scripts look for it.
func TestStarterLog(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := startStarter(t, "--port", port+"=5", "--interval=1", "--kill-old-delay=1", "--signal-on-term=QUIT", "--", binary(t, "kid"))
	p.await(fmt.Sprintf("start_server (pid:%d) starting now...", p.pid()))
	p.await("socket is duplicated to file descriptor 5")
	first := p.find(`starting new worker (\d+)`)
	ask(t, "127.0.0.1:"+port)
	p.hup()
	p.await("received HUP, spawning a new worker")
	p.await("new worker is now running, sending TERM to old workers:" + first)
	p.await("sleeping 1 secs before killing old workers")
	p.await("killing old workers")
	p.await("old worker " + first + " died, status:0")
	second := ask(t, "127.0.0.1:"+port).pid
	if err := unix.Kill(second, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await(fmt.Sprintf("worker %d died unexpectedly with status:9, restarting", second))
	third := ask(t, "127.0.0.1:"+port).pid
	p.stop()
	p.await(fmt.Sprintf("received TERM, sending QUIT to all workers:%d", third))
	p.await(fmt.Sprintf("worker %d died, status:0", third))
	p.await("exiting")
}

// The former one is not told before the new one has survived kill-old-delay:
// Server::Starter tells it all the same, and nobody serves.
func TestStarterProbation(t *testing.T) {
	t.Parallel()
	port, env := freePort(t), filepath.Join(t.TempDir(), "env")
	if err := os.Mkdir(env, 0o777); err != nil {
		t.Fatal(err)
	}
	p := startStarter(t, "--port", port, "--interval=0", "--kill-old-delay=20", "--envdir", env, "--", binary(t, "kid"))
	p.await("starting new worker")
	old := ask(t, "127.0.0.1:"+port)
	writeFile(t, env+"/KID_FLAGS", "-die-after=0.5\n")
	p.hup()
	p.await("seems to have failed to start, exit status:256")
	p.awaitCount(3, "starting new worker")
	if !lives(old.pid) {
		t.Error("the old worker is gone")
	}
}

// kazuho/Starlet#6: older generations pile up, and that is said.
func TestStarterWhoseWorkersStay(t *testing.T) {
	t.Parallel()
	addr := freePort(t)
	p := startStarter(t, "--port", addr, "--interval=0", "--signal-on-hup=USR1", "--", binary(t, "kid"))
	p.await("starting new worker")
	for n := 1; n <= 3; n++ {
		ask(t, "127.0.0.1:"+addr)
		p.hup()
		p.awaitCount(n, "killing old workers")
	}
	p.await("3 older generations are still there; does USR1 make them stop?")
	await(t, "four workers", func() bool { return len(p.named("kid")) == 1+4 })
	p.stop()
}

func TestDaemonize(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), freePort(t)
	p := startStarter(t, "--daemonize", "--log-file", dir+"/log", "--pid-file", dir+"/pid", "--port", port, "--", binary(t, "kid"))
	p.wantExit(0)
	var daemon int
	if _, err := fmt.Sscanf(readFile(t, dir+"/pid"), "%d", &daemon); err != nil {
		t.Fatal(err)
	}
	if q, lives := readProc(daemon); !lives || q.session == p.pid() || q.session == daemon {
		t.Errorf("the daemon is %+v, alive: %t", q, lives)
	}
	ask(t, "127.0.0.1:"+port)
	stop := startStarter(t, "--stop", "--pid-file", dir+"/pid")
	stop.wantExit(0)
	log := readFile(t, dir+"/log")
	for _, text := range []string{"starting new worker", "received TERM", "exiting"} {
		if !strings.Contains(log, text) {
			t.Errorf("the log does not say %q:\n%s", text, log)
		}
	}
}

// The first process tells the truth: a daemon that cannot start is a failure.
func TestDaemonizeThatFails(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := startStarter(t, "--daemonize", "--log-file", t.TempDir()+"/log", "--port", taken.Addr().String(), "--", binary(t, "kid"))
	p.wantExit(exitUnavailable)
}

// The log command gets what the bridge and its children say. Its death ends
// neither.
func TestLogCommand(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), freePort(t)
	p := startStarter(t, "--log-file", "| exec cat >"+dir+"/log", "--port", port, "--interval=0", "--", binary(t, "kid"))
	ask(t, awaitBound(t, "127.0.0.1:"+port))
	await(t, "the log", func() bool { return strings.Contains(textOf(dir+"/log"), "starting new worker") })
	for _, q := range p.named("cat") {
		if q.cmdline == "cat" {
			if err := unix.Kill(q.pid, unix.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	for generation := 2; generation <= 4; generation++ {
		p.hup()
		await(t, "the next generation", func() bool { return ask(t, "127.0.0.1:"+port).generation >= generation })
	}
	p.stop()
}

func awaitBound(t *testing.T, addr string) string {
	t.Helper()
	clientsOnceUp(t, addr).Stop()
	return addr
}

func TestUDPPort(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := startStarter(t, "--port", "u"+port, "--interval=0", "--", binary(t, "kid"))
	p.await("starting new worker")
	conn, err := net.Dial("udp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello"); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(patienceOfTests))
	reply := make([]byte, 100)
	n, err := conn.Read(reply)
	if err != nil || !strings.HasPrefix(string(reply[:n]), "gen=1 ") {
		t.Errorf("reply %q, %v", reply[:n], err)
	}
}

// A first generation that fails is tried again, for ever.
func TestStarterTriesAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, dir+"/broken", "")
	port := freePort(t)
	p := startStarter(t, "--port", port, "--interval=1", "--", binary(t, "kid"), "-fail-if", dir+"/broken")
	p.awaitCount(2, "seems to have failed to start")
	if err := os.Remove(dir + "/broken"); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "127.0.0.1:"+port).generation; got < 3 {
		t.Errorf("generation %d answers", got)
	}
	p.stop()
}
