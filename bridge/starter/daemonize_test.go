package starter

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// daemon is what the daemon of a test sees of itself.
type daemon struct {
	PID, Session int
	Stdin, Comm  string
	Args         []string
	ListenPID    string
	Stage        string
	CloseOnExec  bool
}

// daemonizeHelper goes into the background, tells the file of its first
// argument, and then does what the second says.
func daemonizeHelper(args []string) int {
	env, report, err := Daemonize(os.Args, os.Environ())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		report.Failed(70)
		return 70
	}
	if err := tell(args[0], env, report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	switch args[1] {
	case "up":
		for range 2000 {
			if _, err := os.Stat(args[0] + ".go"); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		report.Up()
	case "fails":
		fmt.Fprintln(os.Stderr, "cannot bind socket")
		report.Failed(69)
	}
	report.Failed(3) // counts when nothing was said before
	return 0
}

func tell(path string, env []string, report *Report) error {
	d := daemon{PID: os.Getpid(), Args: os.Args}
	d.ListenPID, _ = variable(env, "LISTEN_PID")
	d.Stage, _ = variable(env, stageVariable)
	d.Session, _ = unix.Getsid(0)
	d.Stdin, _ = os.Readlink("/proc/self/fd/0")
	comm, _ := os.ReadFile("/proc/self/comm")
	d.Comm = string(comm)
	flags, _ := unix.FcntlInt(uintptr(report.fd), unix.F_GETFD, 0)
	d.CloseOnExec = flags&unix.FD_CLOEXEC != 0
	content, err := json.Marshal(d)
	if err == nil {
		err = os.WriteFile(path+".new", content, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return err
}

func readDaemon(t *testing.T, path string) (d daemon) {
	t.Helper()
	var content []byte
	eventually(t, "a daemon", func() (ok bool) {
		var err error
		content, err = os.ReadFile(path)
		return err == nil
	})
	if err := json.Unmarshal(content, &d); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { eventually(t, "the daemon ends", func() bool { return ended(d.PID) }) })
	return d
}

// ended is a process that is gone, or dead and not reaped by whoever inherited it.
func ended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err != nil || strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X")
}

func TestDaemonize(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "daemon")
	cmd := helper(t, "daemonize", path, "up")
	stdin, err := os.Create(path + ".stdin")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	cmd.Stdin = stdin
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make(chan error, 1)
	go func() { first <- cmd.Wait() }()
	d := readDaemon(t, path)

	session, _ := unix.Getsid(0)
	switch {
	case d.PID == cmd.Process.Pid || d.Session == session || d.Session == d.PID:
		t.Errorf("pid %d, session %d, first process %d in session %d", d.PID, d.Session, cmd.Process.Pid, session)
	case d.Stdin != "/dev/null" || d.Stage != "" || !d.CloseOnExec:
		t.Errorf("%+v", d)
	case strings.Join(d.Args, " ") != strings.Join(cmd.Args, " "):
		t.Errorf("arguments %q, want %q", d.Args, cmd.Args)
	case !strings.HasPrefix(filepath.Base(cmd.Args[0]), strings.TrimSpace(d.Comm)):
		t.Errorf("ps would call it %q", d.Comm)
	}
	select {
	case err := <-first:
		t.Fatalf("the first process ended before the daemon was up: %v", err)
	default:
	}
	if err := os.WriteFile(path+".go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Errorf("the first process: %v", err)
	}
}

func TestDaemonizeFails(t *testing.T) {
	for story, want := range map[string]struct {
		status int
		stderr string
	}{
		"fails":      {69, "cannot bind socket\n"},
		"says three": {3, ""},
	} {
		t.Run(story, func(t *testing.T) {
			keepsDescriptors(t)
			path := filepath.Join(t.TempDir(), "daemon")
			cmd := helper(t, "daemonize", path, story)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want.status || stderr.String() != want.stderr {
				t.Errorf("%v, stderr %q", err, stderr.String())
			}
			readDaemon(t, path)
		})
	}
}

// TestDaemonizeDies has a daemon that ends without a word.
func TestDaemonizeDies(t *testing.T) {
	keepsDescriptors(t)
	cmd := helper(t, "daemonize", filepath.Join(t.TempDir(), "none", "daemon"), "up")
	cmd.Stderr = nil
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
}

// TestDaemonizeHandedSockets passes on what systemd gave to the first process:
// sh execs the helper under the pid that LISTEN_PID names.
func TestDaemonizeHandedSockets(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "daemon")
	cmd := helper(t, "daemonize", path, "says three")
	cmd.Args = append([]string{"sh", "-c", `LISTEN_PID=$$ exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	_ = cmd.Run()
	if d := readDaemon(t, path); d.ListenPID != strconv.Itoa(d.PID) {
		t.Errorf("LISTEN_PID=%s in pid %d", d.ListenPID, d.PID)
	}
}

func TestDaemonizeCannotStart(t *testing.T) {
	keepsDescriptors(t)
	replace(t, &kernel.forkExec, func(string, []string, *syscall.ProcAttr) (int, error) { return 0, unix.EAGAIN })
	_, _, err := Daemonize([]string{"app"}, nil)
	wantError(t, err, "cannot daemonize", "cannot run app again")
	replace(t, &kernel.pipe2, func([]int, int) error { return unix.EMFILE })
	_, _, err = Daemonize([]string{"app"}, nil)
	wantError(t, err, "cannot daemonize", "no pipe")
	_, _, err = Daemonize([]string{"app"}, []string{stageVariable + "=x"})
	wantError(t, err, stageVariable, `"x"`, "unset it")
}

func TestNilReport(*testing.T) {
	var r *Report
	r.Up()
	r.Failed(1)
}

func FuzzParseStage(f *testing.F) {
	for _, seed := range []string{"", "leads:200:1", "serves:1024:77", "serves:3:1", "x:200:1", "leads:200:-1", "leads:200:1:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		s, err := parseStage(value)
		if err != nil {
			return
		}
		if again, err := parseStage(s.String()); err != nil || again != s {
			t.Errorf("%q: %+v, then %+v, %v", value, s, again, err)
		}
	})
}
