package ready

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"
)

// States of linux/tcp_states.h, which Unix sockets use as well.
const (
	stateEstablished = 1
	stateFinWait1    = 4
	stateFinWait2    = 5
	stateCloseWait   = 8
	stateLastAck     = 9
	stateListen      = 10
	stateClosing     = 11

	// connectionStates are those of a listener and of what it accepted.
	connectionStates = 1<<stateListen | 1<<stateEstablished | 1<<stateFinWait1 | 1<<stateFinWait2 |
		1<<stateCloseWait | 1<<stateLastAck | 1<<stateClosing
)

// record is a socket of sock_diag(7).
type record struct {
	inode uint64 // 0: nobody holds it, as in the queue of a listener
	state uint8
	local address
}

// address is where a socket is bound; an accepted one has its listener's.
type address struct {
	inet netip.AddrPort // of TCP
	path string         // of Unix, "@name" for an abstract one
	// file is the inode of a Unix socket's file and its device: a server that
	// removes the file and binds it again has the same path.
	file [2]uint32
}

func (a address) String() string {
	if a.inet.IsValid() {
		return a.inet.String()
	}
	return a.path
}

// Sizes of the structures of linux/netlink.h, inet_diag.h and unix_diag.h.
const (
	headerSize      = 16 // nlmsghdr
	inetRequestSize = 56 // inet_diag_req_v2
	inetRecordSize  = 72 // inet_diag_msg
	unixRecordSize  = 16 // unix_diag_msg
	attributeSize   = 4  // nlattr
)

// inetRequest asks for the TCP sockets of a family with this local port, 0 for
// all, whose state is in the mask.
func inetRequest(family int, port uint16, states uint32) []byte {
	b := make([]byte, 0, inetRequestSize)
	b = append(b, byte(family), unix.IPPROTO_TCP, 0, 0)
	b = binary.NativeEndian.AppendUint32(b, states)
	b = binary.BigEndian.AppendUint16(b, port)
	return b[:inetRequestSize]
}

// unixRequest asks for name and file of the Unix sockets whose state is in the
// mask.
func unixRequest(states uint32) []byte {
	const showName, showFile = 1, 2
	b := []byte{unix.AF_UNIX, 0, 0, 0}
	b = binary.NativeEndian.AppendUint32(b, states)
	b = binary.NativeEndian.AppendUint32(b, 0) // inode: all
	b = binary.NativeEndian.AppendUint32(b, showName|showFile)
	return append(b, make([]byte, 8)...) // cookie
}

// inetRecord reads a struct inet_diag_msg.
func inetRecord(b []byte) (record, bool) {
	if len(b) < inetRecordSize {
		return record{}, false
	}
	ip := netip.AddrFrom16([16]byte(b[8:24]))
	if b[0] == unix.AF_INET {
		ip = netip.AddrFrom4([4]byte(b[8:12]))
	}
	return record{
		inode: uint64(binary.NativeEndian.Uint32(b[68:])),
		state: b[1],
		local: address{inet: netip.AddrPortFrom(ip, binary.BigEndian.Uint16(b[4:]))},
	}, true
}

// unixRecord reads a struct unix_diag_msg and its attributes. A socket without
// a name is not a record.
func unixRecord(b []byte) (record, bool) {
	const attrName, attrFile = 0, 1
	if len(b) < unixRecordSize {
		return record{}, false
	}
	r := record{inode: uint64(binary.NativeEndian.Uint32(b[4:])), state: b[2]}
	for b = b[unixRecordSize:]; len(b) >= attributeSize; {
		size := int(binary.NativeEndian.Uint16(b))
		if size < attributeSize || size > len(b) {
			break
		}
		value := b[attributeSize:size]
		switch kind := binary.NativeEndian.Uint16(b[2:]); {
		case kind == attrName:
			r.local.path = unixName(value)
		case kind == attrFile && len(value) >= 8:
			r.local.file = [2]uint32{binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:])}
		}
		b = b[min(aligned(size), len(b)):]
	}
	return r, r.local.path != ""
}

// unixName follows unix(7): a path ends at a NUL, an abstract name starts with
// one.
func unixName(b []byte) string {
	if len(b) > 0 && b[0] == 0 {
		return "@" + string(b[1:])
	}
	path, _, _ := strings.Cut(string(b), "\x00")
	return path
}

// dump asks sock_diag(7) and calls visit for each record of the answer.
func (s sys) dump(request []byte, parse func([]byte) (record, bool), visit func(record)) error {
	fd, err := s.socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if errors.Is(err, unix.EAFNOSUPPORT) {
		return fmt.Errorf("cannot use sock_diag: %w: add AF_NETLINK to the unit's RestrictAddressFamilies=", err)
	}
	if err != nil {
		return fmt.Errorf("cannot use sock_diag: %w", err)
	}
	defer s.close(fd)
	if err := s.exchange(fd, request, parse, visit); err != nil {
		return fmt.Errorf("cannot use sock_diag: %w", err)
	}
	return nil
}

func (s sys) exchange(fd int, request []byte, parse func([]byte) (record, bool), visit func(record)) error {
	if err := s.sendto(fd, message(request), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buf := make([]byte, 32<<10) // the kernel sends no more at a time
	for {
		n, _, err := s.recvfrom(fd, buf, 0)
		if err != nil {
			return err
		}
		done, err := eachMessage(buf[:n], func(body []byte) {
			if r, ok := parse(body); ok {
				visit(r)
			}
		})
		if done || err != nil {
			return err
		}
	}
}

// message puts a netlink(7) header before a request for a dump.
func message(request []byte) []byte {
	b := make([]byte, 0, headerSize+len(request))
	b = binary.NativeEndian.AppendUint32(b, uint32(headerSize+len(request)))
	b = binary.NativeEndian.AppendUint16(b, unix.SOCK_DIAG_BY_FAMILY)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	b = append(b, make([]byte, 8)...) // sequence, port id
	return append(b, request...)
}

// eachMessage takes a datagram of a netlink(7) dump apart. The last message of
// the dump makes it done, with an error if the kernel gave up.
func eachMessage(b []byte, visit func(body []byte)) (done bool, err error) {
	if len(b) < headerSize {
		return false, unix.EBADMSG
	}
	for len(b) >= headerSize {
		size := int(binary.NativeEndian.Uint32(b))
		if size < headerSize || size > len(b) {
			return false, unix.EBADMSG
		}
		body := b[headerSize:size]
		switch binary.NativeEndian.Uint16(b[4:]) {
		case unix.NLMSG_DONE, unix.NLMSG_ERROR:
			return true, errnoIn(body)
		default:
			visit(body)
		}
		b = b[min(aligned(size), len(b)):]
	}
	return false, nil
}

// errnoIn reads the negative error number that such messages start with.
func errnoIn(body []byte) error {
	if len(body) < 4 {
		return nil
	}
	if code := int32(binary.NativeEndian.Uint32(body)); code < 0 {
		return unix.Errno(-code)
	}
	return nil
}

// aligned rounds up to NLMSG_ALIGNTO and NLA_ALIGNTO.
func aligned(size int) int { return (size + 3) &^ 3 }
