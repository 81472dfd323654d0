package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// wantOneSignalEach waits for n processes that were told something, and checks
// that none was told twice: to many servers that means to cut what is left.
func wantOneSignalEach(t *testing.T, log string, n int) {
	t.Helper()
	await(t, "all to be told", func() bool { return len(heardBy(t, log)) >= n })
	for process, signals := range heardBy(t, log) {
		if len(signals) != 1 {
			t.Errorf("%s was told %v", process, signals)
		}
	}
}

// heardBy is what kid's -log-signals wrote, by process.
func heardBy(t *testing.T, log string) map[string][]string {
	t.Helper()
	heard := map[string][]string{}
	for line := range strings.Lines(awaitFile(t, log)) {
		i := strings.LastIndex(line, " ")
		heard[line[:i]] = append(heard[line[:i]], strings.TrimSpace(line[i:]))
	}
	return heard
}

// kazuho/p5-Server-Starter PR#5: --signal-on-term counts at every way out but
// INT, which is TERM as in Server::Starter.
func TestSignalOnTerm(t *testing.T) {
	for sent, want := range map[unix.Signal]string{
		unix.SIGTERM: "QUIT", unix.SIGQUIT: "QUIT", unix.SIGINT: "TERM",
	} {
		t.Run(unix.SignalName(sent), func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "signals")
			addr := freeAddr(t)
			p := startBridge(t, "--signal-on-hup=WINCH", "--signal-on-term=QUIT", "--port", addr,
				"--", binary(t, "kid"), "-log-signals", log)
			p.up(1)
			ask(t, addr)
			p.signal(sent)
			p.wantExit(0)
			for process, heard := range heardBy(t, log) {
				if !slices.Equal(heard, []string{want}) {
					t.Errorf("%s was told %v, want %s", process, heard, want)
				}
			}
		})
	}
}

func TestSignalOnHup(t *testing.T) {
	t.Parallel()
	addr, log := freeAddr(t), filepath.Join(t.TempDir(), "signals")
	p := startBridge(t, "--signal-on-hup=SIGQUIT", "--port", addr, "--", binary(t, "kid"), "-log-signals", log)
	p.up(1)
	ask(t, addr)
	p.swap(2)
	wantOneSignalEach(t, log, 1)
	for process, heard := range heardBy(t, log) {
		if heard[0] != "QUIT" {
			t.Errorf("%s was told %v, want QUIT", process, heard)
		}
	}
}

// Kludex/uvicorn PR#1069: ^C goes to the whole foreground group, and a child
// that is in it is told twice.
func TestInterruptFromTheTerminal(t *testing.T) {
	t.Parallel()
	addr, log := freeAddr(t), filepath.Join(t.TempDir(), "signals")
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"), "-log-signals", log)
	p.up(1)
	finish := hold(t, addr, ask(t, addr).pid)
	if err := unix.Kill(-p.pid(), unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.await("INT: stopping")
	finish()
	p.wantExit(0)
	wantOneSignalEach(t, log, 1)
}

func TestSecondInterruptKills(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--drain-timeout=0", "--port", addr, "--", binary(t, "kid"), "-on-term=ignore")
	p.up(1)
	ask(t, addr)
	p.signal(unix.SIGINT)
	p.await("INT: stopping")
	time.Sleep(1100 * time.Millisecond) // one within a second is the same ^C
	p.signal(unix.SIGINT)
	p.wantExit(0)
	p.await("everything is killed")
}

// Requests are coalesced, never lost: after a flood the newest generation is
// younger than the last request, and there were not a thousand.
func TestFloodOfHups(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"))
	p.up(1)
	running := clients(t, addr)
	for range 1000 {
		p.hup()
	}
	p.up(2)
	p.hup()
	asked := p.count("swap committed")
	await(t, "a swap after the last request", func() bool { return p.count("swap committed") > asked })
	noneLost(t, running)
	if n := p.count("generation is starting"); n > 10 {
		t.Errorf("%d swaps for 1000 requests at once", n-1)
	}
	p.stop()
}

// What means nothing to the bridge does not end it, and a swap that is wanted
// while it stops is none.
func TestOtherSignals(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"))
	p.up(1)
	for _, sig := range []unix.Signal{unix.SIGWINCH, unix.SIGCONT, unix.SIGPIPE, unix.SIGALRM} {
		p.signal(sig)
	}
	p.await("ALRM means nothing here: ignored")
	for _, sig := range []unix.Signal{unix.SIGUSR1, unix.SIGUSR2} { // of two at once one may go unsaid
		p.signal(sig)
		p.await(process.SignalName(sig) + " means nothing here: ignored")
	}
	finish := hold(t, addr, ask(t, addr).pid)
	p.signal(unix.SIGTERM)
	p.await("TERM: stopping")
	p.hup()
	p.signal(unix.SIGUSR1) // is taken in after it
	p.awaitCount(2, "USR1 means nothing here")
	finish()
	p.wantExit(0)
	if n := p.count("generation is starting"); n != 1 {
		t.Errorf("%d starts, want 1", n)
	}
}

// While it puts its files away, a signal more does not end it.
func TestSignalsUntilTheEnd(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	p := startBridge(t, "--path", dir+"/sock", "--pid-file", dir+"/pid", "--status-file", dir+"/status",
		"--", binary(t, "kid"), "-on-term=quick")
	p.up(1)
	await(t, "the end", func() bool {
		for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT} {
			_ = p.cmd.Process.Signal(sig)
		}
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	p.wantExit(0)
	noFiles(t, dir)
}

// Nobody tells the children when the bridge is killed: they serve on, and a new
// bridge can have the sockets that systemd kept.
func TestKilledBridgeLeavesChildrenAlone(t *testing.T) {
	t.Parallel()
	addr, log := freeAddr(t), filepath.Join(t.TempDir(), "signals")
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"), "-log-signals", log)
	p.up(1)
	child := ask(t, addr)
	p.signal(unix.SIGKILL)
	p.wantExit(-int(unix.SIGKILL))
	wantGeneration(t, addr, 1)
	noFiles(t, filepath.Dir(log))

	second := startBridge(t, "--port", addr, "--", binary(t, "kid"))
	second.wantExit(exitUnavailable)
	second.await("address already in use; find who has it with ss -lntup")
	if err := unix.Kill(child.pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, child.pid)
}
