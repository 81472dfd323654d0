package check

import (
	"fmt"

	"github.com/sdbridge/sdbridge/units/servers"
)

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
				"a plain port and [::] take IPv4 clients too, but on an AF_INET6 socket: its workers die on every connection, also from IPv4", fmt.Sprintf("ListenStream=0.0.0.0:%d", a.port))...)
		case server == "gazelle":
			found = append(found, socket.finding(Hint, a.where, fmt.Sprintf("%s=%s is an IPv6 socket", a.Name, a.text),
				"gazelle serves it, but REMOTE_ADDR is 0.0.0.0 for every client", fmt.Sprintf("ListenStream=0.0.0.0:%d", a.port))...)
		}
	}
	return found
}
