package starter

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stories are what a fake bridge does with its status file at a SIGHUP, when
// generation 7 serves. "gone" takes the file away, "exit" is a crash.
var stories = map[string][]string{
	"promotes":         {"7 8", "8"},
	"first try dies":   {"7", "7 9", "9"},
	"two in a row":     {"7 8", "7 8 9", "8 9", "9"},
	"newer one dies":   {"7 8", "7", "7 9", "9"},
	"file is away":     {"gone", "7 8", "gone", "8"},
	"unreadable lines": {"x 8", "8"},
	"always fails":     {"7"},
	"crashes":          {"7 8", "exit"},
	"does nothing":     {},
}

// fakeBridge takes a pid file, a status file and a story, as start_server does.
func fakeBridge(args []string) int {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM)
	pidFile, err := CreatePidFile(args[0])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	writeStatus(args[1], "7")
	sayReady()
	for s := range signals {
		if s == syscall.SIGTERM {
			break
		}
		for _, step := range stories[args[2]] {
			time.Sleep(20 * time.Millisecond) // what it tells takes time
			if step == "exit" {
				return 1
			}
			writeStatus(args[1], step)
		}
	}
	_ = os.Remove(args[1])
	if err := pidFile.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// writeStatus puts generations into a status file, all with pid 1000.
func writeStatus(path, generations string) {
	if generations == "gone" {
		_ = os.Remove(path)
		return
	}
	var content strings.Builder
	for g := range strings.FieldsSeq(generations) {
		content.WriteString(g + ":1000\n")
	}
	_ = os.WriteFile(path+".new", []byte(content.String()), 0o600)
	_ = os.Rename(path+".new", path)
}

// startBridge runs a fake bridge and gives its files.
func startBridge(t *testing.T, story string) (p *supervisorProcess, pidFile, statusFile string) {
	t.Helper()
	keepsDescriptors(t)
	dir := t.TempDir()
	pidFile, statusFile = filepath.Join(dir, "pid"), filepath.Join(dir, "status")
	return start(t, helper(t, "bridge", pidFile, statusFile, story)), pidFile, statusFile
}

func TestRestart(t *testing.T) {
	for _, story := range []string{"promotes", "first try dies", "two in a row", "newer one dies", "file is away", "unreadable lines"} {
		t.Run(story, func(t *testing.T) {
			_, pidFile, statusFile := startBridge(t, story)
			if err := Restart(pidFile, statusFile, t.Logf); err != nil {
				t.Fatal(err)
			}
			lines, err := readStatus(statusFile)
			if err != nil || len(lines) != 1 || lines[0].Generation <= 7 {
				t.Errorf("it returned at %v, %v", lines, err)
			}
		})
	}
}

func TestRestartFails(t *testing.T) {
	for story, parts := range map[string][]string{
		"always fails": {"no sign of a newer generation after 100ms", "generation 7 (pid 1000) keeps serving", "goes on trying"},
		"does nothing": {"no sign of a newer generation", "generation 7 (pid 1000) keeps serving"},
		"crashes":      {"is gone"},
	} {
		t.Run(story, func(t *testing.T) {
			_, pidFile, statusFile := startBridge(t, story)
			r := restart{statusFile: statusFile, limit: 100 * time.Millisecond, logf: t.Logf}
			if story == "crashes" {
				r.limit = restartLimit
			}
			wantError(t, r.run(pidFile), parts...)
		})
	}
}

func TestRestartWithoutStatus(t *testing.T) {
	_, pidFile, statusFile := startBridge(t, "promotes")
	none := statusFile + ".none"
	r := restart{statusFile: none, limit: 100 * time.Millisecond, logf: t.Logf}
	wantError(t, r.run(pidFile), "no sign of a generation in status file "+none, "no such file")
	wantContent(t, statusFile, "7:1000\n") // and no SIGHUP was sent
}

// TestRestartDeadline has the limit run only while no newer generation is there.
func TestRestartDeadline(t *testing.T) {
	var told []string
	r := restart{bridge: &running{pid: 42}, limit: time.Hour, newest: 7, logf: func(format string, args ...any) {
		told = append(told, fmt.Sprintf(format, args...))
	}}
	status := func(content string) (done, putOff bool) {
		r.deadline = time.Time{}
		done = r.onlyNewer(parseStatus(content))
		return done, !r.deadline.IsZero()
	}
	for _, step := range []struct {
		content      string
		done, putOff bool
	}{
		{"7:70\n", false, false},
		{"", false, false},
		{"7:70\n8:80\n", false, true},
		{"7:70\n8:80\n", false, true},
		{"7:70\n", false, false},
		{"6:60\n", false, false},
		{"8:80\n9:90\n", false, true},
		{"9:90\n", true, true},
	} {
		if done, putOff := status(step.content); done != step.done || putOff != step.putOff {
			t.Errorf("%q: done %t, put off %t", step.content, done, putOff)
		}
	}
	if want := "generation 8 (pid 80) serves; waiting for generation 7 (pid 70) to end"; len(told) != 1 || told[0] != want {
		t.Errorf("told %q", told)
	}
	wantError(t, r.late("a newer generation", nil), "generation 6 (pid 60) keeps serving")
}

func TestStop(t *testing.T) {
	bridge, pidFile, statusFile := startBridge(t, "promotes")
	var told []string
	err := Stop(pidFile, func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) })
	if err != nil {
		t.Fatal(err)
	}
	wantGone(t, pidFile)
	wantGone(t, statusFile)
	if want := sayStopServer(os.Getpid(), bridge.Process.Pid); len(told) != 1 || told[0] != want {
		t.Errorf("told %q, want %q", told, want)
	}
	if err := bridge.Wait(); err != nil {
		t.Errorf("the bridge: %v", err)
	}
}

// TestStalePidFile has a pid that a stranger has got since.
func TestStalePidFile(t *testing.T) {
	stranger, _, statusFile := startBridge(t, "crashes")
	stale := filepath.Join(t.TempDir(), "stale")
	if err := os.WriteFile(stale, fmt.Appendf(nil, "%d\n", stranger.Process.Pid), 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, Stop(stale, t.Logf), "is stale", stale, "nothing was signalled")
	wantError(t, Restart(stale, statusFile, t.Logf), "is stale")

	if gone, err := goneAtOnce(t, stranger.Process.Pid); gone || err != nil {
		t.Errorf("the stranger was hurt (%v)", err)
	}
	wantContent(t, statusFile, "7:1000\n")
}

func goneAtOnce(t *testing.T, pid int) (bool, error) {
	t.Helper()
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return true, err
	}
	r := running{pid: pid, pidfd: pidfd, sys: kernel}
	defer r.close()
	return r.goneWithin(0)
}

func TestFindRunningFails(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "pid")
	_, err := findRunning(path)
	wantError(t, err, "cannot open pid file", path)

	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("no such process", func(t *testing.T) {
		replace(t, &kernel.pidfdOpen, func(int, int) (int, error) { return -1, unix.ESRCH })
		_, err := findRunning(path)
		wantError(t, err, "cannot find start_server", "another container")
	})
	t.Run("no locks", func(t *testing.T) {
		replace(t, &kernel.flock, func(int, int) error { return unix.ENOLCK })
		_, err := findRunning(path)
		wantError(t, err, "cannot look at the lock")
	})
	t.Run("no right to signal", func(t *testing.T) {
		replace(t, &kernel.pidfdKill, func(int, unix.Signal, *unix.Siginfo, int) error { return unix.EPERM })
		wantError(t, Stop(path, t.Logf), "cannot send SIGTERM to start_server")
	})
	t.Run("no pid", func(t *testing.T) {
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
		_, err := findRunning(path)
		wantError(t, err, "cannot read pid file", path)
	})
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
}

// perlStartServer is the real one.
func perlStartServer(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("start_server")
	if err != nil {
		t.Skip("start_server of Server::Starter is not installed")
	}
	if script, err := os.ReadFile(path); err != nil || !strings.Contains(string(script), "Server::Starter") {
		t.Skip(path + " is not Server::Starter's")
	}
	return path
}

// TestAgainstPerlsBridge swaps and stops a real start_server.
func TestAgainstPerlsBridge(t *testing.T) {
	startServer := perlStartServer(t)
	keepsDescriptors(t)
	dir := t.TempDir()
	pidFile, statusFile := filepath.Join(dir, "pid"), filepath.Join(dir, "status")
	cmd := exec.CommandContext(t.Context(), startServer, "--interval=0",
		"--pid-file="+pidFile, "--status-file="+statusFile, "--", "sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it ends its worker
		_ = cmd.Wait()
	})
	eventually(t, "the first worker serves", func() bool {
		lines, _ := readStatus(statusFile)
		return len(lines) == 1
	})
	if err := Restart(pidFile, statusFile, t.Logf); err != nil {
		t.Fatal(err)
	}
	if lines, err := readStatus(statusFile); err != nil || len(lines) != 1 || lines[0].Generation != 2 {
		t.Errorf("after --restart: %v, %v", lines, err)
	}
	if err := Stop(pidFile, t.Logf); err != nil {
		t.Fatal(err)
	}
	wantGone(t, pidFile)
	wantGone(t, statusFile)
}

// TestPerlAgainstOurFiles has the real start_server swap and stop a bridge
// whose pid file is ours.
func TestPerlAgainstOurFiles(t *testing.T) {
	startServer := perlStartServer(t)
	bridge, pidFile, statusFile := startBridge(t, "promotes")
	for _, what := range []string{"--restart", "--stop"} {
		cmd := exec.CommandContext(t.Context(), startServer, what, "--pid-file="+pidFile, "--status-file="+statusFile)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, out)
		}
	}
	wantGone(t, pidFile)
	if err := bridge.Wait(); err != nil {
		t.Errorf("the bridge: %v", err)
	}
}
