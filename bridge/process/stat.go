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

// The fields of stat by their number in proc_pid_stat(5).
const (
	statPID     = 1
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
	pid, _, named := bytes.Cut(line, []byte(" ("))
	end := bytes.LastIndexByte(line, ')')
	if !named || end < len(pid) {
		return Process{}, fmt.Errorf("cannot parse process status %q", line)
	}
	fields := make([][]byte, 0, statStart+1)
	fields = append(fields, nil, pid, nil)
	for field := range bytes.FieldsSeq(line[end+1:]) {
		if fields = append(fields, field); len(fields) == cap(fields) {
			return parseFields(fields)
		}
	}
	return Process{}, fmt.Errorf("cannot parse process status %q: it is cut short", line)
}

// parseFields takes the fields by their number, from 1.
func parseFields(fields [][]byte) (Process, error) {
	var failure error
	number := func(field int) int {
		n, err := strconv.Atoi(string(fields[field]))
		failure = cmp.Or(failure, err)
		return n
	}
	start, err := strconv.ParseUint(string(fields[statStart]), 10, 64)
	p := Process{
		PID: number(statPID), Parent: number(statParent), Group: number(statGroup), Session: number(statSession),
		Start: start, State: fields[statState][0], threads: number(statThreads),
	}
	if failure = cmp.Or(failure, err); failure != nil {
		return Process{}, fmt.Errorf("cannot parse process status: %w", failure)
	}
	return p, nil
}

// Stat reads what the kernel says of one process, any on the machine.
func Stat(pid int) (Process, error) { return readStat(pid, nil) }

// Stopped tells whether a process is, by a signal.
func Stopped(pid int) bool {
	p, err := Stat(pid)
	return err == nil && p.State == 'T'
}

// readStat reads one process. Its error tells [gone] when there is none.
func readStat(pid int, buf []byte) (Process, error) {
	line, err := system.readProc(pid, "stat", buf)
	if err != nil {
		return Process{}, fmt.Errorf("cannot read the status of process %d: %w", pid, err)
	}
	return parseStat(line)
}

// gone tells whether err means that the process has ended: before its file in
// /proc was opened, or before that was read.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) }
