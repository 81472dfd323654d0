package process

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	helperVar     = "SDBRIDGE_TEST_HELPER"
	noCloseRange  = "SDBRIDGE_TEST_NO_CLOSE_RANGE" // stands in for Linux 5.10
	longEnough    = 30 * time.Second
	generationVar = "SERVER_STARTER_GENERATION"
)

// helpers are what the test binary becomes when a test runs it as a child.
var helpers = map[string]func(){
	"spawn when told":   spawnWhenTold,
	"lower limit":       lowerLimit,
	"print limits":      printLimits,
	"many descriptors":  manyDescriptors,
	"count descriptors": countDescriptors,
	"daemonize":         daemonize,
	"prefork":           prefork,
	"lose main thread":  loseMainThread,
}

var used sync.Map

func init() {
	if os.Getenv(helperVar) == "lose main thread" {
		runtime.LockOSThread() // main is on the main thread only if asked here
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(noCloseRange) != "" {
		system.closeRange = func(uint, uint, uint) error { return unix.EINVAL }
	}
	TrampolineMain(os.Args, os.Environ())
	if helper := helpers[os.Getenv(helperVar)]; helper != nil {
		helper()
		os.Exit(0)
	}
	if err := Subreaper(); err != nil {
		panic(err)
	}
	signal.Notify(make(chan os.Signal, 1), unix.SIGWINCH) // its goroutine stays for good
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.list").Value.String() == "" && !testing.Short() {
		for name := range helpers {
			if _, ok := used.Load(name); !ok {
				fmt.Fprintf(os.Stderr, "helper %q is used by no test\n", name)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// helper is the command that runs a helper.
func helper(t testing.TB, name string, args ...string) Command {
	t.Helper()
	if helpers[name] == nil {
		t.Fatalf("no helper %q", name)
	}
	used.Store(name, true)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Command{Path: self, Args: append([]string{"helper"}, args...), Env: []string{helperVar + "=" + name}}
}

// cat is a child that is not a Go program, and waits for the end of its input.
func cat(t testing.TB, args ...string) Command {
	t.Helper()
	path, err := exec.LookPath("cat")
	if err != nil {
		t.Skip("no cat in PATH: a child is needed that leaves signals and limits as it finds them")
	}
	return Command{Path: path, Args: append([]string{"cat"}, args...)}
}

// leaveNothing fails the test if it leaves a child, a descriptor or a goroutine.
func leaveNothing(t testing.TB) {
	t.Helper()
	open, goroutines := descriptors(t, os.Getpid()), runtime.NumGoroutine()
	t.Cleanup(func() {
		var status unix.WaitStatus
		if pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil); err != unix.ECHILD {
			t.Errorf("children are left: wait4 says %d, %v", pid, err)
		}
		if now := descriptors(t, os.Getpid()); !slices.Equal(now, open) {
			t.Errorf("descriptors are left: %v before, %v now", open, now)
		}
		await(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= goroutines })
	})
}

// descriptors are those that pid has open, without the Go runtime's own.
func descriptors(t testing.TB, pid int) []int {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	all, err := numbers(dir)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(fd int) bool {
		link, err := os.Readlink(filepath.Join(dir, strconv.Itoa(fd)))
		return err != nil || strings.HasPrefix(link, "anon_inode:[event") || link == dir
	})
	slices.Sort(all)
	return all
}

func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(longEnough); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s", longEnough, what)
		}
	}
}

// ended waits for the end of a child and reaps it.
func ended(t testing.TB, pid int) (exit Exit) {
	t.Helper()
	await(t, "process "+strconv.Itoa(pid)+" to end", func() bool {
		e, ok, err := Reap(pid)
		if err != nil {
			t.Fatal(err)
		}
		exit = e
		return ok
	})
	return exit
}

// pipe returns both ends of a pipe. They are closed at the end of the test at
// the latest.
func pipe(t testing.TB) (r, w *end) {
	t.Helper()
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	r, w = &end{fd: p[0]}, &end{fd: p[1]}
	t.Cleanup(r.close)
	t.Cleanup(w.close)
	return r, w
}

type end struct {
	fd   int
	once sync.Once
}

func (e *end) close() { e.once.Do(func() { unix.Close(e.fd) }) }

// start runs c with its standard input a pipe; the child is expected to end when
// that is closed, at the end of the test at the latest.
func start(t testing.TB, c Command) (pid int, input *end) {
	t.Helper()
	r, w := pipe(t)
	c.Files = append([]File{{r.fd, 0}}, c.Files...)
	s, err := Spawn(c)
	if err != nil {
		t.Fatal(err)
	}
	r.close()
	t.Cleanup(func() {
		w.close()
		if _, _, err := Reap(s.PID); err == nil {
			await(t, "the child to end", func() bool { _, ok, err := Reap(s.PID); return ok || err != nil })
		}
	})
	if err := s.Launched(); err != nil {
		t.Fatal(err)
	}
	return s.PID, w
}

// output runs c to its end and returns what it wrote.
func output(t testing.TB, c Command) string {
	t.Helper()
	r, w := pipe(t)
	c.Files = append(c.Files, File{w.fd, 1})
	s, err := Spawn(c)
	if err != nil {
		t.Fatal(err)
	}
	w.close()
	if err := s.Launched(); err != nil {
		t.Error(err)
	}
	out, err := readAll(r.fd, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.close()
	if exit := ended(t, s.PID); !exit.Clean() {
		t.Errorf("%v; it wrote %q", exit, out)
	}
	return string(out)
}

func readFile(t testing.TB, format string, args ...any) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf(format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fake replaces calls of the system until the end of the test.
func fake(t *testing.T, change func(*sys)) {
	t.Helper()
	before := system
	t.Cleanup(func() { system = before })
	change(&system)
}

// check ends a helper that cannot do its part.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
