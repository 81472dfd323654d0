// Package handed finds the sockets that a child was given. It is written from
// the protocols (Server::Starter's server_ports, sd_listen_fds(3)) and shares
// no code with the bridge, so that the two check each other.
package handed

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Socket is a descriptor that was handed over, under the name it came with.
type Socket struct {
	Name string
	FD   int
}

// Sockets returns what SERVER_STARTER_PORT or, where that is unset or empty,
// LISTEN_FDS announces. A LISTEN_PID other than pid means that the sockets are
// somebody else's: none are returned, and that is no error.
func Sockets(lookup func(string) (string, bool), pid int) ([]Socket, error) {
	if ports, _ := lookup("SERVER_STARTER_PORT"); ports != "" {
		return fromStarter(ports)
	}
	if owner, _ := lookup("LISTEN_PID"); owner != strconv.Itoa(pid) {
		return nil, nil
	}
	return fromSystemd(lookup)
}

// Announce is the SERVER_STARTER_PORT value of sockets.
func Announce(sockets []Socket) string {
	entries := make([]string, len(sockets))
	for i, s := range sockets {
		entries[i] = fmt.Sprintf("%s=%d", s.Name, s.FD)
	}
	return strings.Join(entries, ";")
}

func fromStarter(ports string) ([]Socket, error) {
	var sockets []Socket
	for entry := range strings.SplitSeq(ports, ";") {
		name, number, _ := strings.Cut(entry, "=")
		fd, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("SERVER_STARTER_PORT: cannot read entry %q: %w", entry, err)
		}
		sockets = append(sockets, Socket{name, fd})
	}
	return sockets, nil
}

func fromSystemd(lookup func(string) (string, bool)) ([]Socket, error) {
	value, _ := lookup("LISTEN_FDS")
	n, err := strconv.Atoi(value)
	if err != nil {
		return nil, fmt.Errorf("LISTEN_FDS: cannot read %q: %w", value, err)
	}
	names := make([]string, n)
	if value, ok := lookup("LISTEN_FDNAMES"); ok {
		if names = strings.Split(value, ":"); len(names) != n {
			return nil, fmt.Errorf("LISTEN_FDNAMES has %d names for LISTEN_FDS=%d", len(names), n)
		}
	}
	sockets := make([]Socket, n)
	for i, name := range names {
		sockets[i] = Socket{name, 3 + i}
	}
	return sockets, nil
}

// Listening tells whether connections can be accepted from s.
func (s Socket) Listening() bool {
	on, err := unix.GetsockoptInt(s.FD, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	return err == nil && on == 1
}

// Datagram tells whether s is a datagram socket.
func (s Socket) Datagram() bool {
	kind, err := unix.GetsockoptInt(s.FD, unix.SOL_SOCKET, unix.SO_TYPE)
	return err == nil && kind == unix.SOCK_DGRAM
}
