package load

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// isClosed tells that the server closed a kept connection before anything was
// sent: any request may then use another one.
func (c *conn) isClosed() bool {
	closed := true
	c.control(func(fd int) {
		_, _, err := unix.Recvfrom(fd, make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		closed = err != unix.EAGAIN
	})
	return closed
}

// acknowledged is how many bytes the server's kernel has taken over TCP.
func (c *conn) acknowledged() uint64 {
	var n uint64
	c.control(func(fd int) {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = info.Bytes_acked
		}
	})
	return n
}

// tookAll tells, of a connection that was closed without an answer, whether the
// server may have read the request: then its kernel acknowledged all of it first.
// Where the close was on its way already, nothing is acknowledged any more. A Unix
// socket has no such gap: there a request is taken, or cannot be written.
func (c *conn) tookAll(before uint64, length int) bool {
	return c.RemoteAddr().Network() == "unix" || c.acknowledged() >= before+uint64(length)
}

func (c *conn) control(f func(fd int)) {
	raw, err := c.Conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { f(int(fd)) })
}
