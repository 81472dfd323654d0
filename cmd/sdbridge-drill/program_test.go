package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long something may take on a loaded machine.
const patience = 60 * time.Second

// quick are flags of a bridge that need not be those of real life.
const quick = "--run=--ready=interval --interval=50ms --kill-old-delay=50ms"

// program is a drill, or a bridge to drill.
type program struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err bytes.Buffer
	dir      string // its TMPDIR
	mark     string
}

// start runs argv. At the test's end nothing of it may be left.
func start(t *testing.T, env []string, argv ...string) *program {
	t.Helper()
	dir, err := os.MkdirTemp("", "drill") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, dir: dir, mark: "DRILL_TEST=" + dir}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Env = append(append(os.Environ(), "TMPDIR="+dir, p.mark, "GORACE=atexit_sleep_ms=0", "PATH="+filepath.Dir(binary(t, "sdbridge"))+":"+os.Getenv("PATH")), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	p.cmd.WaitDelay = patience
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.cleanUp)
	return p
}

// drill runs the drill to its end, which must be of that status.
func drill(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	p := start(t, nil, append([]string{binary(t, "sdbridge-drill")}, args...)...)
	p.wantExit(want)
	return p.out.String(), p.err.String()
}

func (p *program) wantExit(want int) {
	p.t.Helper()
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Signal(syscall.SIGTERM) })
	defer late.Stop()
	_ = p.cmd.Wait()
	if got := p.cmd.ProcessState.ExitCode(); got != want {
		p.t.Errorf("exit status %d, want %d\n%s\n%s", got, want, &p.out, &p.err)
	}
}

// awaitLog waits for what the bridge of a drill says.
func (p *program) awaitLog(text string) {
	p.t.Helper()
	await(p.t, text, func() bool {
		logs, _ := filepath.Glob(filepath.Join(p.dir, "sdbridge-drill-*", "log"))
		return len(logs) == 1 && strings.Contains(read(logs[0]), text)
	})
}

func (p *program) cleanUp() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		_ = p.cmd.Wait()
	}
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		if strings.Contains(read(path), p.mark+"\x00") {
			p.t.Errorf("%s is left behind: %q", path, read(filepath.Dir(path)+"/cmdline"))
		}
	}
	if left, _ := os.ReadDir(p.dir); len(left) > 0 {
		p.t.Errorf("%v is left behind", left)
	}
	_ = os.RemoveAll(p.dir)
	if text := fmt.Sprint(&p.out, &p.err); strings.Contains(text, "DATA RACE") {
		p.t.Error(text)
	}
}

func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(patience); !is(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("no %s", what)
		}
	}
}

func read(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}

func want(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}
