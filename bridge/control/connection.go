package control

import (
	"bytes"
	"errors"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// maxMessage is the longest call, in bytes; the real ones have about 100.
	maxMessage = 64 << 10
	// idle is how long a call may take to come, the next one as well.
	idle = time.Minute
	// patience is how long a caller may take to read an answer.
	patience = 10 * time.Second
)

var errTooLong = errors.New("the call is too long")

// connection is a caller's, with limits. The varlink library does not see the
// net.UnixConn in it, so it takes no descriptors from callers.
type connection struct {
	*net.UnixConn

	sys     sys
	trusted bool // root, or the bridge's own user
	begun   int  // bytes of a call that has not wholly come
}

// newConnection looks who calls, by SO_PEERCRED, unix(7).
func newConnection(s sys, c *net.UnixConn) (*connection, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var who *unix.Ucred
	if e := raw.Control(func(fd uintptr) {
		who, err = s.credentials(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); e != nil || err != nil {
		return nil, errors.Join(e, err)
	}
	return &connection{UnixConn: c, sys: s, trusted: who.Uid == 0 || who.Uid == uint32(s.geteuid())}, nil
}

// Read gives the whole of a call one time limit, so that a byte now and then
// does not prolong it.
func (c *connection) Read(p []byte) (int, error) {
	if c.begun == 0 {
		if err := c.SetReadDeadline(time.Now().Add(idle)); err != nil {
			return 0, err
		}
	}
	n, err := c.UnixConn.Read(p)
	if end := bytes.LastIndexByte(p[:n], 0); end >= 0 {
		c.begun = n - end - 1
	} else {
		c.begun += n
	}
	if c.begun > maxMessage {
		return n, errTooLong
	}
	return n, err
}

func (c *connection) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	return c.UnixConn.Write(p)
}

// watch tells when the caller hangs up, or the server closes, while a call is
// answered: nobody reads meanwhile. It has to be stopped before somebody does.
func (c *connection) watch() (gone <-chan struct{}, stop func()) {
	hangup, done := make(chan struct{}), make(chan struct{})
	_ = c.SetReadDeadline(time.Time{})
	go func() {
		defer close(done)
		if c.hungUp() {
			close(hangup)
		}
	}()
	return hangup, func() {
		_ = c.SetReadDeadline(time.Unix(1, 0))
		<-done
		_ = c.SetReadDeadline(time.Now().Add(idle))
	}
}

// hungUp waits until there is something to read, and leaves it there.
func (c *connection) hungUp() (gone bool) {
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	var p [1]byte
	_ = raw.Read(func(fd uintptr) bool {
		n, _, err := c.sys.peek(int(fd), p[:], unix.MSG_PEEK)
		gone = n == 0 || (err != nil && !errors.Is(err, unix.EAGAIN))
		return !errors.Is(err, unix.EAGAIN)
	})
	return gone
}
