package process

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestChildIsWhatItsCommandSays(t *testing.T) {
	leaveNothing(t)
	dir := t.TempDir()
	c := cat(t, "-", "-")
	c.Dir, c.Env, c.Group, c.ListenPID, c.WatchdogPID = dir, []string{"A=1", "LISTEN_FDS=0"}, true, true, true
	pid, _ := start(t, c)

	want := fmt.Sprintf("A=1\x00LISTEN_FDS=0\x00LISTEN_PID=%d\x00WATCHDOG_PID=%d\x00", pid, pid)
	if got := readFile(t, "/proc/%d/environ", pid); got != want {
		t.Errorf("environment %q, want %q", got, want)
	}
	if got := readFile(t, "/proc/%d/cmdline", pid); got != "cat\x00-\x00-\x00" {
		t.Errorf("arguments %q", got)
	}
	if got, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); got != dir {
		t.Errorf("directory %q, %v; want %q", got, err, dir)
	}
	p, err := readStat(pid, nil)
	if err != nil || p.Group != pid || p.Parent != os.Getpid() {
		t.Errorf("%+v, %v; want group %d and parent %d", p, err, pid, os.Getpid())
	}
}

func TestChildStaysInTheGroup(t *testing.T) {
	leaveNothing(t)
	pid, _ := start(t, cat(t))
	if p, err := readStat(pid, nil); err != nil || p.Group != unix.Getpgrp() {
		t.Errorf("%+v, %v; want group %d", p, err, unix.Getpgrp())
	}
	if got := readFile(t, "/proc/%d/environ", pid); got != "" {
		t.Errorf("environment %q, want none", got)
	}
}

// target is what a descriptor of pid refers to, such as "socket:[4711]".
func target(t testing.TB, pid, fd int) string {
	t.Helper()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
	if err != nil {
		t.Fatal(err)
	}
	return link
}

func socket(t testing.TB, flags int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|flags, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// dup duplicates fd to the first free number from least on, without
// close-on-exec.
func dup(t testing.TB, fd, least int) int {
	t.Helper()
	got, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, least)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(got) })
	return got
}

func TestDescriptors(t *testing.T) {
	for name, env := range map[string][]string{"close_range": nil, "proc": {noCloseRange + "=1"}} {
		t.Run(name, func(t *testing.T) { testDescriptors(t, env) })
	}
}

func testDescriptors(t *testing.T, env []string) {
	leaveNothing(t)
	s := socket(t, unix.SOCK_CLOEXEC)
	dup(t, s, 251) // must not appear
	ten := dup(t, s, 10)
	a, b := dup(t, socket(t, unix.SOCK_CLOEXEC), 20), dup(t, socket(t, unix.SOCK_CLOEXEC), 21)
	high := dup(t, s, 5000)
	for name, files := range map[string][]File{
		"none":            nil,
		"in place":        {{ten, ten}},
		"crossed":         {{a, b}, {b, a}},
		"one at two":      {{a, 3}, {a, 17}},
		"far apart":       {{a, 200}, {b, 3}},
		"from above":      {{high, 3}, {b, 4}},
		"to above":        {{a, 5000}, {high, 5001}, {b, 300}},
		"standard output": {{a, 1}, {b, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			c := cat(t)
			c.Files, c.Env = files, env
			pid, _ := start(t, c)
			want := []int{0, 1, 2}
			for _, f := range files {
				want = append(want, f.To)
				if got, want := target(t, pid, f.To), target(t, os.Getpid(), f.From); got != want {
					t.Errorf("descriptor %d is %s, want %s", f.To, got, want)
				}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			await(t, fmt.Sprintf("descriptors %v and no others, when libc is loaded", want), func() bool {
				return slices.Equal(descriptors(t, pid), want)
			})
		})
	}
}

func TestStandardStreamsAreInherited(t *testing.T) {
	leaveNothing(t)
	pid, _ := start(t, cat(t))
	for fd := 1; fd <= 2; fd++ {
		if got, want := target(t, pid, fd), target(t, os.Getpid(), fd); got != want {
			t.Errorf("descriptor %d is %s, want %s", fd, got, want)
		}
	}
	c := cat(t, "/dev/null")
	s, err := Spawn(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Launched(); err != nil {
		t.Error(err)
	}
	if exit := ended(t, s.PID); !exit.Clean() {
		t.Error(exit)
	}
}

func TestStatusFlagsAreLeftAlone(t *testing.T) {
	leaveNothing(t)
	blocking, nonblocking := socket(t, unix.SOCK_CLOEXEC), socket(t, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	for range 100 {
		c := cat(t)
		c.Files = []File{{nonblocking, 3}, {blocking, 4}}
		pid, input := start(t, c)
		for fd, want := range map[int]string{3: "flags:\t04002\n", 4: "flags:\t02\n"} {
			if info := readFile(t, "/proc/%d/fdinfo/%d", pid, fd); !strings.Contains(info, want) {
				t.Fatalf("descriptor %d: %q, want %q", fd, info, want)
			}
		}
		input.close()
		ended(t, pid)
	}
}

// asUnderNohup ignores HUP and USR2 and blocks USR1, as a parent of the bridge
// may have done, and lets go of that at the end of the test.
func asUnderNohup(t *testing.T) {
	t.Helper()
	signal.Ignore(unix.SIGHUP, unix.SIGUSR2)
	t.Cleanup(func() { signal.Reset(unix.SIGHUP, unix.SIGUSR2) })
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	var mask, before unix.Sigset_t
	mask.Val[0] = 1 << (unix.SIGUSR1 - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &mask, &before); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)) })
}

func TestSignalsAreDefault(t *testing.T) {
	leaveNothing(t)
	asUnderNohup(t)
	pid, _ := start(t, cat(t))
	status := readFile(t, "/proc/%d/status", pid)
	for _, want := range []string{
		"\nSigBlk:\t0000000000000000\n",
		"\nSigIgn:\t0000000000001000\n", // SIGPIPE
		"\nSigCgt:\t0000000000000000\n",
		"\nSigPnd:\t0000000000000000\n",
	} {
		if !strings.Contains(status, want) {
			t.Errorf("%q is not in %s", want, status)
		}
	}
	var mask unix.Sigset_t
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, &mask); err != nil || mask.Val[0] != 1<<(unix.SIGUSR1-1) {
		t.Errorf("mask of the spawning thread is %x, %v", mask.Val[0], err)
	}
}

// A signal that comes at any moment after the fork ends the process by its
// default action, whatever the bridge itself was started with.
func TestSignalEndsTheTrampoline(t *testing.T) {
	leaveNothing(t)
	asUnderNohup(t)
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, unix.SIGHUP, unix.SIGINT)
	t.Cleanup(func() { signal.Stop(handled) })
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2} {
		for range 8 {
			r, w := pipe(t)
			errR, errW := pipe(t)
			c := cat(t)
			c.Dir, c.Files = t.TempDir(), []File{{r.fd, 0}, {errW.fd, 2}}
			s, err := Spawn(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := Signal(s.PID, sig); err != nil {
				t.Error(err)
			}
			if err := s.Launched(); err != nil {
				t.Error(err)
			}
			exit := ended(t, s.PID)
			if sig == unix.SIGQUIT && exit.Code == 2 {
				continue // it was answered by the Go runtime
			}
			if exit.Signal != sig {
				t.Errorf("%v, want killed by %v", exit, sig)
			}
			errW.close()
			if said, err := readAll(errR.fd, nil); len(said) > 0 || err != nil {
				t.Errorf("it said %q, %v", said, err)
			}
			for _, e := range []*end{r, w, errR} {
				e.close()
			}
		}
	}
}

func TestExecFailure(t *testing.T) {
	leaveNothing(t)
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("plain", "#!/bin/sh\n", 0o644)
	absent := filepath.Join(dir, "absent")
	for name, test := range map[string]struct {
		command Command
		want    ExecError
		text    string
	}{
		"missing": {
			Command{Path: absent},
			ExecError{OpExec, absent, unix.ENOENT},
			fmt.Sprintf("cannot execute %q: no such file or directory", absent),
		},
		"directory":      {Command{Path: dir}, ExecError{OpExec, dir, unix.EACCES}, ""},
		"not executable": {Command{Path: plain}, ExecError{OpExec, plain, unix.EACCES}, ""},
		"no format": {
			Command{Path: write("text", "hello", 0o755)},
			ExecError{OpExec, filepath.Join(dir, "text"), unix.ENOEXEC},
			"",
		},
		"no interpreter": {
			Command{Path: write("script", "#!/nope\n", 0o755)},
			ExecError{OpInterpreter, filepath.Join(dir, "script"), unix.ENOENT},
			fmt.Sprintf("cannot execute %q: the interpreter that it names is not there", filepath.Join(dir, "script")),
		},
		"no directory": {
			Command{Path: plain, Dir: absent},
			ExecError{OpChdir, absent, unix.ENOENT},
			fmt.Sprintf("cannot change to directory %q: no such file or directory", absent),
		},
		"file as directory": {Command{Path: plain, Dir: plain}, ExecError{OpChdir, plain, unix.ENOTDIR}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.command.Args = []string{"x"}
			s, err := Spawn(test.command)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Launched()
			var got *ExecError
			if !errors.As(err, &got) || *got != test.want {
				t.Errorf("%#v, want %#v", err, test.want)
			}
			if !errors.Is(err, test.want.Errno) || test.text != "" && err.Error() != test.text {
				t.Errorf("%v, want %s", err, test.text)
			}
			if exit := ended(t, s.PID); exit.Code != 127 {
				t.Errorf("%v, want 127", exit)
			}
		})
	}
}

func TestSpawnRefusal(t *testing.T) {
	leaveNothing(t)
	for name, test := range map[string]struct {
		files []File
		want  string
	}{
		"negative":  {[]File{{-1, 3}}, "cannot hand over descriptor -1 as 3: a descriptor is not negative"},
		"twice":     {[]File{{0, 3}, {1, 3}}, "cannot hand over descriptor 1 as 3: that number is taken"},
		"too large": {[]File{{0, 1 << 30}}, "cannot hand over descriptor 0 as 1073741824: the limit on open descriptors is"},
		"not open":  {[]File{{4000, 3}}, `cannot fork to start "/x": bad file descriptor`},
	} {
		if _, err := Spawn(Command{Path: "/x", Args: []string{"x"}, Files: test.files}); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestSpawnFailure(t *testing.T) {
	leaveNothing(t)
	for name, change := range map[string]func(*sys){
		"pipe": func(s *sys) { s.pipe = func([]int, int) error { return unix.EMFILE } },
		"fork": func(s *sys) {
			s.forkExec = func(string, []string, *syscall.ProcAttr) (int, error) { return 0, unix.EAGAIN }
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake(t, change)
			if s, err := Spawn(Command{Path: "/x"}); s != nil || !errors.Is(err, unix.EMFILE) && !errors.Is(err, unix.EAGAIN) {
				t.Errorf("%v, %v", s, err)
			}
		})
	}
}

func TestBinaryMayBeDeleted(t *testing.T) {
	leaveNothing(t)
	c := helper(t, "spawn when told")
	text, err := os.ReadFile(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	c.Path = filepath.Join(t.TempDir(), "copy")
	if err := os.WriteFile(c.Path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	c.Args = append(c.Args, cat(t).Path)
	pid, input := start(t, c)
	if err := os.Remove(c.Path); err != nil {
		t.Fatal(err)
	}
	input.close()
	if exit := ended(t, pid); !exit.Clean() {
		t.Error(exit)
	}
}

// spawnWhenTold spawns its first argument at the end of its input.
func spawnWhenTold() {
	_, err := readAll(0, nil)
	check(err)
	s, err := Spawn(Command{Path: os.Args[1], Args: []string{"cat"}})
	check(err)
	check(s.Launched())
	_, err = unix.Wait4(s.PID, nil, 0, nil)
	check(err)
}

// underSoftLimit has a helper run as if the bridge had been started under a soft
// limit of 1,024 descriptors.
func underSoftLimit(t *testing.T, name string, args ...string) string {
	t.Helper()
	used.Store(name, true)
	return output(t, helper(t, "lower limit", append([]string{name}, args...)...))
}

func lowerLimit() {
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = 1024
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	check(syscall.Exec("/proc/self/exe", os.Args[1:], []string{helperVar + "=" + os.Args[1]}))
}

// The child finds the limit that the bridge was started with, not the one that
// the Go runtime raises it to.
func TestSoftLimitStays(t *testing.T) {
	leaveNothing(t)
	out := underSoftLimit(t, "print limits", cat(t).Path)
	_, limits, _ := strings.Cut(out, "Max open files")
	if f := strings.Fields(limits); len(f) < 2 || f[0] != "1024" || f[1] == "1024" {
		t.Errorf("limits are %q", out)
	}
}

func printLimits() {
	s, err := Spawn(Command{Path: os.Args[1], Args: []string{"cat", "/proc/self/limits"}})
	check(err)
	check(s.Launched())
	_, err = unix.Wait4(s.PID, nil, 0, nil)
	check(err)
}

const many = 4096

func TestManyDescriptors(t *testing.T) {
	leaveNothing(t)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Max < 3*many {
		t.Skipf("needs %d descriptors, the hard limit is %d", 3*many, limit.Max)
	}
	self, err := elf.Open(helper(t, "many descriptors").Path)
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	used.Store("count descriptors", true)
	under := underSoftLimit
	if self.Section(".interp") != nil { // -race: its loader needs a descriptor to spare
		under = func(t *testing.T, name string, _ ...string) string { return output(t, helper(t, name)) }
	}
	if out := under(t, "many descriptors"); out != fmt.Sprint(3+many) {
		t.Errorf("%q descriptors, want %d", out, 3+many)
	}
}

// manyDescriptors hands its child far more of them than the soft limit, from
// high numbers, in reverse order.
func manyDescriptors() {
	c := Command{Path: "/proc/self/exe", Args: []string{"x"}, Env: []string{helperVar + "=count descriptors"}}
	for i := range many {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		check(err)
		c.Files = append(c.Files, File{fd, 2 + many - i})
	}
	s, err := Spawn(c)
	check(err)
	check(s.Launched())
	_, err = unix.Wait4(s.PID, nil, 0, nil)
	check(err)
}

func countDescriptors() {
	count := 0
	for fd := range 3 * many {
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			count++
		}
	}
	fmt.Print(count)
}

func TestTrampolineByHand(t *testing.T) {
	for _, args := range [][]string{{trampolineName}, {trampolineName, "2", "", "", ""}, {trampolineName, "x", "", "", ""}} {
		if _, err := parseTrampoline(args); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	TrampolineMain(nil, nil)
	TrampolineMain([]string{"sdbridge"}, nil)
}

func FuzzTrampolineArguments(f *testing.F) {
	f.Add(5, "LISTEN_PID", "/srv", "/bin/true", "true")
	f.Add(3, "", "", "x", "")
	f.Fuzz(func(t *testing.T, status int, variable, dir, path, arg string) {
		in := trampoline{status: status, dir: dir, path: path, args: []string{arg}}
		if variable != "" && !strings.Contains(variable, ",") {
			in.pidVariables = []string{variable}
		}
		out, err := parseTrampoline(in.argv())
		if err == nil && fmt.Sprint(in) != fmt.Sprint(out) || (err == nil) != (status >= 3) {
			t.Errorf("%+v became %+v, %v", in, out, err)
		}
	})
}

func FuzzParseFailure(f *testing.F) {
	f.Add("exec 2")
	f.Add("chdir 20")
	f.Add("")
	f.Fuzz(func(t *testing.T, report string) {
		err := parseFailure(report, Command{Path: "/x", Dir: "/y"})
		var e *ExecError
		if errors.As(err, &e) && !errors.As(parseFailure(e.report(), Command{Path: "/x", Dir: "/y"}), &e) {
			t.Errorf("%q is not read back from %q", e.report(), report)
		}
		if err == nil {
			t.Errorf("%q is no error", report)
		}
	})
}

// BenchmarkSpawn is what a child costs with the trampoline, BenchmarkForkExec
// without.
func BenchmarkSpawn(b *testing.B) {
	c := cat(b, "/dev/null")
	for b.Loop() {
		s, err := Spawn(c)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Launched(); err != nil {
			b.Fatal(err)
		}
		_, _ = unix.Wait4(s.PID, nil, 0, nil)
	}
}

func BenchmarkForkExec(b *testing.B) {
	c := cat(b, "/dev/null")
	for b.Loop() {
		pid, err := syscall.ForkExec(c.Path, c.Args, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		_, _ = unix.Wait4(pid, nil, 0, nil)
	}
}
