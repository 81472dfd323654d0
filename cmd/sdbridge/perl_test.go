package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// The servers that people run under start_server, unchanged.

// perl gives the path of a Perl program, and skips where a module is missing.
func perl(t *testing.T, program, module string) string {
	t.Helper()
	if err := exec.Command("perl", "-M"+module, "-e1").Run(); err != nil {
		t.Skipf("no Perl, or it has no %s", module)
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("no %s", program)
	}
	return path
}

func psgi(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../testdata/perl/app.psgi")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func starlet(t *testing.T) []string {
	t.Helper()
	return []string{perl(t, "plackup", "Starlet"), "-s", "Starlet", "--max-workers=2", "-E", "production", "-a", psgi(t)}
}

const perlSwaps = 5

func swapPerl(t *testing.T, p *program, addr, committed string) *load.Running {
	t.Helper()
	awaitBound(t, addr)
	running := clients(t, addr)
	for generation := 1; generation <= perlSwaps; generation++ {
		awaitAnswers(t, running, generation)
		p.hup()
		p.awaitCount(generation, committed) // Starman does not stand a QUIT while it starts
	}
	awaitAnswers(t, running, perlSwaps+1)
	return running
}

func TestStarletInStarterDialect(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := startStarter(t, append([]string{"--port", port, "--interval=1", "--"}, starlet(t)...)...)
	noneLost(t, swapPerl(t, p, "127.0.0.1:"+port, "killing old workers"))
}

func TestStarletBehindActivation(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startActivated(t, addr, append([]string{"--interval=1s", "--"}, starlet(t)...)...)
	noneLost(t, swapPerl(t, p, addr, "swap committed"))
}

func TestStarletBehindSystemdSocketActivate(t *testing.T) {
	t.Parallel()
	activate, err := exec.LookPath("systemd-socket-activate")
	if err != nil {
		t.Skip("no systemd-socket-activate")
	}
	addr := freeAddr(t)
	argv := append([]string{activate, "-E", "SDBRIDGE_TEST", "-l", addr}, sdbridge(t, append([]string{"--interval=1s", "--"}, starlet(t)...)...)...)
	p := start(t, nil, argv...)
	p.await("Listening on")
	noneLost(t, swapPerl(t, p, addr, "swap committed"))
}

// Starman's workers close what they have accepted and not read when QUIT comes.
func TestStarman(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	command := []string{perl(t, "starman", "Starman"), "--workers=2", "-E", "production", psgi(t)}
	p := startStarter(t, append([]string{"--port", port, "--interval=1", "--signal-on-hup=QUIT", "--signal-on-term=QUIT", "--"}, command...)...)
	if r := swapPerl(t, p, "127.0.0.1:"+port, "killing old workers").Stop(); r.Lost() > 0 {
		t.Logf("lost at QUIT, under start_server as well: %+v", r)
	}
}
