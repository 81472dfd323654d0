package ready

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Target is one handed stream socket as the kernel knows it.
type Target struct {
	// Inode is the socket's: the N of "socket:[N]" in /proc/PID/fd.
	Inode uint64
	// Name is what messages call it.
	Name string

	device uint64 // of the inode, as the kernel writes it in fdinfo
	family int    // AF_INET, AF_INET6, AF_UNIX; 0 for those that sock_diag is not asked about
	port   uint16 // of TCP
}

// TargetOf describes the socket behind descriptor fd. The descriptor is only
// read, and not needed afterwards.
func TargetOf(fd int, name string) (Target, error) {
	return kernel.targetOf(fd, name)
}

func (s sys) targetOf(fd int, name string) (Target, error) {
	var stat unix.Stat_t
	if err := s.fstat(fd, &stat); err != nil {
		return Target{}, fmt.Errorf("cannot inspect socket %q: %w", name, err)
	}
	local, err := s.getsockname(fd)
	if err != nil {
		return Target{}, fmt.Errorf("cannot inspect socket %q: %w", name, err)
	}
	t := Target{Inode: stat.Ino, Name: name, device: kernelDevice(stat.Dev)}
	switch local := local.(type) {
	case *unix.SockaddrInet4:
		t.family, t.port = unix.AF_INET, uint16(local.Port)
	case *unix.SockaddrInet6:
		t.family, t.port = unix.AF_INET6, uint16(local.Port)
	case *unix.SockaddrUnix:
		t.family = unix.AF_UNIX
	}
	return t, nil
}

// kernelDevice turns a device number of stat(2) into the kernel's own, which
// is what fdinfo prints as sdev: they differ from minor number 256 on.
func kernelDevice(dev uint64) uint64 {
	return uint64(unix.Major(dev))<<20 | uint64(unix.Minor(dev))
}

// Seen is what one look found. Its maps go from a target's inode to the
// processes, in the order in which they were given.
type Seen struct {
	// Waiting: blocked in accept(2), poll(2) or select(2) on the target, with
	// it in an epoll set that wakes for EPOLLIN, or with a pending accept in
	// an io_uring. It holds the target: an epoll set keeps a socket that its
	// process has closed.
	Waiting map[uint64][]int
	// Connected: holds a connection that was accepted from the target. Looked
	// for only where nobody is seen waiting, as in a saturated server.
	Connected map[uint64][]int
	// ConnectedErr is why connections could not be looked for, or nil.
	ConnectedErr error
	// Unreadable processes may be waiting.
	Unreadable []Unreadable
	// Ring lists processes that hold a target and an io_uring that does not
	// tell whether it waits on it: nothing pending is listed, or only polls,
	// which do not name their descriptor.
	Ring []int
}

// Serving says that somebody waits on the target or holds a connection that
// was accepted from it.
func (s Seen) Serving(t Target) bool {
	return len(s.Waiting[t.Inode]) > 0 || len(s.Connected[t.Inode]) > 0
}

// Look says which of the targets the processes are seen waiting on. Processes
// that end meanwhile are passed over. It reads files of /proc and may take
// milliseconds: it does not belong into a loop that owns state.
func Look(pids []int, targets []Target) Seen {
	return newLook(kernel, targets).look(pids)
}

// look is one pass over some processes.
type look struct {
	sys        sys
	targets    map[uint64]Target // by inode
	holders    map[uint64][]int  // pids by inode of the sockets that are not targets
	unreadable []Unreadable
	buf        []byte // of the file being read
}

func newLook(s sys, targets []Target) *look {
	l := &look{
		sys:     s,
		targets: make(map[uint64]Target, len(targets)),
		holders: make(map[uint64][]int),
		buf:     make([]byte, 8<<10),
	}
	for _, t := range targets {
		l.targets[t.Inode] = t
	}
	return l
}

func (l *look) look(pids []int) Seen {
	seen := Seen{Waiting: make(map[uint64][]int), Connected: make(map[uint64][]int)}
	l.each(pids, func(p *process) {
		if silent := l.wait(p); silent {
			seen.Ring = append(seen.Ring, p.pid)
		}
		for _, inode := range p.seen {
			seen.Waiting[inode] = append(seen.Waiting[inode], p.pid)
		}
	})
	seen.ConnectedErr = l.connected(seen)
	seen.Unreadable = l.unreadable
	return seen
}

// connected fills in seen.Connected.
func (l *look) connected(seen Seen) error {
	idle := make(map[uint64]Target)
	for inode, t := range l.targets {
		if len(seen.Waiting[inode]) == 0 {
			idle[inode] = t
		}
	}
	if len(idle) == 0 || len(l.holders) == 0 {
		return nil
	}
	return l.sys.connections(idle, func(c record, inodes []uint64) {
		for _, inode := range inodes {
			seen.Connected[inode] = union(seen.Connected[inode], l.holders[c.inode])
		}
	})
}

// each opens one process after the other and reads its descriptor table.
func (l *look) each(pids []int, visit func(*process)) {
	for _, pid := range pids {
		p, err := l.open(pid)
		if err != nil {
			l.failed(pid, "", err)
			continue
		}
		if err := l.readTable(p); err != nil {
			l.failed(pid, "fd", err)
		} else if visit != nil {
			visit(p)
		}
		l.sys.close(p.dir)
	}
}
