package ready

import (
	"errors"

	"golang.org/x/sys/unix"
)

// read is the goroutine of a Notify.
func (n *Notify) read() {
	defer close(n.done)
	defer n.release()
	fds := []unix.PollFd{{Fd: int32(n.fd), Events: unix.POLLIN}}
	for n.receiveAll() {
		if _, err := n.sys.poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

func (n *Notify) release() {
	n.reading.Lock()
	defer n.reading.Unlock()
	n.closed.Store(true)
	close(n.changed)
	n.sys.close(n.fd)
	if n.path != "" {
		_ = n.sys.unlink(n.path)
	}
}

// queueLength is more than the kernel keeps for a socket
// (net.unix.max_dgram_qlen), so that one pass sees all that was sent before it.
const queueLength = 1 << 12

// receiveAll takes what has come up to now; false means that there will be no
// more. Whoever calls it sees the datagrams in order, the reader or the watch.
func (n *Notify) receiveAll() bool {
	n.reading.Lock()
	defer n.reading.Unlock()
	for range queueLength {
		if n.closed.Load() {
			return false
		}
		err := n.receive()
		if errors.Is(err, unix.EAGAIN) {
			return true
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return false
		}
	}
	return true
}

// receive has room for the credentials only: the kernel then closes whatever
// descriptors come along, which is also the answer that BARRIER=1 waits for
// (sd_notify_barrier(3)).
func (n *Notify) receive() error {
	size, controlSize, flags, _, err := n.sys.recvmsg(n.fd, n.datagram[:], n.control, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return err
	}
	uid, ok := senderOf(n.control[:controlSize])
	if ok && flags&unix.MSG_TRUNC == 0 && n.users.accept(uid) {
		n.heard(parseMessage(n.datagram[:size]))
	}
	return nil
}

func senderOf(control []byte) (uid uint32, ok bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) == 0 {
		return 0, false
	}
	credentials, err := unix.ParseUnixCredentials(&messages[0])
	if err != nil {
		return 0, false
	}
	return credentials.Uid, true
}
