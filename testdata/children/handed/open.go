package handed

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Listen opens a net.Listener on a copy of s. As in most Go programs that sets
// O_NONBLOCK for every holder of the socket. s itself stays open.
func (s Socket) Listen() (net.Listener, error) {
	file, err := s.dup()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return net.FileListener(file)
}

// ListenPacket opens a net.PacketConn on a copy of s, like Listen.
func (s Socket) ListenPacket() (net.PacketConn, error) {
	file, err := s.dup()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return net.FilePacketConn(file)
}

func (s Socket) dup() (*os.File, error) {
	fd, err := unix.FcntlInt(uintptr(s.FD), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("cannot use socket %q (descriptor %d): %w", s.Name, s.FD, err)
	}
	return os.NewFile(uintptr(fd), s.Name), nil
}

// Close closes the descriptor that was handed over.
func (s Socket) Close() error { return unix.Close(s.FD) }
