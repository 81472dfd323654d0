package pair

import (
	"errors"
	"fmt"
	"net/netip"
)

// listen is one socket of the pair.
type listen struct {
	setting string // "ListenStream", "ListenDatagram"
	value   string
	why     string
	flag    string // --port=8080=5, --path=/run/app.sock
	entry   string // the entry name that the child is told; "": that of value
	path    string
	addr    netip.Addr
	number  uint16
	asked   string // what --port had, without its descriptor
	placed  bool   // the child wants it as a certain descriptor
}

// sockets are those that the line asks for, in the order of start_server:
// its ports, then its paths.
func (m *maker) sockets() ([]listen, error) {
	var all []listen
	for _, text := range m.Options.Ports {
		l, err := m.port(text)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	for _, text := range m.Options.Paths {
		l, err := m.path(text)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, clash(all)
}

// clash finds what systemd could not bind twice.
func clash(all []listen) error {
	seen := map[string]bool{}
	for _, l := range all {
		key := l.setting + "=" + l.value
		if seen[key] && l.value != "" {
			return fmt.Errorf("%s is there twice: give each address once", key)
		}
		seen[key] = true
	}
	return nil
}

// listen finds the sockets, and what the child does with them.
func (m *maker) listen() (err error) {
	if m.listens, err = m.sockets(); err != nil {
		return err
	}
	if len(m.listens) > 1 && m.child.Several != "" {
		m.unlessSaid("only one of", "of %d sockets %s %s: keep one ListenStream=, or choose by --select in ExecStart=", len(m.listens), m.child.Name, m.child.Several)
	}
	m.descriptor()
	if m.o.UserUnit {
		m.privileged()
	}
	return errors.Join(m.refuseMode(), m.refuseDualStack())
}

// privileged: a user's manager binds with that user's rights.
func (m *maker) privileged() {
	for _, l := range m.listens {
		if l.addr.IsValid() && l.number < 1024 {
			m.note("port %d: systemd --user may bind it only where net.ipv4.ip_unprivileged_port_start is that low", l.number)
		}
	}
}

func (m *maker) refuseMode() error {
	if m.o.SocketUser+m.o.SocketGroup+m.o.SocketMode == "" || len(m.Options.Paths) > 0 {
		return nil
	}
	return errors.New("a socket's user, group and mode are for a Unix socket, and the line has no --path: leave --socket-user, --socket-group and --socket-mode out")
}

func (m *maker) refuseDualStack() error {
	if !m.o.DualStack {
		return nil
	}
	if m.child.NoIPv6 != "" {
		return fmt.Errorf("--dual-stack: %s %s; leave it out", m.child.Name, m.child.NoIPv6)
	}
	for _, l := range m.listens {
		if l.addr.Is6() {
			return fmt.Errorf("--dual-stack: the line has an IPv6 address of its own, %s, which takes IPv6 clients alone; leave --dual-stack out", l.value)
		}
	}
	return nil
}
