package ready

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// handed is the descriptor of the first socket that a child gets.
const handed = 3

// childModes are what a child does with its socket. Those that return print
// "ready" then, and stay.
var childModes = map[string]func() error{
	"accept":     func() error { return acceptAll(handed) },
	"accept4":    accept4,
	"ppoll":      func() error { return blocked(unix.SYS_PPOLL, pollfdOf(unix.POLLIN), 1, 0) },
	"ppoll-out":  func() error { return inBackground(unix.SYS_PPOLL, pollfdOf(unix.POLLPRI), 1, 0) },
	"pselect6":   func() error { return blocked(unix.SYS_PSELECT6, handed+1, setOf(handed), 0) },
	"epoll":      func() error { return epollOn(unix.EPOLLIN) },
	"epoll-hup":  func() error { return epollOn(unix.EPOLLRDHUP) },
	"epoll-gone": epollGone,
	"nested":     nested,
	"holds":      func() error { return nil },
	"master":     master,
	"busy":       busy,
	"elsewhere":  elsewhere,
	"uring":      func() error { return uring(opAccept, 0) },
	"uring-poll": func() error { return uring(opPollAdd, unix.POLLIN) },
	"uring-idle": func() error { _, err := newRing(); return err },
	"stranger":   stranger,
	"says":       says,
}

const nobody = 65534

// workers are children of a child, which waits for them before it ends.
var workers = make(chan *exec.Cmd, 1)

// runChild never returns. It ends when standard input does.
func runChild(mode string) {
	run, ok := childModes[mode]
	if !ok {
		fail(mode, errors.New("no such mode"))
	}
	go func() {
		if err := run(); err != nil {
			fail(mode, err)
		}
		fmt.Println("ready")
	}()
	io.Copy(io.Discard, os.Stdin)
	select {
	case worker := <-workers:
		worker.Wait()
	default:
	}
	os.Exit(0)
}

func fail(mode string, err error) {
	fmt.Fprintf(os.Stderr, "child %s: %v\n", mode, err)
	os.Exit(1)
}

func acceptAll(fd int) error {
	for {
		if _, _, err := unix.Accept(fd); err != nil {
			return err
		}
	}
}

func accept4() error {
	_, _, err := unix.Accept4(handed, unix.SOCK_CLOEXEC)
	return err
}

func pollfdOf(events int16) uintptr {
	fds := []unix.PollFd{{Fd: -1, Events: events}, {Fd: handed, Events: events}}
	return addressOf(&fds[1])
}

func setOf(fd int) uintptr {
	var set unix.FdSet
	set.Set(fd)
	return addressOf(&set)
}

// kept holds on to what the kernel is told the address of.
var kept []any

func addressOf[T any](p *T) uintptr {
	kept = append(kept, p)
	return uintptr(unsafe.Pointer(p))
}

// blocked makes a system call that does not return before it has to.
func blocked(number uintptr, args ...uintptr) error {
	var all [6]uintptr
	copy(all[:], args)
	for {
		_, _, errno := unix.Syscall6(number, all[0], all[1], all[2], all[3], all[4], all[5])
		if errno != 0 && errno != unix.EINTR {
			return errno
		}
	}
}

func inBackground(number uintptr, args ...uintptr) error {
	go blocked(number, args...)
	return nil
}

func newEpoll(fd int, events uint32) (int, error) {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return 0, err
	}
	return set, unix.EpollCtl(set, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

func epollOn(events uint32) error {
	_, err := newEpoll(handed, events)
	return err
}

// epollGone closes its socket, which an epoll set does not forget for that:
// others have it open.
func epollGone() error {
	if err := epollOn(unix.EPOLLIN); err != nil {
		return err
	}
	return unix.Close(handed)
}

func nested() error {
	inner, err := newEpoll(handed, unix.EPOLLIN)
	if err != nil {
		return err
	}
	_, err = newEpoll(inner, unix.EPOLLIN)
	return err
}

// master leaves accepting to a worker, whose pid it prints.
func master() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	worker := exec.Command(self)
	worker.Env = append(os.Environ(), childVariable+"=epoll")
	worker.Stdin = os.Stdin
	worker.ExtraFiles = []*os.File{os.NewFile(handed, "socket")}
	if err := worker.Start(); err != nil {
		return err
	}
	workers <- worker
	fmt.Println(worker.Process.Pid)
	return nil
}

// busy takes one connection and waits for nothing else.
func busy() error {
	_, _, err := unix.Accept(handed)
	return err
}

// elsewhere leaves its socket alone and accepts on one of its own.
func elsewhere() error {
	own, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	err = errors.Join(unix.Bind(own, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(own, 1))
	if err != nil {
		return err
	}
	local, err := unix.Getsockname(own)
	if err != nil {
		return err
	}
	fmt.Println(local.(*unix.SockaddrInet4).Port)
	go acceptAll(own)
	return nil
}

// uring leaves one request pending on the socket.
func uring(opcode byte, argument uint32) error {
	r, err := newRing()
	if err != nil {
		return err
	}
	return r.submit(opcode, argument)
}

// An ioRing is the submission side of an io_uring(7).
type ioRing struct {
	fd         int
	ring, sqes []byte
	tail       uint32 // offset of the tail in ring
}

// newRing prints an error instead of failing with it: not every kernel lets one
// have an io_uring.
func newRing() (ioRing, error) {
	const (
		paramsSize, sqesOffset      = 120, 0x10000000
		tailField, arrayField, size = 44, 64, 4096
	)
	params := make([]byte, paramsSize)
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params[0])), 0)
	if errno != 0 {
		fmt.Println(errno)
		return ioRing{}, errno
	}
	fmt.Println("io_uring")
	ring, err := unix.Mmap(int(fd), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return ioRing{}, err
	}
	sqes, err := unix.Mmap(int(fd), sqesOffset, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	tail := binary.NativeEndian.Uint32(params[tailField:])
	binary.NativeEndian.PutUint32(ring[binary.NativeEndian.Uint32(params[arrayField:]):], 0)
	return ioRing{int(fd), ring, sqes, tail}, err
}

func (r ioRing) submit(opcode byte, argument uint32) error {
	r.sqes[0] = opcode
	binary.NativeEndian.PutUint32(r.sqes[4:], handed)
	binary.NativeEndian.PutUint32(r.sqes[28:], argument)
	binary.NativeEndian.PutUint32(r.ring[r.tail:], 1)
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), 1, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// stranger is another user that looks at its parent, and at a zombie of its
// own, and prints what it could not read.
func stranger() error {
	if err := unix.Setuid(nobody); err != nil {
		return err
	}
	target, err := TargetOf(handed, "test")
	if err != nil {
		return err
	}
	for _, u := range Look([]int{os.Getppid()}, []Target{target}).Unreadable {
		fmt.Println(u)
	}
	zombie := exec.Command("true")
	if err := zombie.Start(); err != nil {
		return err
	}
	workers <- zombie
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, zombie.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		return err
	}
	fmt.Println(strconv.Itoa(len(Look([]int{zombie.Process.Pid}, []Target{target}).Unreadable)))
	return nil
}

// says is another user that says READY=1.
func says() error {
	if err := unix.Setuid(nobody); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return unix.Sendto(fd, []byte("READY=1"), 0, &unix.SockaddrUnix{Name: os.Getenv("NOTIFY_SOCKET")})
}
