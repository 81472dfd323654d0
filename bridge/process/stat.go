package process

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"golang.org/x/sys/unix"
)

// Process is one process as /proc/PID/stat shows it, see proc_pid_stat(5). PID
// and Start name it for good: a pid can be reused, but not within one tick.
type Process struct {
	PID     int
	Parent  int
	Group   int
	Session int
	Start   uint64 // clock ticks after boot
	State   byte   // 'R', 'S', 'D', 'Z', …
	threads int
}

// dead tells whether it is a zombie. One whose first thread has ended shows as Z
// too while its other threads run.
func (p Process) dead() bool { return (p.State == 'Z' || p.State == 'X') && p.threads <= 1 }

// statSize has room for a stat line, and more to see its end.
const statSize = 2048

// The fields of stat after the name, by their number in proc_pid_stat(5).
const (
	statState   = 3
	statParent  = 4
	statGroup   = 5
	statSession = 6
	statThreads = 20
	statStart   = 22
)

// parseStat reads a stat line. The name in it is in parentheses and can hold
// blanks and parentheses itself: it ends at the last one.
func parseStat(line []byte) (Process, error) {
	head, _, _ := bytes.Cut(line, []byte(" ("))
	end := bytes.LastIndexByte(line, ')')
	if end < len(head) {
		return Process{}, fmt.Errorf("cannot parse process status %q", line)
	}
	var (
		p     Process
		err   error
		field = statState
	)
	number := func(text []byte) int {
		n, e := strconv.Atoi(string(text))
		err = cmp.Or(err, e)
		return n
	}
	p.PID = number(head)
	for text := range bytes.FieldsSeq(line[end+1:]) {
		switch field {
		case statState:
			p.State = text[0]
		case statParent:
			p.Parent = number(text)
		case statGroup:
			p.Group = number(text)
		case statSession:
			p.Session = number(text)
		case statThreads:
			p.threads = number(text)
		case statStart:
			start, e := strconv.ParseUint(string(text), 10, 64)
			p.Start = start
			if e = cmp.Or(err, e); e != nil {
				return Process{}, fmt.Errorf("cannot parse process status %q: %w", line, e)
			}
			return p, nil
		}
		field++
	}
	return Process{}, fmt.Errorf("cannot parse process status %q: it is cut short", line)
}

// readStat reads one process. An error that is fs.ErrNotExist means that it is
// gone.
func readStat(pid int, buf []byte) (Process, error) {
	line, err := system.readProc(pid, "stat", buf)
	if errors.Is(err, unix.ESRCH) { // it ended between open and read
		err = fs.ErrNotExist
	}
	if err != nil {
		return Process{}, fmt.Errorf("cannot read the status of process %d: %w", pid, err)
	}
	return parseStat(line)
}

// readTable reads every process that can be seen. What is hidden (hidepid,
// ProtectProc=) is left out; any other error is one, lest a generation be taken
// for empty because there was no descriptor left to look with.
func readTable() (map[int]Process, error) {
	pids, err := system.pids()
	if err != nil {
		return nil, fmt.Errorf("cannot list processes: %w", err)
	}
	table := make(map[int]Process, len(pids))
	if err := readInto(table, pids); err != nil {
		return nil, err
	}
	// Where a parent ended after its child was read, the child has another now.
	var again []int
	for pid, p := range table {
		if _, ok := table[p.Parent]; !ok && p.Parent != 0 {
			again = append(again, pid)
		}
	}
	return table, readInto(table, again)
}

func readInto(table map[int]Process, pids []int) error {
	buf := make([]byte, statSize)
	for _, pid := range pids {
		p, err := readStat(pid, buf)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			delete(table, pid)
		case errors.Is(err, fs.ErrPermission):
		case err != nil:
			return err
		default:
			table[pid] = p
		}
	}
	return nil
}
