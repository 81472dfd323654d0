package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// proc is a process of the system, as /proc shows it.
type proc struct {
	pid, parent, session int
	state                byte
	env, cmdline         string
}

func (p proc) String() string { return fmt.Sprintf("pid %d (%s)", p.pid, p.cmdline) }

func readProc(pid int) (proc, bool) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return proc{}, false
	}
	p := proc{pid: pid}
	var group int
	rest := string(stat[bytes.LastIndexByte(stat, ')')+1:])
	_, _ = fmt.Sscanf(rest, " %c %d %d %d", &p.state, &p.parent, &group, &p.session)
	env, _ := os.ReadFile(dir + "/environ")
	cmdline, _ := os.ReadFile(dir + "/cmdline")
	p.env = string(env)
	p.cmdline = strings.TrimSpace(strings.ReplaceAll(string(cmdline), "\x00", " "))
	return p, p.state != 'Z' && p.state != 'X'
}

func allProcs() []proc {
	entries, _ := os.ReadDir("/proc")
	var all []proc
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if p, lives := readProc(pid); lives {
				all = append(all, p)
			}
		}
	}
	return all
}

// own are the living processes that come from p: they have its mark, or, where
// a title has overwritten that, its session. p is the first of them.
func (p *program) own() []proc {
	var own []proc
	for _, q := range allProcs() {
		if q.session == p.pid() || strings.Contains(q.env, p.mark+"\x00") {
			own = append(own, q)
		}
	}
	return own
}

// named are those whose command line holds the text.
func (p *program) named(text string) []proc {
	var named []proc
	for _, q := range p.own() {
		if strings.Contains(q.cmdline, text) {
			named = append(named, q)
		}
	}
	return named
}

// nothingLeft ends what is left, and says so.
func (p *program) nothingLeft() {
	p.t.Helper()
	for _, q := range p.own() {
		p.t.Errorf("%v is left behind", q)
		_ = unix.Kill(q.pid, unix.SIGKILL)
	}
}

func lives(pid int) bool {
	_, lives := readProc(pid)
	return lives
}

func awaitGone(t *testing.T, pid int) {
	t.Helper()
	await(t, fmt.Sprintf("the end of pid %d", pid), func() bool { return !lives(pid) })
}

// descriptors counts the open ones of a process.
func descriptors(t *testing.T, pid int) int {
	t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}

// statusFlags are the flags of an open file description, without close-on-exec,
// which is the descriptor's.
func statusFlags(pid, fd int) (uint64, error) {
	info, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", pid, fd))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(info), "flags:\t")
	octal, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(octal, 8, 64)
	return flags &^ unix.O_CLOEXEC, err
}

// noFiles checks that a directory is empty.
func noFiles(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		t.Errorf("%s is left behind", path)
	}
}

func countThreads(t *testing.T, pid int) int {
	t.Helper()
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(tasks)
}
