package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// After a stop nothing is left: no socket file, no pid file, no status file. That
// no process is, every test checks.
func TestNothingIsLeft(t *testing.T) {
	for dialect, argv := range map[string][]string{
		"run":          sdbridge(t),
		"start_server": {binary(t, "start_server"), "--interval=0"},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			dir := shortDir(t)
			args := []string{
				"--path", dir + "/sock", "--pid-file", dir + "/pid", "--status-file", dir + "/status",
				"--", binary(t, "kid"), "-workers=2", "-mode=block",
			}
			p := start(t, nil, append(slices.Clip(argv), args...)...)
			await(t, "the status file", func() bool { return strings.HasPrefix(textOf(dir+"/status"), "1:") })
			if got, want := readFile(t, dir+"/pid"), fmt.Sprintf("%d\n", p.pid()); got != want {
				t.Errorf("pid file %q, want %q", got, want)
			}
			wantGeneration(t, dir+"/sock", 1)
			p.stop()
			p.nothingLeft()
			noFiles(t, dir)
		})
	}
}

func TestStaleSocketFileIsReplaced(t *testing.T) {
	t.Parallel()
	path := shortDir(t) + "/sock"
	p := startBridge(t, "--path", path, "--", binary(t, "kid"))
	p.up(1)
	p.signal(unix.SIGKILL) // nobody removes the file
	p.wait()
	for _, q := range p.own() {
		_ = unix.Kill(q.pid, unix.SIGKILL)
		awaitGone(t, q.pid)
	}
	second := startBridge(t, "--path", path, "--", binary(t, "kid"))
	second.up(1)
	second.await("removing existing socket file:" + path)
	wantGeneration(t, path, 1)
}

func TestPidFileThatIsHeld(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	p := startBridge(t, "--no-socket", "--pid-file", file, "--", "sleep", "600")
	p.up(1)
	second := startBridge(t, "--no-socket", "--pid-file", file, "--", "sleep", "600")
	if second.wait() == 0 {
		t.Error("two bridges have one pid file")
	}
	second.await(fmt.Sprintf("it is held by pid %d, which lives; stop that one first", p.pid()))
	if got, want := readFile(t, file), fmt.Sprintf("%d\n", p.pid()); got != want {
		t.Errorf("pid file %q, want %q", got, want)
	}
}

// A full disk is said and gone on with.

func TestFullDiskForTheLog(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	p := startBridge(t, "--log-file=/dev/full", "--port", addr, "--", binary(t, "kid"))
	running := clientsOnceUp(t, addr)
	awaitAnswers(t, running, 1)
	p.hup()
	awaitAnswers(t, running, 2)
	noneLost(t, running)
	p.stop()
}

func TestFullDiskForTheStatusFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=8k"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(dir+"/ballast", make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	p := startBridge(t, "--no-socket", "--status-file", dir+"/status", "--", "sleep", "600")
	p.up(1)
	p.await("no space left on device")
	if err := os.Remove(dir + "/ballast"); err != nil {
		t.Fatal(err)
	}
	p.swap(2)
	await(t, "the status file", func() bool { return strings.HasPrefix(textOf(dir+"/status"), "2:") })
	p.stop()
	noFiles(t, dir)
}

func TestStatusFileThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p := startBridge(t, "--no-socket", "--status-file", t.TempDir()+"/none/status", "--", "sleep", "600")
	p.await("cannot write status file")
	p.up(1)
	p.swap(2)
	p.stop()
}
