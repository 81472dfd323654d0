package check

import (
	"fmt"
	"net/netip"

	"github.com/sdbridge/sdbridge/units/servers"
)

// asIPv4 is the line for the same clients on an AF_INET socket, as far as there are
// such: what only the host itself reaches stays its own.
func (a address) asIPv4(all []address) string {
	ip, err := netip.ParseAddr(a.host)
	host := ""
	switch {
	case a.host == "" || err == nil && ip.Unmap().IsUnspecified():
		host = "0.0.0.0"
	case err == nil && ip.Is4In6():
		host = ip.Unmap().String()
	case err == nil && ip.IsLoopback():
		host = "127.0.0.1"
	}
	for _, b := range all {
		if !b.udp && b.port == a.port && host != "" && (b.host == host || b.host == "0.0.0.0") {
			return "leave " + a.Name + "=" + a.text + " out: " + b.Name + "=" + b.text + " of " + b.unit.name + " is there for clients of IPv4"
		}
	}
	if host == "" {
		return a.Name + "= with an IPv4 address of that host in place of " + a.text
	}
	return fmt.Sprintf("%s=%s:%d", a.Name, host, a.port)
}

func dualStack(p *pair, socket *file) (found []Finding) {
	server := p.child.server()
	if server == "start_server" {
		server = launched(behind(p.child.argv)).server()
	}
	known := servers.Named(server)
	for _, a := range listens(socket) {
		switch {
		case a.path != "" && known.NoUnix != "":
			found = append(found, socket.finding(Blocks, a.where, a.Name+"="+a.text+" is a Unix socket, and "+server+" takes TCP only",
				"its workers die, or never accept", "ListenStream=127.0.0.1:8080")...)
		case !a.v6() || a.udp:
		case known.DiesOn6:
			found = append(found, socket.finding(Loses, a.where, fmt.Sprintf("%s=%s is an IPv6 socket, and %s dies of it", a.Name, a.text, server),
				"a plain port and [::] take IPv4 clients too, but on an AF_INET6 socket: its workers die on every connection, also from IPv4", a.asIPv4(p.listens()))...)
		case server == "gazelle":
			found = append(found, socket.finding(Hint, a.where, fmt.Sprintf("%s=%s is an IPv6 socket", a.Name, a.text),
				"gazelle serves it, but REMOTE_ADDR is 0.0.0.0 for every client", a.asIPv4(p.listens()))...)
		}
	}
	return found
}
