package ready

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Queues counts, for each of the listening stream sockets among the
// descriptors, the connections that wait to be accepted. What cannot be told is
// left out: other sockets, and Unix ones where sock_diag(7) is not to be had.
func Queues(fds []int) map[int]int { return kernel.queues(fds) }

func (s sys) queues(fds []int) map[int]int {
	queues := make(map[int]int)
	inodes := make(map[uint32]int) // of the Unix sockets
	for _, fd := range fds {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			if info.State == stateListen {
				queues[fd] = int(info.Unacked) // the queue of a listener, include/net/tcp.h
			}
			continue
		}
		var st unix.Stat_t
		if s.fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
			inodes[uint32(st.Ino)] = fd
		}
	}
	if len(inodes) == 0 {
		return queues
	}
	_ = s.dump(queueRequest(), func(b []byte) (record, bool) {
		inode, length, ok := queueRecord(b)
		if fd, ours := inodes[inode]; ok && ours {
			queues[fd] = length
		}
		return record{}, false
	}, func(record) {})
	return queues
}

// queueRequest asks for the queues of the listening Unix sockets,
// struct unix_diag_req.
func queueRequest() []byte {
	const showQueue = 0x10
	b := unixRequest(1 << stateListen)
	binary.NativeEndian.PutUint32(b[12:], showQueue)
	return b
}

// queueRecord reads inode and UNIX_DIAG_RQLEN of a struct unix_diag_msg.
func queueRecord(b []byte) (inode uint32, length int, ok bool) {
	const attrQueue = 4
	if len(b) < unixRecordSize {
		return 0, 0, false
	}
	inode = binary.NativeEndian.Uint32(b[4:])
	for b = b[unixRecordSize:]; len(b) >= attributeSize; {
		size := int(binary.NativeEndian.Uint16(b))
		if size < attributeSize || size > len(b) {
			break
		}
		if binary.NativeEndian.Uint16(b[2:]) == attrQueue && size >= attributeSize+4 {
			return inode, int(binary.NativeEndian.Uint32(b[attributeSize:])), true
		}
		b = b[min(aligned(size), len(b)):]
	}
	return 0, 0, false
}
