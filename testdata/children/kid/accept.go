package main

import (
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wake interrupts a blocked accept. Nobody else sends this real-time signal.
const wake = syscall.Signal(40)

// blockingListener waits in accept(2), as a prefork server does, and leaves the
// socket's flags as it found them. Where another process made the socket
// nonblocking, it waits in poll(2) instead of failing.
type blockingListener struct {
	fd     int
	thread atomic.Int64
	closed atomic.Bool
	left   chan struct{}
}

func newBlockingListener(fd int) (*blockingListener, error) {
	signal.Notify(make(chan os.Signal, 1), wake)
	if err := interruptSystemCalls(wake); err != nil {
		return nil, err
	}
	return &blockingListener{fd: fd, left: make(chan struct{})}, nil
}

// Accept is called by one goroutine, until it fails.
func (l *blockingListener) Accept() (net.Conn, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	l.thread.Store(int64(unix.Gettid()))
	for !l.closed.Load() {
		fd, _, err := unix.Accept4(l.fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
		switch err {
		case nil:
			return fileConn(fd)
		case unix.EAGAIN:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}, -1)
		case unix.EINTR, unix.ECONNABORTED:
		default:
			time.Sleep(10 * time.Millisecond) // shut down by somebody: the bridge may heal it
		}
	}
	close(l.left)
	return nil, net.ErrClosed
}

// Close returns when accept is not waited in any more. The wake is repeated
// because one that comes just before the system call is lost.
func (l *blockingListener) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	for {
		_ = unix.Tgkill(os.Getpid(), int(l.thread.Load()), wake)
		select {
		case <-l.left:
			return nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Addr is asked by nobody but the interface.
func (l *blockingListener) Addr() net.Addr { return &net.UnixAddr{} }

func fileConn(fd int) (net.Conn, error) {
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close()
	return net.FileConn(file)
}

// interruptSystemCalls takes SA_RESTART from Go's handler of sig (sigaction(2)).
func interruptSystemCalls(sig syscall.Signal) error {
	var action struct{ handler, flags, restorer, mask uintptr }
	const maskSize, restart = 8, 0x10000000
	_, _, errno := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(&action)), maskSize, 0, 0)
	if errno != 0 {
		return errno
	}
	action.flags &^= restart
	_, _, errno = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}
