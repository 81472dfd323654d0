package activation

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// sys is what Inspect asks of the kernel.
type sys struct {
	fstat       func(fd int, st *unix.Stat_t) error
	fstatfs     func(fd int, st *unix.Statfs_t) error
	getsockopt  func(fd, level, opt int) (int, error)
	getsockname func(fd int) (unix.Sockaddr, error)
	readlink    func(path string, buf []byte) (int, error)
}

var kernel = sys{
	fstat:       unix.Fstat,
	fstatfs:     unix.Fstatfs,
	getsockopt:  unix.GetsockoptInt,
	getsockname: unix.Getsockname,
	readlink:    unix.Readlink,
}

// Inspect asks the kernel what a descriptor is; FDName and Given stay empty. It
// changes nothing. The error of a descriptor that is not open says so and wraps
// EBADF. Of an abstract Unix name it sees what stands before the first NUL.
func Inspect(fd int) (Socket, error) { return kernel.inspect(fd) }

func (k sys) inspect(fd int) (Socket, error) {
	s := Socket{FD: fd}
	err := k.fill(&s)
	switch {
	case errors.Is(err, unix.EBADF):
		return Socket{}, fmt.Errorf("descriptor %d is not open: %w", fd, unix.EBADF)
	case err != nil:
		return Socket{}, fmt.Errorf("cannot inspect descriptor %d: %w", fd, err)
	}
	return s, nil
}

func (k sys) fill(s *Socket) error {
	var st unix.Stat_t
	if err := k.fstat(s.FD, &st); err != nil {
		return fmt.Errorf("fstat: %w", err)
	}
	format := st.Mode & unix.S_IFMT
	if format == unix.S_IFSOCK {
		return k.fillSocket(s)
	}
	return k.fillOther(s, format)
}

func (k sys) fillSocket(s *Socket) error {
	var domain, typ, protocol, listening, v6only int
	err := k.options(s.FD,
		option{"SO_DOMAIN", unix.SOL_SOCKET, unix.SO_DOMAIN, &domain},
		option{"SO_TYPE", unix.SOL_SOCKET, unix.SO_TYPE, &typ},
		option{"SO_PROTOCOL", unix.SOL_SOCKET, unix.SO_PROTOCOL, &protocol},
		option{"SO_ACCEPTCONN", unix.SOL_SOCKET, unix.SO_ACCEPTCONN, &listening},
	)
	if err == nil && domain == unix.AF_INET6 {
		err = k.options(s.FD, option{"IPV6_V6ONLY", unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, &v6only})
	}
	if err != nil {
		return err
	}
	s.Listening = listening != 0
	s.V6Only = v6only != 0
	s.Kind = socketKind(domain, typ, protocol)
	if s.Kind == OtherSocket {
		s.What = fmt.Sprintf("family %d type %d protocol %d", domain, typ, protocol)
		return nil
	}
	return k.fillAddress(s)
}

type option struct {
	name       string
	level, opt int
	value      *int
}

func (k sys) options(fd int, options ...option) error {
	for _, o := range options {
		v, err := k.getsockopt(fd, o.level, o.opt)
		if err != nil {
			return fmt.Errorf("getsockopt %s: %w", o.name, err)
		}
		*o.value = v
	}
	return nil
}

func (k sys) fillAddress(s *Socket) error {
	name, err := k.getsockname(s.FD)
	if err != nil {
		return fmt.Errorf("getsockname: %w", err)
	}
	switch a := name.(type) {
	case *unix.SockaddrInet4:
		s.Addr = netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(a.Addr)
		if a.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(a.ZoneId), 10))
		}
		s.Addr = netip.AddrPortFrom(ip, uint16(a.Port))
	case *unix.SockaddrUnix:
		// x/sys shows an unnamed socket as an abstract one with no name.
		if a.Name == "@" {
			s.What = "unnamed"
		} else {
			s.Path = a.Name
		}
	case *unix.SockaddrVM:
		s.What = vsockAddress(a)
	case *unix.SockaddrNetlink:
		s.What = fmt.Sprintf("groups %#x", a.Groups)
	}
	return nil
}

func vsockAddress(a *unix.SockaddrVM) string {
	if a.CID == unix.VMADDR_CID_ANY {
		return fmt.Sprintf("any:%d", a.Port)
	}
	return fmt.Sprintf("%d:%d", a.CID, a.Port)
}

// mqueueMagic is the f_type of a message queue's file system
// (MQUEUE_MAGIC of linux/ipc/mqueue.c).
const mqueueMagic = 0x19800202

func (k sys) fillOther(s *Socket, format uint32) error {
	switch format {
	case unix.S_IFIFO:
		s.Kind = FIFO
	case unix.S_IFCHR:
		s.Kind = Special
	case unix.S_IFREG:
		var fs unix.Statfs_t
		if err := k.fstatfs(s.FD, &fs); err != nil {
			return fmt.Errorf("fstatfs: %w", err)
		}
		s.Kind = File
		if fs.Type == mqueueMagic {
			s.Kind = MessageQueue
		}
	}
	s.What = k.link(s.FD)
	return nil
}

// link is what /proc calls the descriptor. It is for messages only, so that a
// machine without /proc costs a name and no more.
func (k sys) link(fd int) string {
	buf := make([]byte, unix.PathMax)
	n, err := k.readlink("/proc/self/fd/"+strconv.Itoa(fd), buf)
	if err != nil {
		return ""
	}
	return string(buf[:n])
}
