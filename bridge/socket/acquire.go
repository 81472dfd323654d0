package socket

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// Request is what was handed over, and what the command line asks for.
type Request struct {
	Handed  []activation.Socket // from systemd or an outer Server::Starter, in their order
	Ports   []Port              // --port
	Paths   []string            // --path
	Backlog int                 // of what is bound, listen(2); 0 is SOMAXCONN
	Select  []string            // --select: which of Handed the child gets, and in what order; none: all
	Rename  []Rename            // --rename
}

// Rename is one --rename SOCKET=NAME.
type Rename struct {
	Socket string // its FileDescriptorName=, entry name or flag value
	Name   string // the entry name that it gets
}

// Placed is a socket that the child gets.
type Placed struct {
	activation.Socket

	Entry string // entry name; "" where SERVER_STARTER_PORT cannot announce it
	Want  int    // descriptor number wanted in the child; -1: any
	Bound bool   // made here; else handed over

	asked string // value of the flag that asks for it, "" for none
	file  fileID // of a path that a flag asks for, or that was compared with one
}

func (p Placed) flag() string {
	if p.Kind == activation.UnixStream {
		return "--path " + p.asked
	}
	return "--port " + p.asked
}

// title is for messages: "tcp 0.0.0.0:8080 named \"web\"".
func (p Placed) title() string {
	if p.FDName == "" {
		return p.String()
	}
	return fmt.Sprintf("%s named %q", p.Socket, p.FDName)
}

// Acquire decides which sockets the child gets, under which entry names, and
// binds those that were not handed over.
//
// Without ports and paths the child gets all that was handed over, in that order
// or Select's. Otherwise it gets the ports, then the paths, then what no flag can
// ask for or Select names besides. What Select leaves out stays open and is not
// returned. No socket at all is no error here.
//
// The warnings are for the log. The error is a [*BindError] when the system
// refused (a host that cannot be resolved, an address in use, a living server on
// the path); any other one refuses what the command line says, and was found
// before anything was bound. With an error nothing stays bound.
func Acquire(r Request) (placed []Placed, warnings []string, err error) {
	return system.acquire(r)
}

func (s sys) acquire(r Request) (placed []Placed, warnings []string, err error) {
	asks, err := s.asks(r.Ports, r.Paths)
	if err != nil {
		return nil, nil, err
	}
	offers, err := s.offers(r.Handed, r.Select)
	if err != nil {
		return nil, nil, err
	}
	m := match(asks, offers)
	if err := m.refuse(len(r.Select) > 0); err != nil {
		return nil, nil, err
	}
	placed = m.placed()
	if err := rename(placed, r.Rename); err != nil {
		return nil, nil, err
	}
	if err := checkEntries(placed); err != nil {
		return nil, nil, err
	}
	backlog := r.Backlog
	if backlog == 0 {
		backlog = unix.SOMAXCONN
	}
	warnings, err = s.bindAll(placed, backlog)
	if err != nil {
		return nil, nil, err
	}
	return placed, append(warnings, doubtfulPaths(placed)...), nil
}

// doubtfulPaths warns of entry names that Net::Server::SS::PreFork and others
// take for host:port.
func doubtfulPaths(placed []Placed) (warnings []string) {
	for _, p := range placed {
		if p.Kind == activation.UnixStream && strings.Contains(p.Entry, ":") {
			warnings = append(warnings, fmt.Sprintf(`entry name %q has a ":": some children take it for host:port`, p.Entry))
		}
	}
	return warnings
}
