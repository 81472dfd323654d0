package main

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFirstStartThatFails(t *testing.T) {
	t.Parallel()
	p := startBridge(t, "--interval=1s", "--port", freeAddr(t), "--", "sh", "-c", "exit 7")
	p.wantExit(1)
	p.await("start failed: generation 1 ")
	p.await("exited 7 after")
}

// A first start that forks away is one that fails: systemd would think it up.
func TestFirstStartThatForksAway(t *testing.T) {
	t.Parallel()
	p := startBridge(t, "--interval=1s", "--port", freeAddr(t), "--", binary(t, "kid"), "-daemonize")
	p.wantExit(1)
	p.nothingLeft()
}

func TestDeadLeaderIsReplaced(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--port", addr, "--", binary(t, "kid"))
	p.up(1)
	if err := unix.Kill(ask(t, addr).pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await("the current generation ended unasked")
	p.awaitCount(2, "generation is current")
	wantGeneration(t, addr, 2)
}

// A child that dies again and again is started less and less often; a swap that
// is asked for does not wait, and has the files that mend it.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	addr, env := freeAddr(t), filepath.Join(t.TempDir(), "env")
	writeFile(t, env, "KID_FLAGS=-die-after=0.3s")
	p := startBridge(t, "--port", addr, "--env-file", env, "--", binary(t, "kid"))
	for _, pause := range []string{"0s", "1s", "2s", "4s"} {
		p.await("starting a replacement in " + pause)
	}
	writeFile(t, env, "")
	current := p.count("generation is current")
	p.hup()
	p.awaitCount(current+1, "generation is current")
	ask(t, addr)
	p.wantNoText("starting a replacement in 8s")
}

// After a deploy that failed, a crash does not bring up what failed.
func TestReplacementRepeats(t *testing.T) {
	t.Parallel()
	addr, dir := freeAddr(t), t.TempDir()
	env, shown := filepath.Join(dir, "env"), filepath.Join(dir, "shown")
	writeFile(t, env, "RELEASE=good\n")
	p := startBridge(t, "--port", addr, "--env-file", env, "--", binary(t, "kid"), "-env", shown)
	p.up(1)
	writeFile(t, env, "RELEASE=bad\nKID_FLAGS=-die-after=10ms\n")
	p.hup()
	p.await("swap failed: generation 2 ")
	if err := unix.Kill(ask(t, addr).pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.awaitCount(2, "generation is current")
	wantGeneration(t, addr, 3)
	wantVariable(t, shown, "RELEASE", "good")
}
