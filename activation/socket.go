package activation

import (
	"fmt"
	"net/netip"
	"strings"
)

// Socket is a descriptor that was handed over or bound, with what the kernel
// says of it.
type Socket struct {
	FD     int    // descriptor number in this process
	FDName string // its FileDescriptorName=, from LISTEN_FDNAMES; "" when it had none
	Given  string // its name in the SERVER_STARTER_PORT it came from; "" when it had none

	Kind      Kind
	Addr      netip.AddrPort // of TCP and UDP; the zone of an IPv6 address is the interface's index
	V6Only    bool           // IPV6_V6ONLY, of an IPv6 TCP or UDP socket
	Path      string         // of a Unix socket: path, "@name" when abstract, "" when it has none
	Listening bool           // SO_ACCEPTCONN: after listen(2); shutdown(2) ends it for TCP, not for Unix
	What      string         // where Addr and Path say nothing: "/dev/urandom", "pipe:[123]", "any:1024"
}

// DualStack tells whether the socket takes IPv4 clients on an IPv6 socket, as
// one made by a plain ListenStream=8080 does.
func (s Socket) DualStack() bool {
	ip := s.Addr.Addr()
	return ip.Is6() && ip.IsUnspecified() && !s.V6Only
}

// String is for messages: "tcp [::]:8080 (dual-stack)", "unix /run/app.sock",
// "fifo pipe:[123]".
func (s Socket) String() string {
	switch {
	case s.DualStack():
		return fmt.Sprintf("%s %s (dual-stack)", s.Kind, s.Addr)
	case s.Addr.IsValid():
		return fmt.Sprintf("%s %s", s.Kind, s.Addr)
	default:
		return strings.TrimSpace(s.Kind.String() + " " + s.Path + s.What)
	}
}

// EntryName is what the socket is called in SERVER_STARTER_PORT where nobody
// chose a name: the one it was given by an outer Server::Starter, else one that
// start_server writes and the most readers understand. It is "" where the
// convention has no name for the kind: one FIFO in the list takes down Starlet,
// Twiggy, Unicorn and h2o.
func (s Socket) EntryName() string {
	switch {
	case s.Kind != TCP && s.Kind != UDP && s.Kind != UnixStream:
		return ""
	case s.Given != "":
		return s.Given
	case s.Kind == UnixStream:
		return s.Path
	case s.DualStack():
		// Not "[::]:8080": server-starter-listener takes that for a Unix path.
		return fmt.Sprint(s.Addr.Port())
	default:
		return s.Addr.String()
	}
}
