package starter

import (
	"cmp"
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Log is where a --log-file leads.
type Log struct {
	FD  int // close-on-exec; for Redirect
	PID int // of the command behind a pipe, which the caller reaps; 0 for a file
}

// OpenLog opens spec: a file to append to, or, behind a "|" that may stand
// between blanks, a command that /bin/sh runs with env and with the log as its
// stdin.
func OpenLog(spec string, env []string) (Log, error) {
	const blanks = " \t\n\r\f"
	command, isPipe := strings.CutPrefix(strings.TrimLeft(spec, blanks), "|")
	if isPipe {
		return pipeLog(strings.TrimLeft(command, blanks), env)
	}
	fd, err := kernel.openFile(spec, unix.O_WRONLY|unix.O_CREAT|unix.O_APPEND)
	if err != nil {
		return Log{}, fmt.Errorf("cannot open log file %q: %w", spec, err)
	}
	return Log{FD: fd}, nil
}

func pipeLog(command string, env []string) (Log, error) {
	var p [2]int
	if err := kernel.pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return Log{}, fmt.Errorf("cannot make a pipe for log command %q: %w", command, err)
	}
	pid, err := kernel.forkExec("/bin/sh", []string{"sh", "-c", command}, &syscall.ProcAttr{
		Env:   env,
		Files: []uintptr{uintptr(p[0]), 1, 2},
	})
	_ = kernel.close(p[0])
	if err != nil {
		_ = kernel.close(p[1])
		return Log{}, fmt.Errorf("cannot run log command %q: %w", command, err)
	}
	return Log{FD: p[1], PID: pid}, nil
}

// Redirect puts the log at descriptors 1 and 2 and closes its own. Behind a
// pipe, a write after the command's end kills a Go program that has not called
// signal.Ignore(syscall.SIGPIPE).
func (l Log) Redirect() error {
	err := cmp.Or(kernel.dup3(l.FD, 1, 0), kernel.dup3(l.FD, 2, 0))
	if err != nil {
		return fmt.Errorf("cannot redirect stdout and stderr to the log: %w", err)
	}
	return kernel.close(l.FD)
}
