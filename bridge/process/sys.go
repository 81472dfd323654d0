package process

import (
	"os"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// sys is the calls of the system, so that a test can make each fail. What the
// trampoline does cannot be undone: that is tested by failing for real.
type sys struct {
	pipe       func(p []int, flags int) error
	forkExec   func(path string, args []string, attr *syscall.ProcAttr) (int, error)
	closeRange func(first, last, flags uint) error
	waitid     func(idType, id int, info *unix.Siginfo, options int, rusage *unix.Rusage) error
	wait4      func(pid int, status *unix.WaitStatus, options int, rusage *unix.Rusage) (int, error)
	kill       func(pid int, sig unix.Signal) error
	pidfdOpen  func(pid, flags int) (int, error)
	pidfdSend  func(fd int, sig unix.Signal, info *unix.Siginfo, flags int) error
	pids       func() ([]int, error)
	threads    func(pid int) ([]int, error)
	readProc   func(pid int, name string, buf []byte) ([]byte, error)
}

var system = sys{
	pipe:       unix.Pipe2,
	forkExec:   syscall.ForkExec,
	closeRange: unix.CloseRange,
	waitid:     unix.Waitid,
	wait4:      unix.Wait4,
	kill:       unix.Kill,
	pidfdOpen:  unix.PidfdOpen,
	pidfdSend:  unix.PidfdSendSignal,
	pids:       pids,
	threads:    threads,
	readProc:   readProc,
}

// pids lists the processes in /proc.
func pids() ([]int, error) { return numbers("/proc") }

// threads lists those of a process.
func threads(pid int) ([]int, error) { return numbers("/proc/" + strconv.Itoa(pid) + "/task") }

// numbers lists the entries of a directory that are numbers.
func numbers(dir string) ([]int, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	found := make([]int, 0, len(names))
	for _, name := range names {
		if n, err := strconv.Atoi(name); err == nil {
			found = append(found, n)
		}
	}
	return found, nil
}

// readProc reads /proc/PID/name, into buf where that has the room.
func readProc(pid int, name string, buf []byte) ([]byte, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open("/proc/"+strconv.Itoa(pid)+"/"+name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return readAll(fd, buf)
}

// maxRead is as large as an environment can get under the usual stack limit.
// What is longer is cut: prctl(PR_SET_MM) lets a process make its own endless.
const maxRead = 2 << 20

// readAll reads fd to the end, into buf where that has the room.
func readAll(fd int, buf []byte) ([]byte, error) {
	buf = buf[:0]
	for len(buf) < maxRead {
		buf = slices.Grow(buf, 512)
		n, err := ignoringEINTR(func() (int, error) { return unix.Read(fd, buf[len(buf):cap(buf)]) })
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break
		}
		buf = buf[:len(buf)+n]
	}
	return buf, nil
}

func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR { //nolint:errorlint // straight from the system call
			return n, err
		}
	}
}
