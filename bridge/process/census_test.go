package process

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// world is a process table: "pid parent group session start state threads". The
// bridge is self, a session of its own below 1.
type world struct {
	processes []string
	environ   map[int]string
}

func (w world) stand(t *testing.T) {
	t.Helper()
	lines, children := map[int]string{}, map[int]string{}
	self := fmt.Sprint(os.Getpid())
	for _, text := range append(w.processes, "1 0 1 1 1 S 1", "self 1 self self 5 S 9") {
		f := strings.Fields(strings.ReplaceAll(text, "self", self))
		var pid, parent int
		fmt.Sscan(f[0]+" "+f[1], &pid, &parent)
		children[parent] += f[0] + " "
		lines[pid] = fmt.Sprintf("%s (x) %s %s %s %s%s%s 0 %s", f[0], f[5], f[1], f[2], f[3], strings.Repeat(" 0", 13), " "+f[6], f[4])
	}
	fake(t, func(s *sys) {
		s.pids = func() ([]int, error) { return slices.Sorted(maps.Keys(lines)), nil }
		s.threads = func(pid int) ([]int, error) { return []int{pid}, nil }
		s.readProc = func(pid int, name string, _ []byte) ([]byte, error) {
			switch {
			case name == "stat":
				return []byte(lines[pid]), nil
			case strings.HasSuffix(name, "/children"):
				return []byte(children[pid]), nil
			}
			if environ, ok := w.environ[pid]; ok {
				return []byte(environ), nil
			}
			return nil, unix.EACCES
		}
	})
}

// summary is "7: 100 101; 8: 200; strays: 300".
func summary(f Found) string {
	var parts []string
	for _, number := range slices.Sorted(maps.Keys(f.Members)) {
		parts = append(parts, fmt.Sprintf("%d:%s", number, listed(f.Members[number])))
	}
	if len(f.Strays) > 0 {
		parts = append(parts, "strays:"+listed(f.Strays))
	}
	return strings.Join(parts, "; ")
}

func listed(processes []Process) string {
	var text strings.Builder
	for _, p := range processes {
		fmt.Fprintf(&text, " %d", p.PID)
	}
	return text.String()
}

func TestLook(t *testing.T) {
	seven := Leader{PID: 100, Number: 7, Group: true}
	sevenGone := Leader{PID: 100, Number: 7, Group: true, Gone: true}
	eight := Leader{PID: 200, Number: 8, Group: true}
	for name, test := range map[string]struct {
		leaders []Leader
		looks   []world // one after the other
		want    string  // of the last
	}{
		"by ancestor, whatever else it has": {
			[]Leader{seven, eight},
			[]world{{
				processes: []string{
					"100 self 100 self 10 S 1", "101 100 100 self 11 S 1", "102 101 102 102 12 S 1",
					"200 self 200 self 20 S 1", "201 200 100 self 21 S 1",
				},
				environ: map[int]string{102: "SERVER_STARTER_GENERATION=8\x00"},
			}},
			"7: 100 101 102; 8: 200 201",
		},
		"no zombies": {
			[]Leader{seven},
			[]world{{processes: []string{"100 self 100 self 10 Z 1", "101 self 100 self 11 Z 1", "102 self 100 self 11 X 1"}}},
			"",
		},
		"a lost first thread is no zombie": {
			[]Leader{seven},
			[]world{{processes: []string{"100 self 100 self 10 Z 2"}}},
			"7: 100",
		},
		"an orphan by its group": {
			[]Leader{sevenGone, eight},
			[]world{{processes: []string{"101 self 100 self 11 S 1", "102 101 102 102 11 S 1"}}},
			"7: 101 102",
		},
		"no group in start_server": {
			[]Leader{{PID: 100, Number: 7, Gone: true}},
			[]world{{processes: []string{"101 self 100 self 11 S 1"}}},
			"strays: 101",
		},
		"a stranger in a group of that number": {
			[]Leader{sevenGone},
			[]world{{
				processes: []string{"100 1 100 100 90 S 1", "101 100 100 100 91 S 1"},
				environ:   map[int]string{101: "SERVER_STARTER_GENERATION=7\x00"},
			}},
			"",
		},
		"the pid of one that is gone, in another generation": {
			[]Leader{sevenGone, eight},
			[]world{{processes: []string{"200 self 200 self 20 S 1", "100 200 200 self 90 S 1"}}},
			"8: 100 200",
		},
		"an orphan by its session": {
			[]Leader{sevenGone},
			[]world{
				{processes: []string{"101 self 100 self 11 S 1", "102 101 102 102 12 S 1"}},
				{processes: []string{"103 self 103 102 13 S 1"}},
				{processes: []string{"103 self 103 102 13 S 1", "104 self 104 102 13 S 1"}},
			},
			"7: 103 104",
		},
		"a session of that number, but another": {
			[]Leader{sevenGone},
			[]world{
				{processes: []string{"101 self 100 self 11 S 1", "102 101 102 102 12 S 1"}},
				{processes: []string{"102 self 102 102 80 S 1", "103 self 103 102 81 S 1"}},
			},
			"strays: 102 103",
		},
		"a session that was empty in between": {
			[]Leader{sevenGone},
			[]world{
				{processes: []string{"101 self 100 self 11 S 1", "102 101 102 102 12 S 1"}},
				{processes: []string{"101 self 100 self 11 S 1"}},
				{processes: []string{"101 self 100 self 11 S 1", "103 self 103 102 13 S 1"}},
			},
			"7: 101; strays: 103",
		},
		"an orphan that was seen": {
			[]Leader{sevenGone},
			[]world{
				{processes: []string{"101 self 100 self 11 S 1", "102 101 102 self 12 S 1"}},
				{processes: []string{"102 self 102 self 12 S 1"}},
			},
			"7: 102",
		},
		"another with the pid of one that was seen": {
			[]Leader{sevenGone},
			[]world{
				{processes: []string{"101 self 100 self 11 S 1", "102 101 102 self 12 S 1"}},
				{processes: []string{"102 self 102 self 80 S 1"}},
			},
			"strays: 102",
		},
		"an orphan by its environment": {
			[]Leader{sevenGone, eight},
			[]world{{
				processes: []string{
					"301 self 301 301 30 S 1", "302 301 302 301 31 S 1", "303 self 303 303 30 S 1",
					"304 self 304 304 30 S 1", "305 self 305 305 30 S 1",
				},
				environ: map[int]string{
					301: "A=1\x00SERVER_STARTER_GENERATION=7\x00SERVER_STARTER_GENERATION=8\x00",
					303: "SERVER_STARTER_GENERATION=6\x00", 304: "title", 305: "SERVER_STARTER_GENERATION=\x00",
				},
			}},
			"7: 301 302; strays: 303 304 305",
		},
		"older than the generation that its environment names": {
			[]Leader{{PID: 100, Number: 7, Group: true, Gone: true, Since: 50}},
			[]world{{
				processes: []string{"301 self 301 301 49 S 1", "302 self 302 302 50 S 1"},
				environ:   map[int]string{301: "SERVER_STARTER_GENERATION=7\x00", 302: "SERVER_STARTER_GENERATION=7\x00"},
			}},
			"7: 302; strays: 301",
		},
		"what a stray runs is a stray: a nested bridge counts its own generations": {
			[]Leader{seven},
			[]world{{
				processes: []string{"301 self 301 301 30 S 1", "302 301 302 301 31 S 1"},
				environ:   map[int]string{301: "A=1\x00", 302: "SERVER_STARTER_GENERATION=7\x00"},
			}},
			"strays: 301 302",
		},
		"parents in a circle": {
			[]Leader{seven},
			[]world{{processes: []string{"300 301 300 300 30 S 1", "301 300 301 301 30 S 1"}}},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, quick := range []bool{false, true} {
				var census Census
				var found Found
				var err error
				for _, w := range test.looks {
					w.stand(t)
					if found, err = census.Look(test.leaders, quick); err != nil {
						t.Fatal(err)
					}
				}
				if got := summary(found); got != test.want {
					t.Errorf("quick %v: %q, want %q", quick, got, test.want)
				}
			}
		})
	}
}

func TestCensusForgets(t *testing.T) {
	var census Census
	leaders := []Leader{{PID: 100, Number: 7, Group: true}}
	for _, w := range []world{
		{processes: []string{"100 self 100 self 10 S 1", "102 100 102 102 12 S 1"}},
		{},
	} {
		w.stand(t)
		if _, err := census.Look(leaders, false); err != nil {
			t.Fatal(err)
		}
	}
	if len(census.seen) != 0 {
		t.Errorf("it remembers %v", census.seen)
	}
}

func TestLookFails(t *testing.T) {
	waitid := func(err error) func(int, int, *unix.Siginfo, int, *unix.Rusage) error {
		return func(int, int, *unix.Siginfo, int, *unix.Rusage) error { return err }
	}
	fake(t, func(s *sys) {
		s.pids = func() ([]int, error) { return nil, unix.EMFILE }
		s.waitid = waitid(unix.ECHILD)
	})
	if found, err := new(Census).Look([]Leader{{PID: 100, Number: 7, Gone: true}}, false); err != nil || summary(found) != "" {
		t.Errorf("without a child: %v, %v", found, err)
	}
	fake(t, func(s *sys) { s.waitid = waitid(nil) })
	if found, err := new(Census).Look(nil, false); !errors.Is(err, unix.EMFILE) {
		t.Errorf("%v, %v", found, err)
	}
	world{processes: []string{"300 self 300 300 30 S 1"}}.stand(t)
	fake(t, func(s *sys) {
		stat := s.readProc
		s.readProc = func(pid int, name string, buf []byte) ([]byte, error) {
			if name == "environ" {
				return nil, unix.ENFILE
			}
			return stat(pid, name, buf)
		}
	})
	if found, err := new(Census).Look(nil, false); !errors.Is(err, unix.ENFILE) {
		t.Errorf("%v, %v", found, err)
	}
}

// Where the kernel lists no children, all processes are looked through.
func TestQuickLookWithoutLists(t *testing.T) {
	world{processes: []string{"100 self 100 100 10 S 1"}}.stand(t)
	fake(t, func(s *sys) {
		read := s.readProc
		s.readProc = func(pid int, name string, buf []byte) ([]byte, error) {
			if strings.HasSuffix(name, "/children") {
				return nil, unix.ENOENT
			}
			return read(pid, name, buf)
		}
	})
	found, err := new(Census).Look([]Leader{{PID: 100, Number: 7}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := summary(found); got != "7: 100" {
		t.Error(got)
	}
}

func TestDescendants(t *testing.T) {
	leaveNothing(t)
	pid, input := start(t, cat(t))
	found, err := descendants(os.Getpid())
	if err != nil || !slices.Contains(found, pid) || slices.Contains(found, os.Getpid()) {
		t.Errorf("%v, %v; want %d in it", found, err, pid)
	}
	input.close()
	ended(t, pid)
}

func FuzzEnvironGeneration(f *testing.F) {
	f.Add([]byte("A=1\x00SERVER_STARTER_GENERATION=7\x00"))
	f.Add([]byte("SERVER_STARTER_GENERATION=-7"))
	f.Fuzz(func(t *testing.T, environ []byte) {
		if number := environGeneration(environ); number < 0 {
			t.Errorf("%q: %d", environ, number)
		}
	})
}

func lookAt(t *testing.T, c *Census, leaders ...Leader) Found {
	t.Helper()
	found, err := c.Look(leaders, false)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// daemonize runs its first argument in a session of its own, with descriptor 3
// as its input and the environment of the other arguments; it ends with its own
// input, and leaves an orphan.
func daemonize() {
	_, err := syscall.ForkExec(os.Args[1], []string{"cat"}, &syscall.ProcAttr{
		Env: os.Args[2:], Files: []uintptr{3, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	check(err)
	_, err = readAll(0, nil)
	check(err)
}

func TestDaemon(t *testing.T) {
	for name, test := range map[string]struct {
		environ string
		seen    bool // while its parent lives
	}{
		"by environment": {generationVar + "=7", false},
		"seen before":    {"TITLE=", true},
	} {
		t.Run(name, func(t *testing.T) {
			leaveNothing(t)
			r, w := pipe(t)
			c := helper(t, "daemonize", cat(t).Path, test.environ)
			c.Files, c.Group = []File{{r.fd, 3}}, true
			testDaemon(t, c, w, test.seen)
		})
	}
}

// A process title takes the room of the environment.
func TestDaemonWithATitle(t *testing.T) {
	path, err := exec.LookPath("perl")
	if err != nil {
		t.Skip("no perl in PATH: it is what overwrites its environment with a title")
	}
	leaveNothing(t)
	r, w := pipe(t)
	testDaemon(t, Command{
		Path: path, Group: true, Files: []File{{r.fd, 3}},
		Env: []string{generationVar + "=7", "A=" + strings.Repeat("a", 100)},
		Args: []string{"perl", "-MPOSIX", "-e", `
			if (fork) { <STDIN>; exit }
			POSIX::setsid; $0 = "t" x 5000; open F, "<&=3"; <F>`},
	}, w, true)
}

func testDaemon(t *testing.T, c Command, life *end, seen bool) {
	t.Helper()
	var census Census
	pid, input := start(t, c)
	leader := Leader{PID: pid, Number: 7, Group: true}
	if seen {
		await(t, "a daemon without a generation in its environment", func() bool {
			members := lookAt(t, &census, leader).Members[7]
			if len(members) != 2 {
				return false
			}
			daemon := members[1-slices.IndexFunc(members, func(p Process) bool { return p.PID == pid })]
			environ, err := system.readProc(daemon.PID, "environ", nil)
			return err == nil && daemon.Session == daemon.PID && environGeneration(environ) == stray
		})
	}
	input.close()
	ended(t, pid)
	leader.Gone = true
	found := lookAt(t, &census, leader)
	life.close()
	if len(found.Members[7]) != 1 || len(found.Strays) > 0 {
		t.Fatalf("%s, want one member", summary(found))
	}
	ended(t, found.Members[7][0].PID)
}

func TestStray(t *testing.T) {
	leaveNothing(t)
	pid, _ := start(t, cat(t))
	if found := lookAt(t, new(Census)); summary(found) != fmt.Sprintf("strays: %d", pid) {
		t.Error(summary(found))
	}
}

// prefork starts two workers and a helper in a session of its own, and waits.
func prefork() {
	for _, setsid := range []bool{false, false, true} {
		_, err := syscall.ForkExec(os.Args[1], []string{"cat"}, &syscall.ProcAttr{
			Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: setsid},
		})
		check(err)
	}
	_, err := readAll(0, nil)
	check(err)
}

func TestKillAll(t *testing.T) {
	leaveNothing(t)
	var census Census
	c := helper(t, "prefork", cat(t).Path)
	c.Group = true
	pid, _ := start(t, c)
	leader := Leader{PID: pid, Number: 3, Group: true}
	await(t, "all workers", func() bool {
		f := lookAt(t, &census, leader)
		return len(f.Members[3]) == 4 && slices.ContainsFunc(f.Members[3], func(p Process) bool { return p.Session == p.PID })
	})
	if err := Signal(pid, unix.SIGKILL); err != nil {
		t.Error(err)
	}
	if exit := ended(t, pid); exit.Signal != unix.SIGKILL {
		t.Error(exit)
	}
	leader.Gone = true
	found := lookAt(t, &census, leader)
	if len(found.Members[3]) != 3 || len(found.Strays) != 0 {
		t.Errorf("%s, want 3 orphans", summary(found))
	}
	if err := SignalGroup(pid, unix.SIGKILL); err != nil {
		t.Error(err)
	}
	for _, p := range found.Members[3] {
		if p.Group == pid {
			continue
		}
		if err := SignalChecked(p, unix.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	for _, p := range found.Members[3] {
		if exit := ended(t, p.PID); exit.Signal != unix.SIGKILL {
			t.Error(exit)
		}
	}
	if found := lookAt(t, &census, leader); summary(found) != "" {
		t.Error(summary(found))
	}
}

// loseMainThread ends its first thread and lives on until the end of its input.
func loseMainThread() {
	started := make(chan bool)
	go func() {
		started <- true
		_, err := readAll(0, nil)
		check(err)
		os.Exit(0)
	}()
	<-started
	unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
}

func TestLostMainThread(t *testing.T) {
	leaveNothing(t)
	c := helper(t, "lose main thread")
	c.Env = append(c.Env, "GOMAXPROCS=4") // one is lost with the thread
	pid, _ := start(t, c)
	await(t, "a first thread that is a zombie", func() bool {
		p, err := readStat(pid, nil)
		return err == nil && p.State == 'Z'
	})
	if found := lookAt(t, new(Census), Leader{PID: pid, Number: 1}); len(found.Members[1]) != 1 {
		t.Error("it does not count")
	}
}

func BenchmarkLook(b *testing.B) {
	r, w := pipe(b)
	c := cat(b)
	var pids []int
	defer func() {
		w.close()
		for _, pid := range pids {
			ended(b, pid)
		}
	}()
	for range 1000 {
		pid, err := syscall.ForkExec(c.Path, c.Args, &syscall.ProcAttr{Files: []uintptr{uintptr(r.fd), 1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		pids = append(pids, pid)
	}
	census, leaders := Census{}, []Leader{{PID: pids[0], Number: 1, Group: true}}
	for _, pid := range pids[1:] {
		leaders = append(leaders, Leader{PID: pid, Number: 1})
	}
	for b.Loop() {
		if found, err := census.Look(leaders, false); err != nil || len(found.Members[1]) != 1000 {
			b.Fatal(len(found.Members[1]), err)
		}
	}
}
