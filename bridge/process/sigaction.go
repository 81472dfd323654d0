package process

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is the kernel's struct, or larger where that has no restorer. The
// handler comes first everywhere but on mips, and default is all zero.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     [2]uint64
}

const (
	signals   = 64 // of the kernel: 1 to 64
	sigIgnore = 1
)

// resetSignals gives the process what a service finds under systemd: SIGPIPE
// ignored, all else default, nothing blocked. os/signal cannot: it does not
// undo an ignored signal that was inherited (nohup, a shell's "&"). A signal
// that was pending ends the process here.
func resetSignals() {
	for sig := 1; sig <= signals; sig++ {
		action := sigaction{}
		if sig == int(unix.SIGPIPE) {
			action.handler = sigIgnore
		}
		// KILL and STOP say EINVAL.
		unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, signals/8, 0, 0) //nolint:errcheck
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil) //nolint:errcheck // fails for a bad address only
}
