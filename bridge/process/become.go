package process

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Become makes this very process the command: nothing stays behind, and the pid
// is the one that it had. It returns only if that fails at once; what fails later
// is said on stderr, with exit status 127.
//
// The descriptors are put in their places by a trampoline, a fresh image of this
// program: here, the Go runtime may have its own at the numbers that are wanted.
func Become(c Command) error {
	table, err := c.table()
	if err != nil {
		return err
	}
	t := trampoline{
		status: noStatus, pidVariables: c.pidVariables(),
		dir: c.Dir, path: c.Path, args: c.Args,
	}
	for _, f := range c.Files {
		above, err := unix.FcntlInt(uintptr(f.From), unix.F_DUPFD, len(table))
		if err != nil {
			return fmt.Errorf("cannot hand over descriptor %d as %d: %w", f.From, f.To, err)
		}
		t.files = append(t.files, File{From: above, To: f.To})
	}
	return fmt.Errorf("cannot run sdbridge again: %w", syscall.Exec("/proc/self/exe", t.argv(), c.Env))
}

// place puts the descriptors in their places and marks all others close-on-exec.
func place(files []File) error {
	first := firstAbove
	wanted := map[int]bool{}
	for _, f := range files {
		if err := unix.Dup3(f.From, f.To, 0); err != nil {
			return err
		}
		wanted[f.To] = true
		first = max(first, f.To+1)
	}
	for fd := firstAbove; fd < first; fd++ {
		if !wanted[fd] {
			unix.CloseOnExec(fd) // fails where nothing is open
		}
	}
	return closeOnExec(first)
}

// firstAbove is the first descriptor above the three standard ones.
const firstAbove = 3
