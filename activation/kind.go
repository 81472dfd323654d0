package activation

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Kind is what a descriptor refers to.
type Kind int

// The kinds that systemd.socket(5) and the descriptor store can hand over.
const (
	Unknown Kind = iota // not inspected, or none of the kinds below
	TCP                 // Multipath TCP too
	UDP
	UnixStream
	UnixDatagram
	UnixSeqpacket
	Vsock // of any type
	Netlink
	FIFO         // named or a pipe
	MessageQueue // POSIX, mq_overview(7)
	Special      // character device
	File         // regular file, memfd
	OtherSocket  // of another family, type or protocol
)

var kindNames = [...]string{
	Unknown:       "unknown",
	TCP:           "tcp",
	UDP:           "udp",
	UnixStream:    "unix",
	UnixDatagram:  "unix-datagram",
	UnixSeqpacket: "unix-seqpacket",
	Vsock:         "vsock",
	Netlink:       "netlink",
	FIFO:          "fifo",
	MessageQueue:  "message-queue",
	Special:       "character-device",
	File:          "file",
	OtherSocket:   "socket",
}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("Kind(%d)", int(k))
	}
	return kindNames[k]
}

// Stream tells whether clients connect to this kind and a child accepts them,
// in a way that both conventions can announce.
func (k Kind) Stream() bool { return k == TCP || k == UnixStream }

// Socket tells whether the kind is a socket, of whatever family.
func (k Kind) Socket() bool {
	switch k {
	case TCP, UDP, UnixStream, UnixDatagram, UnixSeqpacket, Vsock, Netlink, OtherSocket:
		return true
	default:
		return false
	}
}

func socketKind(domain, typ, protocol int) Kind {
	switch domain {
	case unix.AF_INET, unix.AF_INET6:
		return inetKind(typ, protocol)
	case unix.AF_UNIX:
		return unixKind(typ)
	case unix.AF_VSOCK:
		return Vsock
	case unix.AF_NETLINK:
		return Netlink
	}
	return OtherSocket
}

func inetKind(typ, protocol int) Kind {
	switch {
	case typ == unix.SOCK_STREAM && (protocol == unix.IPPROTO_TCP || protocol == unix.IPPROTO_MPTCP):
		return TCP
	case typ == unix.SOCK_DGRAM && protocol == unix.IPPROTO_UDP:
		return UDP
	}
	return OtherSocket
}

func unixKind(typ int) Kind {
	switch typ {
	case unix.SOCK_STREAM:
		return UnixStream
	case unix.SOCK_DGRAM:
		return UnixDatagram
	case unix.SOCK_SEQPACKET:
		return UnixSeqpacket
	}
	return OtherSocket
}
