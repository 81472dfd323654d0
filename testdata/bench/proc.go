package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// usage is what processes hold, summed up; sizes in KiB.
type usage struct {
	processes, threads, descriptors int
	pss, rss, anonymous             int
	voluntary, involuntary          int // context switches so far
}

func usageOf(pids ...int) usage {
	u := usage{processes: len(pids)}
	for _, pid := range pids {
		u.add(pid)
	}
	return u
}

func (u *usage) add(pid int) {
	fds, _ := os.ReadDir(proc(pid, "fd"))
	u.descriptors += len(fds)
	memory := numbers(proc(pid, "smaps_rollup"))
	u.pss += memory["Pss"]
	u.rss += memory["Rss"]
	u.anonymous += memory["Pss_Anon"]
	tasks, _ := filepath.Glob(proc(pid, "task/*/status"))
	u.threads += len(tasks)
	for _, task := range tasks {
		status := numbers(task)
		u.voluntary += status["voluntary_ctxt_switches"]
		u.involuntary += status["nonvoluntary_ctxt_switches"]
	}
}

func proc(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// numbers reads lines "Key: 123 kB".
func numbers(path string) map[string]int {
	out := map[string]int{}
	text, _ := os.ReadFile(path)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		key, rest, _ := strings.Cut(lines.Text(), ":")
		if words := strings.Fields(rest); len(words) > 0 {
			if n, err := strconv.Atoi(words[0]); err == nil {
				out[key] = n
			}
		}
	}
	return out
}

// descendants are the living processes below pid, without those below except.
func descendants(pid int, except ...int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if child, parent, ok := parentOf(path); ok {
			children[parent] = append(children[parent], child)
		}
	}
	var out []int
	var walk func(pid int)
	walk = func(pid int) {
		for _, child := range children[pid] {
			if slices.Contains(except, child) {
				continue
			}
			out = append(out, child)
			walk(child)
		}
	}
	walk(pid)
	return out
}

// parentOf reads "pid (name) state ppid …"; a zombie is not there any more.
func parentOf(path string) (pid, parent int, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, false
	}
	end := bytes.LastIndexByte(text, ')')
	var state string
	if _, err := fmt.Sscan(string(text[end+1:]), &state, &parent); err != nil || state == "Z" {
		return 0, 0, false
	}
	pid, err = strconv.Atoi(strings.Split(path, "/")[2])
	return pid, parent, err == nil
}

// end waits until a process is gone and says when.
type end struct {
	fd int
}

func watchEnd(pid int) (end, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	return end{fd}, err
}

func (e end) wait(patience time.Duration) (at time.Duration, gone bool) {
	defer unix.Close(e.fd)
	deadline := time.Now().Add(patience)
	fds := []unix.PollFd{{Fd: int32(e.fd), Events: unix.POLLIN}}
	for {
		left := time.Until(deadline)
		n, err := unix.Poll(fds, int(max(left, 0).Milliseconds())+1)
		if err == unix.EINTR && left > 0 {
			continue
		}
		return now(), n == 1
	}
}
