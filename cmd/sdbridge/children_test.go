package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// A child that fails as a candidate does no harm to the one that serves.

func TestCandidateThatDiesInProbation(t *testing.T) {
	t.Parallel()
	addr, env := freeAddr(t), filepath.Join(t.TempDir(), "env")
	writeFile(t, env, "")
	p := startBridge(t, "--kill-old-delay=20s", "--port", addr, "--env-file", env, "--", binary(t, "kid"))
	p.up(1)
	running := clients(t, addr)
	writeFile(t, env, "KID_FLAGS=-die-after=0.5s")
	p.hup()
	p.await("swap failed: generation 2 ")
	p.await("exited 1 after")
	p.await("while it was proving itself; generation 1 keeps serving")
	running.Stop() // the dying one cuts what it serves
	wantGeneration(t, addr, 1)
	p.wantNoText("is told to go")
}

func TestCandidateThatDiesAtOnce(t *testing.T) {
	t.Parallel()
	addr, broken := freeAddr(t), filepath.Join(t.TempDir(), "broken")
	p := startBridge(t, "--interval=1s", "--port", addr, "--", binary(t, "kid"), "-fail-if", broken)
	p.up(1)
	running := clients(t, addr)
	writeFile(t, broken, "")
	p.hup()
	p.await("swap failed: generation 2 ")
	p.await("exited 3 after")
	p.await("before it was ready; generation 1 keeps serving; its output: journalctl _PID=")
	if got := noneLost(t, running); len(got.Answered) != 1 {
		t.Errorf("others than generation 1 answered: %+v", got)
	}
	if n := p.count("generation is starting"); n != 2 {
		t.Errorf("%d starts, want one for each request", n)
	}
}

// lestrrat-go/server-starter#22: it works at first.
func TestCandidateThatBindsByItself(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--no-socket", "--kill-old-delay=20s", "--", binary(t, "kid"), "-own-port", addr)
	p.up(1)
	running := clientsOnceUp(t, addr)
	p.hup()
	p.await("swap failed: generation 2 ")
	p.await("address already in use")
	noneLost(t, running)
	wantGeneration(t, addr, 1)
}

func TestSlowBootLosesNothing(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"), "-boot=1")
	p.up(1)
	running := clients(t, addr)
	p.swap(2)
	awaitAnswers(t, running, 2)
	noneLost(t, running)
}

// A leader that goes takes its generation with it: of -daemonize the server is
// told to go, as a start that failed has failed.
func TestChildThatForksAway(t *testing.T) {
	t.Parallel()
	addr, env := freeAddr(t), filepath.Join(t.TempDir(), "env")
	writeFile(t, env, "")
	p := startBridge(t, "--interval=1s", "--port", addr, "--env-file", env, "--", binary(t, "kid"))
	p.up(1)
	running := clients(t, addr)
	writeFile(t, env, "KID_FLAGS=-daemonize")
	p.hup()
	p.await("swap failed: generation 2 ")
	p.await("some of its generation still wait on a socket: they are told")
	await(t, "the end of the daemon", func() bool { return len(p.named("kid")) == 1+1 }) // the bridge's own line has it too
	noneLost(t, running)
	wantGeneration(t, addr, 1)
}

// nickstenning/honcho PR#32: TERM ends the shell, and the server behind it
// heard nothing.
func TestServerBehindAShell(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", "sh", "-c", binary(t, "kid")+" -work=0.1; true")
	p.up(1)
	running := clients(t, addr)
	old := ask(t, addr)
	p.swap(2)
	awaitGone(t, old.pid)
	awaitAnswers(t, running, 2)
	noneLost(t, running)
	p.wantNoText("did not go in time")
	p.await(fmt.Sprintf("signal=TERM pids=[%d]", old.pid))
	wantGeneration(t, addr, 2)
}

// A prefork server's workers go with it, and are not told twice.
func TestPreforkServer(t *testing.T) {
	t.Parallel()
	addr, log := freeAddr(t), filepath.Join(t.TempDir(), "signals")
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"), "-workers=3", "-mode=block", "-log-signals", log)
	p.up(1)
	running := clients(t, addr)
	old := ask(t, addr)
	p.swap(2)
	awaitGone(t, old.pid)
	noneLost(t, running)
	p.wantNoText("they are told")
	p.stop()
	wantOneSignalEach(t, log, 2*(1+3))
}

// golang/go#37857: a helper that holds the socket would keep the port for good.
func TestHelperThatKeepsTheSocket(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--drain-timeout=1s", "--port", addr, "--", binary(t, "kid"), "-helper")
	p.up(1)
	ask(t, addr)
	helpers := p.named("sleep 600")
	if len(helpers) != 1 {
		t.Fatalf("%d helpers", len(helpers))
	}
	running := clients(t, addr)
	p.swap(2)
	awaitGone(t, helpers[0].pid)
	noneLost(t, running)
	p.stop()
	p.nothingLeft()
	if !canBind("tcp", addr) {
		t.Error("somebody holds the port")
	}
}

// A stopped process hears nothing but KILL until it is told to go on.
func TestStoppedChildGoesOnAndDrains(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"))
	p.up(1)
	old := ask(t, addr)
	if err := unix.Kill(old.pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.swap(2)
	awaitGone(t, old.pid)
	p.await(`phase=draining exit="exited 0"`)
}

// kazuho/Starlet#6: the signal does not make it stop. And those who were still
// connected are counted: actix/actix-web#929.
func TestDrainTimeout(t *testing.T) {
	for name, args := range map[string][]string{
		"ignores TERM":           {"--", binary(t, "kid"), "-on-term=ignore"},
		"takes USR2 for another": {"--signal-on-hup=USR2", "--", binary(t, "kid")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := freeAddr(t)
			args = append([]string{"--drain-timeout=1s", "--port", addr}, args...)
			p := startBridge(t, args...)
			p.up(1)
			kept := keptConnection(t, addr)
			defer kept.Stop()
			old := ask(t, addr)
			p.swap(2)
			awaitGone(t, old.pid)
			p.await("established_connections=1")
			wantGeneration(t, addr, 2)
		})
	}
}

// keptConnection is a client that keeps one connection busy.
func keptConnection(t *testing.T, addr string) *load.Running {
	t.Helper()
	running := clients(t, addr, func(c *load.Config) {
		c.Clients, c.KeepAlive, c.Pause = 1, load.On, 50*time.Millisecond
	})
	await(t, "the first answer", func() bool { return running.Result().Total() > 0 })
	return running
}

// cloudflare/tableflip#52, lestrrat-go/server-starter#9: who still drains does
// not hold up the next swap.
func TestManyGenerationsDrain(t *testing.T) {
	t.Parallel()
	addr, status := freeAddr(t), filepath.Join(t.TempDir(), "status")
	p := startBridge(t, "--drain-timeout=60s", "--status-file", status, "--port", addr, "--", binary(t, "kid"))
	p.up(1)
	var finish []func() answer
	for generation := 1; generation <= 5; generation++ {
		finish = append(finish, hold(t, addr, wantGeneration(t, addr, generation).pid))
		p.swap(generation + 1)
	}
	await(t, "six generations", func() bool { return strings.Count(readFile(t, status), "\n") == 6 })
	for i := range slices.Backward(finish) {
		if got := finish[i]().generation; got != i+1 {
			t.Errorf("generation %d answered, want %d", got, i+1)
		}
		await(t, "one generation less", func() bool { return strings.Count(readFile(t, status), "\n") == i+1 })
	}
	p.wantNoText("did not go in time")
}
