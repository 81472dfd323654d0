package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A FIFO that nobody opens stands for a file system that hangs.

func fifo(t *testing.T, path string) string {
	t.Helper()
	_ = os.Remove(path)
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHangingEnvironmentFileAtTheStart(t *testing.T) {
	t.Parallel()
	env := fifo(t, filepath.Join(t.TempDir(), "env"))
	p := startBridge(t, "--start-timeout=2s", "--port", freeAddr(t), "--env-file", env, "--", binary(t, "kid"))
	p.wantExit(1)
	p.find(`(start failed: generation 1 not ready after 2\S*s: its environment, directory or command cannot be read)`)
}

func TestHangingEnvironmentFileAtASwap(t *testing.T) {
	t.Parallel()
	addr, env := freeAddr(t), filepath.Join(t.TempDir(), "env")
	writeFile(t, env, "")
	p := startBridge(t, "--start-timeout=1s", "--port", addr, "--env-file", env, "--", binary(t, "kid"))
	p.up(1)
	fifo(t, env)
	p.hup()
	p.find(`(swap failed: generation 2 not ready after 1\S*s: its environment, directory or command cannot be read)`)
	p.await("generation 1 keeps serving")
	wantGeneration(t, addr, 1)
	writeFile(t, env, "") // in the FIFO's place
	p.swap(3)
}

func TestHangingEnvironmentFileDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := startBridge(t, "--port", freeAddr(t), "--pid-file", dir+"/pid", "--env-file", fifo(t, dir+"/env"), "--", "sleep", "600")
	awaitFile(t, dir+"/pid")
	began := time.Now()
	p.stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Neither the status file nor its temporary name is ever opened where something
// else stands there.
func TestFIFOInTheStatusFilesPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo(t, dir+"/status")
	argv := append([]string{"sh", "-c", "mkfifo " + dir + `/status.$$; exec "$@"`, "sh"},
		sdbridge(t, "--no-socket", "--status-file", dir+"/status", "--", "sleep", "600")...)
	p := start(t, nil, argv...)
	p.up(1)
	await(t, "the status file", func() bool {
		info, err := os.Stat(dir + "/status")
		return err == nil && info.Mode().IsRegular()
	})
	p.stop()
	noFiles(t, dir)
}
