package control

import "golang.org/x/sys/unix"

// sys is what this package asks the system for.
type sys struct {
	open        func(path string, flags int, mode uint32) (int, error)
	close       func(fd int) error
	flock       func(fd, how int) error
	lstat       func(path string, st *unix.Stat_t) error
	unlink      func(path string) error
	fchmod      func(fd int, mode uint32) error
	chmod       func(path string, mode uint32) error
	lchown      func(path string, uid, gid int) error
	credentials func(fd, level, opt int) (*unix.Ucred, error)
	peek        func(fd int, p []byte, flags int) (int, unix.Sockaddr, error)
	geteuid     func() int
}

var kernel = sys{
	open:        unix.Open,
	close:       unix.Close,
	flock:       unix.Flock,
	lstat:       unix.Lstat,
	unlink:      unix.Unlink,
	fchmod:      unix.Fchmod,
	chmod:       unix.Chmod,
	lchown:      unix.Lchown,
	credentials: unix.GetsockoptUcred,
	peek:        unix.Recvfrom,
	geteuid:     unix.Geteuid,
}
