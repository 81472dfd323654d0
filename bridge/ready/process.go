package ready

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// process is one process and what of its descriptor table matters.
type process struct {
	pid    int
	dir    int             // /proc/PID; stays with this process when the pid is reused
	held   map[int]uint64  // target inodes by descriptor
	unseen map[uint64]bool // inodes of held that it is not seen waiting on
	seen   []uint64        // inodes of held that it is
	epolls []string        // descriptors
	rings  []string        // descriptors
}

// see notes that the process waits on a socket, if that is a target it holds.
func (p *process) see(inode uint64) {
	if p.unseen[inode] {
		delete(p.unseen, inode)
		p.seen = append(p.seen, inode)
	}
}

func (l *look) open(pid int) (*process, error) {
	dir, err := l.sys.openat(unix.AT_FDCWD, "/proc/"+strconv.Itoa(pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return &process{pid: pid, dir: dir, held: make(map[int]uint64), unseen: make(map[uint64]bool)}, nil
}

func (l *look) readTable(p *process) error {
	dir, err := l.sys.openat(p.dir, "fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer l.sys.close(dir)
	names, err := l.names(dir)
	if err != nil {
		return err
	}
	var link [64]byte // longer ones are files
	for _, name := range names {
		n, err := l.sys.readlinkat(dir, name, link[:])
		if vanished(err) {
			continue
		}
		if err != nil {
			return err
		}
		l.sort(p, name, link[:n])
	}
	return nil
}

// sort puts a descriptor where it belongs by what its link says.
func (l *look) sort(p *process, name string, link []byte) {
	switch string(link) {
	case "anon_inode:[eventpoll]":
		p.epolls = append(p.epolls, name)
		return
	case "anon_inode:[io_uring]":
		p.rings = append(p.rings, name)
		return
	}
	inode, ok := socketInode(link)
	if !ok {
		return
	}
	if _, ok := l.targets[inode]; !ok {
		l.holders[inode] = union(l.holders[inode], []int{p.pid})
		return
	}
	if fd, err := strconv.Atoi(name); err == nil {
		p.held[fd], p.unseen[inode] = inode, true
	}
}

// socketInode reads "socket:[N]" (proc(5), /proc/PID/fd).
func socketInode(link []byte) (uint64, bool) {
	link, ok := bytes.CutPrefix(link, []byte("socket:["))
	if !ok {
		return 0, false
	}
	number, ok := bytes.CutSuffix(link, []byte("]"))
	if !ok {
		return 0, false
	}
	inode, err := strconv.ParseUint(string(number), 10, 64)
	return inode, err == nil
}

// names lists an open directory.
func (l *look) names(dir int) ([]string, error) {
	var names []string
	for {
		n, err := l.sys.readDirent(dir, l.buf)
		if err != nil || n == 0 {
			return names, err
		}
		_, _, names = unix.ParseDirent(l.buf[:n], -1, names)
	}
}

// readFile reads a file into l.buf: the result is good until the next read. The
// kernel makes these files in one piece, so a short read is the last.
func (l *look) readFile(dir int, path string) ([]byte, error) {
	fd, err := l.sys.openat(dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer l.sys.close(fd)
	size := 0
	for {
		n, err := l.sys.read(fd, l.buf[size:])
		if err != nil {
			return nil, err
		}
		if size += n; size < len(l.buf) {
			return l.buf[:size], nil
		}
		l.buf = append(l.buf, make([]byte, size)...)
	}
}
