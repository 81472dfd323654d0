package process

import (
	"fmt"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Started is a process that was spawned.
type Started struct {
	// PID is the leader's. It stays the same through the trampoline's exec.
	PID int

	command Command
	status  int // read end of the pipe that the trampoline reports failure on
}

// Spawn forks and returns as soon as the trampoline runs; [Started.Launched]
// tells what became of it, and must be called, once. An error means that there
// is no process. It does not touch Path or Dir, and is safe to call from several
// goroutines. Whoever reaps meanwhile can meet a pid that Spawn has not returned
// yet.
func Spawn(c Command) (*Started, error) {
	table, err := c.table()
	if err != nil {
		return nil, err
	}
	var pipe [2]int
	if err := system.pipe(pipe[:], unix.O_CLOEXEC); err != nil {
		return nil, fmt.Errorf("cannot make a pipe to start %q: %w", c.Path, err)
	}
	defer unix.Close(pipe[1])
	t := trampoline{
		status:       len(table), // above all that the child gets
		pidVariables: c.pidVariables(),
		dir:          c.Dir, path: c.Path, args: c.Args,
	}
	pid, err := forkBlocked(t.argv(), &syscall.ProcAttr{
		Env:   c.Env,
		Files: append(table, uintptr(pipe[1])),
		Sys:   &syscall.SysProcAttr{Setpgid: c.Group},
	})
	if err != nil {
		unix.Close(pipe[0])
		return nil, fmt.Errorf("cannot fork to start %q: %w", c.Path, err)
	}
	return &Started{PID: pid, command: c, status: pipe[0]}, nil
}

// forkBlocked starts the trampoline with every signal blocked. One that comes
// before the trampoline has made it default stays pending until then: the Go
// runtime would swallow USR1. It unblocks those by which Go programs end; it
// dies of TERM, and of HUP and INT unless they are ignored here, which the
// bridge prevents by handling them. To QUIT it answers, in its first
// milliseconds, with a stack dump and exit 2.
//
// /proc/self/exe is opened by the kernel, not looked up by name: it is the
// running binary even after that was replaced or deleted.
func forkBlocked(args []string, attr *syscall.ProcAttr) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, before unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before); err != nil {
		return 0, err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) //nolint:errcheck // the mask it had
	return system.forkExec("/proc/self/exe", args, attr)
}

// Launched blocks until the process has become the command, and returns nil, or
// until that failed, and returns an [*ExecError]; the process then exits 127. It
// returns nil as well when a signal ended the process before it came to that:
// its [Exit] says so. It can take as long as the file system of Path or Dir.
func (s *Started) Launched() error {
	defer unix.Close(s.status)
	report, err := readAll(s.status, nil)
	if err != nil {
		return fmt.Errorf("cannot learn whether %q was started: %w", s.command.Path, err)
	}
	if len(report) == 0 {
		return nil // the pipe was closed by the exec
	}
	return parseFailure(string(report), s.command)
}
