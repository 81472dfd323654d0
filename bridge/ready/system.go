package ready

import "golang.org/x/sys/unix"

// sys is what this package asks the system for.
type sys struct {
	fstat       func(fd int, stat *unix.Stat_t) error
	getsockname func(fd int) (unix.Sockaddr, error)
	openat      func(dir int, path string, flags int, mode uint32) (int, error)
	read        func(fd int, p []byte) (int, error)
	pread       func(fd int, p []byte, offset int64) (int, error)
	readDirent  func(fd int, p []byte) (int, error)
	readlinkat  func(dir int, path string, p []byte) (int, error)
	close       func(fd int) // of what was only read from
	kill        func(pid int, sig unix.Signal) error
	socket      func(domain, typ, proto int) (int, error)
	sendto      func(fd int, p []byte, flags int, to unix.Sockaddr) error
	recvfrom    func(fd int, p []byte, flags int) (int, unix.Sockaddr, error)

	getrandom     func(p []byte, flags int) (int, error)
	mkdir         func(path string, mode uint32) error
	chmod         func(path string, mode uint32) error
	unlink        func(path string) error
	setsockoptInt func(fd, level, opt, value int) error
	bind          func(fd int, addr unix.Sockaddr) error
	poll          func(fds []unix.PollFd, timeout int) (int, error)
	recvmsg       func(fd int, p, oob []byte, flags int) (n, oobn, recvflags int, from unix.Sockaddr, err error)
	shutdown      func(fd, how int) error
}

var kernel = sys{
	fstat:       unix.Fstat,
	getsockname: unix.Getsockname,
	openat:      unix.Openat,
	read:        unix.Read,
	pread:       unix.Pread,
	readDirent:  unix.ReadDirent,
	readlinkat:  unix.Readlinkat,
	close:       func(fd int) { _ = unix.Close(fd) },
	kill:        unix.Kill,
	socket:      unix.Socket,
	sendto:      unix.Sendto,
	recvfrom:    unix.Recvfrom,

	getrandom:     unix.Getrandom,
	mkdir:         unix.Mkdir,
	chmod:         unix.Chmod,
	unlink:        unix.Unlink,
	setsockoptInt: unix.SetsockoptInt,
	bind:          unix.Bind,
	poll:          unix.Poll,
	recvmsg:       unix.Recvmsg,
	shutdown:      unix.Shutdown,
}
