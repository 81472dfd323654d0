package check

import (
	"fmt"
	"net/netip"
	"path"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

// bridgeAddress looks at --port and --path as the bridge will match them.
func bridgeAddress(p *pair, s *file, b *bridge) (found []Finding) {
	handed := p.listens()
	if len(p.sockets) == 0 || !b.given("port") && !b.given("path") {
		return nil
	}
	line := s.where("Service.ExecStart")
	taken := map[string]bool{}
	for _, flag := range b.wants() {
		exact, near := flag.among(handed)
		switch {
		case exact != nil:
			taken[exact.where] = true
		case near != nil:
			taken[near.where] = true
			found = append(found, s.finding(Blocks, line, fmt.Sprintf("%s is not %s=%s of %s", flag.text, near.Name, near.text, near.unit.name),
				"the bridge refuses to start: it would bind a second socket beside the one of systemd", flag.mended(*near))...)
		default:
			found = append(found, s.finding(Hint, line, flag.text+" is in no .socket unit",
				"the bridge binds it itself: systemctl restart and a crash close it, and clients are refused until it is back", "ListenStream="+flag.unitLine()+" in "+p.sockets[0].name)...)
		}
	}
	for _, a := range handed {
		if !taken[a.where] && !b.given("select") {
			found = append(found, s.finding(Blocks, line, fmt.Sprintf("no --port or --path takes %s=%s of %s", a.Name, a.text, a.unit.name),
				"the bridge refuses to start: the socket would be held, and nobody would accept", "leave --port and --path out: all sockets go to the child; or --select")...)
		}
	}
	return found
}

// mended is what to write where a flag missed the socket that was meant: the flag
// for that socket first, which leaves open to the same clients what is bound.
func (a address) mended(near address) string {
	port, host := fmt.Sprint(near.port), ""
	if near.host != "" { // else it takes both families, as a bare port does
		host = strings.TrimSuffix(near.unitLine(), port)
	}
	if near.udp {
		port = "u" + port
	}
	return fmt.Sprintf("--port %s; or %s=%s in %s", host+port, near.Name, a.unitLine(), near.unit.name)
}

// needlessNoSocket: the flag does not keep away what is handed over.
func needlessNoSocket(p *pair, s *file, b *bridge) []Finding {
	if len(p.sockets) == 0 || b.text("no-socket") != "true" {
		return nil
	}
	return s.finding(Hint, s.where("Service.ExecStart"), "--no-socket, and "+p.sockets[0].name+" hands over one",
		"the child gets it all the same; but started without it the bridge goes on, where it would refuse, and clients wait", "leave --no-socket out")
}

// wants are the addresses of --port and --path. A host name stays one.
func (b *bridge) wants() (list []address) {
	for _, text := range b.list("port") {
		if port, err := socket.ParsePort(text); err == nil {
			host := port.Host
			if ip, err := netip.ParseAddr(host); err == nil {
				host = ip.String()
			}
			list = append(list, address{text: "--port " + text, udp: port.UDP, host: host, port: int(port.Number)})
		}
	}
	for _, path := range b.list("path") {
		list = append(list, address{text: "--path " + path, path: canonical(path)})
	}
	return list
}

func (a address) among(handed []address) (exact, near *address) {
	for i, h := range handed {
		switch {
		case a.path != "":
			if a.path == h.path || !strings.HasPrefix(a.path, "/") && path.Base(a.path) == path.Base(h.path) {
				return &handed[i], nil
			}
		case h.path != "" || a.port != h.port || a.udp != h.udp:
		case a.host == h.host, a.host == "*", a.host == "" && h.host == "0.0.0.0", a.host == "::" && h.host == "", a.host == "localhost" && h.host == "127.0.0.1":
			return &handed[i], nil
		default:
			near = &handed[i]
		}
	}
	return nil, near
}

// unitLine is the address as ListenStream= takes it.
func (a address) unitLine() string {
	switch {
	case a.path != "":
		return a.path
	case a.host == "":
		return fmt.Sprintf("0.0.0.0:%d", a.port)
	case strings.Contains(a.host, ":"):
		return fmt.Sprintf("[%s]:%d", a.host, a.port)
	}
	return fmt.Sprintf("%s:%d", a.host, a.port)
}
