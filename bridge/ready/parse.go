package ready

import (
	"bytes"
	"encoding/binary"
	"iter"
	"strconv"

	"golang.org/x/sys/unix"
)

// call is a system call that a thread is blocked in.
type call struct {
	number uint64
	args   [6]uint64
}

// waiting is a way to wait for a descriptor within a system call.
type waiting int

const (
	waitNone   waiting = iota
	waitAccept         // descriptor
	waitPoll           // pollfd array, its length
	waitSelect         // highest descriptor + 1, set for reading
)

// parseCall reads a line of /proc/PID/task/TID/syscall (proc(5)). There is no
// call in "running", nor in "-1 SP PC": blocked elsewhere.
func parseCall(line []byte) (call, bool) {
	fields := bytes.Fields(line)
	if len(fields) != 9 { // number, six arguments, stack pointer, program counter
		return call{}, false
	}
	var numbers [7]uint64
	for i := range numbers {
		n, err := strconv.ParseUint(string(fields[i]), 0, 64)
		if err != nil {
			return call{}, false
		}
		numbers[i] = n
	}
	return call{numbers[0], [6]uint64(numbers[1:])}, true
}

// file is a file as epoll's fdinfo names it.
type file struct{ inode, device uint64 }

// readableInEpoll reads the fdinfo of an epoll descriptor (proc(5)) for the
// files that it waits to read from:
//
//	tfd:        3 events:       19 data:                3  pos:0 ino:80dc sdev:9
//
// The number after tfd may be another file's by now, so it is not used.
func readableInEpoll(fdinfo []byte) iter.Seq[file] {
	return func(yield func(file) bool) {
		for line := range bytes.Lines(fdinfo) {
			if !bytes.HasPrefix(line, []byte("tfd:")) {
				continue
			}
			events, ok1 := hexAfter(line, " events:")
			inode, ok2 := hexAfter(line, " ino:")
			device, ok3 := hexAfter(line, " sdev:")
			if ok1 && ok2 && ok3 && readsFor(events) && !yield(file{inode, device}) {
				return
			}
		}
	}
}

// readsFor takes the events of epoll_ctl(2) or of poll(2), which have the same
// values.
func readsFor(events uint64) bool { return events&(unix.EPOLLIN|unix.EPOLLRDNORM) != 0 }

func hexAfter(line []byte, key string) (uint64, bool) {
	_, rest, ok := bytes.Cut(line, []byte(key))
	if !ok {
		return 0, false
	}
	word, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	n, err := strconv.ParseUint(string(word), 16, 64)
	return n, err == nil
}

// ring is what the fdinfo of an io_uring tells.
type ring int

const (
	ringSilent  ring = iota // no pending request, or one that may be on anything
	ringAccepts             // an accept is pending
	ringOther               // other requests are
)

// Opcodes of io_uring(7), io_uring_enter(2).
const (
	opPollAdd = 6
	opAccept  = 13
)

// pendingInRing reads the PollList of an io_uring's fdinfo, which the kernel
// leaves out while the ring is locked:
//
//	PollList:
//	  op=13, task_works=0
func pendingInRing(fdinfo []byte) ring {
	answer, polls := ringSilent, false
	for line := range bytes.Lines(fdinfo) {
		rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("op="))
		if !ok {
			continue
		}
		number, _, _ := bytes.Cut(rest, []byte(","))
		switch op, err := strconv.Atoi(string(number)); {
		case err != nil:
		case op == opAccept:
			return ringAccepts
		case op == opPollAdd:
			polls = true
		default:
			answer = ringOther
		}
	}
	if polls {
		return ringSilent
	}
	return answer
}

// pollfdSize is that of struct pollfd { int fd; short events, revents; }.
const pollfdSize = 8

func readableInPoll(array []byte) []int {
	var fds []int
	for ; len(array) >= pollfdSize; array = array[pollfdSize:] {
		if readsFor(uint64(binary.NativeEndian.Uint16(array[4:]))) {
			fds = append(fds, int(int32(binary.NativeEndian.Uint32(array))))
		}
	}
	return fds
}

// bitsInSet lists the descriptors of an fd_set. It relies on little endian, as
// all of calls_*.go are: there the kernel's words are a string of bytes.
func bitsInSet(set []byte) []int {
	var fds []int
	for i, b := range set {
		for bit := range 8 {
			if b&(1<<bit) != 0 {
				fds = append(fds, i*8+bit)
			}
		}
	}
	return fds
}
