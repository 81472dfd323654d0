package process

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Command is what the leader of a generation is to become.
type Command struct {
	// Path is the file to execute. It is not looked up in PATH; a relative
	// one is taken from Dir.
	Path string
	// Args is the whole argument vector: its first is the name the program
	// goes by.
	Args []string
	// Dir is the working directory; when empty, the bridge's own.
	Dir string
	// Env is the whole environment ("NAME=value", each name once), without
	// what ListenPID and WatchdogPID add.
	Env []string
	// Files are the descriptors it gets. 0, 1 and 2 are the bridge's own
	// where Files does not say otherwise; nothing else is inherited.
	Files []File
	// Group gives it a process group of its own, named by its pid.
	Group bool
	// ListenPID sets LISTEN_PID to its pid, see sd_listen_fds(3).
	ListenPID bool
	// WatchdogPID sets WATCHDOG_PID to its pid, see sd_watchdog_enabled(3).
	WatchdogPID bool
}

// File is one descriptor that is handed over. Its open file description is
// shared and stays as it is: no status flag of it is changed.
type File struct {
	From int // its number in the bridge
	To   int // its number in the child
}

// closed stands in a table for a number that is not to be open.
const closed = ^uintptr(0)

// Fits tells whether RLIMIT_NOFILE lets each descriptor have its number in the
// child, and the trampoline have one above it.
func Fits(files []File) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("cannot read the limit on open descriptors: %w", err)
	}
	for _, f := range files {
		if f.To >= 0 && uint64(f.To)+1 >= limit.Cur {
			return fmt.Errorf("cannot hand over descriptor %d as %d: the limit on open descriptors is %d; choose a number below %d, or raise it (LimitNOFILE=, ulimit -n)",
				f.From, f.To, limit.Cur, limit.Cur-1)
		}
	}
	return nil
}

// table lists the bridge's descriptors by their number in the child.
func (c Command) table() ([]uintptr, error) {
	if err := Fits(c.Files); err != nil {
		return nil, err
	}
	table := []uintptr{0, 1, 2}
	taken := make(map[int]bool, len(c.Files))
	for _, f := range c.Files {
		switch {
		case f.From < 0 || f.To < 0:
			return nil, fmt.Errorf("cannot hand over descriptor %d as %d: a descriptor is not negative", f.From, f.To)
		case taken[f.To]:
			return nil, fmt.Errorf("cannot hand over descriptor %d as %d: that number is taken", f.From, f.To)
		}
		taken[f.To] = true
		for len(table) <= f.To {
			table = append(table, closed)
		}
		table[f.To] = uintptr(f.From)
	}
	return table, nil
}

// pidVariables names the variables that are to hold the child's own pid.
func (c Command) pidVariables() []string {
	var names []string
	if c.ListenPID {
		names = append(names, "LISTEN_PID")
	}
	if c.WatchdogPID {
		names = append(names, "WATCHDOG_PID")
	}
	return names
}
