package process

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// trampolineName is the argv[0] that tells a trampoline from the bridge; in the
// manner of systemd's "(sd-pam)", so that no file is called that.
const trampolineName = "(sdbridge trampoline)"

// trampoline is what it is told, in its arguments: the environment that it runs
// in is the child's already.
type trampoline struct {
	status       int    // the status pipe: the first number above what the child gets; or noStatus
	files        []File // to be put in place: with noStatus only, else the fork did it
	pidVariables []string
	dir, path    string
	args         []string
}

// TrampolineMain returns at once unless this invocation is a trampoline; then it
// never does. It goes first in main, before anything opens a descriptor, with
// os.Args and os.Environ().
func TrampolineMain(args, env []string) {
	if len(args) == 0 || args[0] != trampolineName {
		return
	}
	t, err := parseTrampoline(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(64)
	}
	runtime.LockOSThread() // the signal mask is the thread's
	failure := t.launch(env)
	if t.status == noStatus {
		fmt.Fprintln(os.Stderr, "sdbridge:", failure)
	} else {
		unix.Write(t.status, []byte(failure.report())) //nolint:errcheck // then the bridge is gone
	}
	os.Exit(127)
}

// noStatus stands for the status pipe where nobody waits for it, see [Become].
const noStatus = -1

func (t trampoline) argv() []string {
	places := make([]string, len(t.files))
	for i, f := range t.files {
		places[i] = fmt.Sprintf("%d:%d", f.From, f.To)
	}
	return append([]string{
		trampolineName, strconv.Itoa(t.status), strings.Join(places, ","), strings.Join(t.pidVariables, ","), t.dir, t.path,
	}, t.args...)
}

func parseTrampoline(args []string) (trampoline, error) {
	if len(args) < 6 {
		return trampoline{}, errors.New("the trampoline is not to be called by hand: its arguments are missing")
	}
	status, err := strconv.Atoi(args[1])
	if err != nil || status < 3 && status != noStatus {
		return trampoline{}, fmt.Errorf("the trampoline is not to be called by hand: %q is no status pipe", args[1])
	}
	t := trampoline{status: status, dir: args[4], path: args[5], args: args[6:]}
	if args[3] != "" {
		t.pidVariables = strings.Split(args[3], ",")
	}
	t.files, err = parsePlaces(args[2])
	return t, err
}

func parsePlaces(list string) (files []File, err error) {
	for pair := range strings.SplitSeq(list, ",") {
		if pair == "" {
			continue
		}
		var f File
		if _, err := fmt.Sscanf(pair, "%d:%d", &f.From, &f.To); err != nil {
			return nil, fmt.Errorf("the trampoline is not to be called by hand: %q is no place: %w", pair, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// launch becomes the command; it returns only if that fails. Signals come first,
// so that any of them can end it while a file system hangs.
func (t trampoline) launch(env []string) *ExecError {
	resetSignals()
	if err := t.descriptors(); err != nil {
		return failed(OpDescriptors, t.path, err)
	}
	if t.dir != "" {
		if err := unix.Chdir(t.dir); err != nil {
			return failed(OpChdir, t.dir, err)
		}
	}
	for _, name := range t.pidVariables {
		env = append(env, name+"="+strconv.Itoa(unix.Getpid()))
	}
	err := syscall.Exec(t.path, t.args, env)
	if errors.Is(err, unix.ENOENT) && unix.Access(t.path, unix.F_OK) == nil {
		return failed(OpInterpreter, t.path, err)
	}
	return failed(OpExec, t.path, err)
}

func (t trampoline) descriptors() error {
	if t.status == noStatus {
		return place(t.files)
	}
	return closeOnExec(t.status)
}

func failed(op Op, path string, err error) *ExecError {
	e := &ExecError{Op: op, Path: path, Errno: unix.EINVAL} // what no system call said
	errors.As(err, &e.Errno)
	return e
}

// closeOnExec marks every descriptor from first on. Below it there is nothing to
// mark: the fork has closed what the child is not given, and what the Go runtime
// opened since is marked.
//
// close_range knows CLOSE_RANGE_CLOEXEC from Linux 5.11 on; older kernels say
// EINVAL or ENOSYS, older container runtimes EPERM.
func closeOnExec(first int) error {
	if system.closeRange(uint(first), math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return nil
	}
	open, err := numbers("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, fd := range open {
		if fd >= first {
			unix.CloseOnExec(fd) // fails only for the descriptor that listed the others
		}
	}
	return nil
}
