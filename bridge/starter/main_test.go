package starter

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// helperVariable makes the test binary be one of helpers instead.
const helperVariable = "STARTER_TEST_HELPER"

// helpers are the processes that the tests need.
var helpers = map[string]func(args []string) int{
	"bridge":    fakeBridge,
	"daemonize": daemonizeHelper,
	"redirect":  redirectHelper,
}

func TestMain(m *testing.M) {
	if name := os.Getenv(helperVariable); name != "" {
		os.Exit(helpers[name](os.Args[1:]))
	}
	os.Exit(m.Run())
}

// process is a helper that runs.
type supervisorProcess struct {
	*exec.Cmd
	out *bufio.Reader
}

// helper prepares the test binary as helper name.
func helper(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	// The race detector would have each helper wait a second at its end.
	cmd.Env = append(os.Environ(), helperVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	return cmd
}

// start runs a helper and waits for its first line, "ready".
func start(t *testing.T, cmd *exec.Cmd) *supervisorProcess {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &supervisorProcess{Cmd: cmd, out: bufio.NewReader(out)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := p.out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("%s says %q, %v, want ready", cmd.Args, line, err)
	}
	return p
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// keepsDescriptors fails the test when it leaves more descriptors than it found.
func keepsDescriptors(t *testing.T) {
	t.Helper()
	count := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	// A first process makes the runtime open descriptors that it keeps.
	_ = exec.CommandContext(t.Context(), "/bin/true").Run()
	before := count()
	t.Cleanup(func() {
		eventually(t, "descriptors as before", func() bool { return count() <= before })
	})
}

// replace sets a call of the kernel for one test.
func replace[T any](t *testing.T, call *T, by T) {
	t.Helper()
	before := *call
	*call = by
	t.Cleanup(func() { *call = before })
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

func wantContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v, want %q", path, got, err, want)
	}
}

func wantGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("%s is still there (%v)", path, err)
	}
}

// sayReady is a helper's first line.
func sayReady() { fmt.Println("ready") }
