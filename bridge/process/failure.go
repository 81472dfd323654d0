package process

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Op is the step that failed between fork and the command.
type Op string

// The steps, in their order.
const (
	OpDescriptors Op = "descriptors" // descriptors that it must not get could not be marked close-on-exec
	OpChdir       Op = "chdir"       // its directory could not be entered
	OpInterpreter Op = "interpreter" // the file is there, what its #! line or ELF header names is not
	OpExec        Op = "exec"        // it could not be executed
)

// ExecError says why a process did not become its command. It unwraps to its
// Errno, so that errors.Is(err, fs.ErrNotExist) tells what is not there.
type ExecError struct {
	Op    Op
	Path  string // the directory for OpChdir, else the command
	Errno unix.Errno
}

func (e *ExecError) Error() string {
	switch e.Op {
	case OpDescriptors:
		return fmt.Sprintf("cannot close the bridge's descriptors for %q: %v", e.Path, e.Errno)
	case OpChdir:
		return fmt.Sprintf("cannot change to directory %q: %v", e.Path, e.Errno)
	case OpInterpreter:
		return fmt.Sprintf("cannot execute %q: the interpreter that it names is not there", e.Path)
	case OpExec:
	}
	return fmt.Sprintf("cannot execute %q: %v", e.Path, e.Errno)
}

func (e *ExecError) Unwrap() error { return e.Errno }

// report is the failure as it goes over the status pipe: "exec 2".
func (e *ExecError) report() string { return fmt.Sprintf("%s %d", e.Op, int(e.Errno)) }

// parseFailure reads a report about c.
func parseFailure(report string, c Command) error {
	op, number, _ := strings.Cut(report, " ")
	errno, err := strconv.ParseUint(number, 10, 12)
	e := &ExecError{Op: Op(op), Path: c.Path, Errno: unix.Errno(errno)}
	switch e.Op {
	case OpChdir:
		e.Path = c.Dir
	case OpDescriptors, OpInterpreter, OpExec:
	default:
		err = strconv.ErrSyntax
	}
	if err != nil {
		return fmt.Errorf("cannot learn whether %q was started: its report is %q", c.Path, report)
	}
	return e
}
