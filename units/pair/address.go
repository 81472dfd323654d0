package pair

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

func (m *maker) port(text string) (listen, error) {
	p, err := socket.ParsePort(text)
	if err != nil {
		return listen{}, err
	}
	if p.Number == 0 {
		return listen{}, fmt.Errorf("--port %q is any free port, which no client could know: give a number", text)
	}
	addr, err := address(text, p.Host)
	if err != nil {
		return listen{}, err
	}
	l := listen{setting: "ListenStream", addr: addr, number: p.Number, placed: p.FD >= 0}
	number := strconv.Itoa(int(p.Number))
	asked, suffix := number, ""
	if p.UDP {
		l.setting, asked = "ListenDatagram", "u"+number
	}
	if l.placed {
		suffix = "=" + strconv.Itoa(p.FD)
	}
	l.value = netip.AddrPortFrom(addr, p.Number).String()
	l.why = m.whyAddress(p, addr)
	switch {
	case p.Host == "" && m.o.DualStack:
		l.value, l.flag = number, "--port="+asked+suffix
	case p.Host == "":
		l.flag = "--port=" + asked + suffix
	case addr.Is6():
		l.flag = "--port=[" + addr.String() + "]:" + asked + suffix
	default:
		l.flag = "--port=" + addr.String() + ":" + asked + suffix
	}
	l.asked = strings.TrimSuffix(strings.TrimPrefix(l.flag, "--port="), suffix)
	if p.Host == "" && m.child.BareName {
		l.entry = number
	}
	return l, nil
}

// address is host as the literal that systemd wants. Names of other hosts would
// have to be asked of the network, and may change: only localhost is known.
func address(text, host string) (netip.Addr, error) {
	switch host {
	case "":
		return netip.IPv4Unspecified(), nil
	case "localhost":
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return addr, fmt.Errorf("--port %q: systemd binds no name: write the address that %s has", text, host)
	}
	return addr.Unmap(), nil
}

// whyAddress: start_server binds a bare port for IPv4 alone. A dual-stack socket
// would open the service to clients that no firewall rule of the old host may
// know, and turn the entry name and REMOTE_ADDR of each client into IPv6's: it
// is had by asking, and not for a child that dies of it.
func (m *maker) whyAddress(p socket.Port, addr netip.Addr) string {
	switch {
	case p.Host == "localhost":
		return "localhost: systemd binds addresses, not names"
	case p.Host == "" && m.o.DualStack:
		return "a plain port takes IPv4 and IPv6 clients"
	case p.Host == "" && m.child.NoIPv6 != "":
		return "IPv4 alone, not a plain port: " + m.child.Name + " " + m.child.NoIPv6
	case p.Host == "" && m.child.Name != "":
		return fmt.Sprintf("IPv4 alone, as start_server binds a bare port; a plain %d takes IPv6 clients, too, and %s can", p.Number, m.child.Name)
	case p.Host == "":
		return fmt.Sprintf("IPv4 alone, as start_server binds a bare port; a plain %d takes IPv6 clients, too, if the child can", p.Number)
	case addr.Is6() && m.child.NoIPv6 != "":
		m.note("--port [%s]:%d: %s %s: give it an IPv4 address", addr, p.Number, m.child.Name, m.child.NoIPv6)
	}
	return "the address that start_server bound"
}

// path: PID 1 makes the directories that are not there, as root.
func (m *maker) path(text string) (listen, error) {
	path := m.absolute(text, "--path")
	if path == "" {
		return listen{}, nil // asked for
	}
	if rest, ok := strings.CutPrefix(path, "/var/run/"); ok {
		path = "/run/" + rest // systemd warns of the old name
	}
	switch {
	case len(path) > 107:
		return listen{}, fmt.Errorf("--path %q is longer than the 107 bytes of a Unix socket's address, unix(7): use a shorter one", path)
	case strings.ContainsAny(path, ";="):
		return listen{}, fmt.Errorf("--path %q: neither ; nor = can stand in SERVER_STARTER_PORT: use another path", path)
	case m.runtimeDir() != "" && under(path, m.runtimeDir()+"/sdbridge"):
		return listen{}, fmt.Errorf("--path %q lies under the bridge's own RuntimeDirectory=, which goes when the service stops, and the socket would go with it: use /run/%s.sock", path, m.name)
	}
	value, err := pathValue("--path", path)
	if err != nil {
		return listen{}, err
	}
	if m.child.NoUnix != "" {
		m.note("--path %s: %s %s: give it a port", path, m.child.Name, m.child.NoUnix)
	}
	return listen{setting: "ListenStream", value: value, path: path, flag: "--path=" + path, why: "PID 1 makes it, and the directories that are not there, as root"}, nil
}

// runtimeDir is where a RuntimeDirectory= lies, "" where that is not known.
func (m *maker) runtimeDir() string {
	if m.o.UserUnit {
		return ""
	}
	return "/run"
}

// absolute puts start_server's directory before path, or asks for it.
func (m *maker) absolute(path, what string) string {
	switch {
	case filepath.IsAbs(path):
		return filepath.Clean(path)
	case m.directory == "":
		m.ask(path, what, "--directory DIR, where start_server ran")
		return ""
	}
	return filepath.Join(m.directory, path)
}

func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
