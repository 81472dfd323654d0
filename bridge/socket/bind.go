package socket

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// bindAll binds what was not handed over, or nothing at all. It returns what it
// removed to do so.
func (s sys) bindAll(placed []Placed, backlog int) (warnings []string, err error) {
	for i := range placed {
		p := &placed[i]
		if !p.Bound {
			continue
		}
		warning, err := s.bindOne(p, backlog)
		if err != nil {
			s.undo(placed[:i])
			return nil, err
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings, nil
}

func (s sys) undo(placed []Placed) {
	for _, p := range placed {
		if p.Bound {
			_ = s.remove(p)
			_ = s.close(p.FD)
		}
	}
}

func (s sys) bindOne(p *Placed, backlog int) (warning string, err error) {
	if p.Kind == activation.UnixStream {
		return s.bindPath(p, backlog)
	}
	return "", s.bindPort(p, backlog)
}

func (s sys) bindPort(p *Placed, backlog int) error {
	fd, err := s.openPort(p.Kind, p.Addr, backlog)
	if err == nil {
		err = s.bound(p, fd)
	}
	if err != nil {
		return &BindError{Flag: p.flag(), Err: err, Remedy: portRemedies.of(err)}
	}
	return nil
}

// bound notes what the kernel made of the socket.
func (s sys) bound(p *Placed, fd int) error {
	found, err := s.inspect(fd)
	if err != nil {
		_ = s.close(fd)
		return err
	}
	p.Socket = found
	return nil
}

func (s sys) openPort(kind activation.Kind, addr netip.AddrPort, backlog int) (int, error) {
	domain, typ := unix.AF_INET, unix.SOCK_STREAM
	if addr.Addr().Is6() {
		domain = unix.AF_INET6
	}
	if kind == activation.UDP {
		typ = unix.SOCK_DGRAM
	}
	fd, err := s.socket(domain, typ|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	if err := s.setUp(fd, kind, addr, backlog); err != nil {
		_ = s.close(fd)
		return -1, err
	}
	return fd, nil
}

// setUp does what Server::Starter does, but that a UDP socket gets no
// SO_REUSEADDR: by that a second server on the port would steal the packets of
// the first one, and neither would be told.
func (s sys) setUp(fd int, kind activation.Kind, addr netip.AddrPort, backlog int) error {
	if kind == activation.TCP {
		if err := s.setsockopt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return fmt.Errorf("setsockopt SO_REUSEADDR: %w", err)
		}
	}
	if addr.Addr().Is6() {
		if err := s.setsockopt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1); err != nil {
			return fmt.Errorf("setsockopt IPV6_V6ONLY: %w", err)
		}
	}
	if err := s.bind(fd, sockaddr(addr)); err != nil {
		return err
	}
	if kind == activation.TCP {
		if err := s.listen(fd, backlog); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	return nil
}

func sockaddr(addr netip.AddrPort) unix.Sockaddr {
	if addr.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
}
