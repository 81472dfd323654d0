package check

import (
	"fmt"
	"slices"

	"github.com/sdbridge/sdbridge/units/servers"
)

// severalSockets: a server that takes one of its sockets leaves the clients of the
// others waiting.
func severalSockets(p *pair, s *file) []Finding {
	known, n := servers.Named(p.child.server()), p.handedOn()
	if known.Several == "" || n < 2 || p.inetd() {
		return nil
	}
	line, what := s.where("Service.ExecStart"), fmt.Sprintf("%d sockets for %s, which %s", n, known.Name, known.Several)
	if p.bridge == nil {
		return s.finding(Loses, line, what, "clients of the other wait in a queue that nobody reads", "one ListenStream=, and a service of its own for the other")
	}
	severity, why := Loses, "clients of the other wait in a queue that nobody reads"
	if rule := p.bridge.text("ready"); p.bridge.knows("ready") && (rule == "auto" || rule == "accept") {
		severity, why = Blocks, "nobody waits on the other, so that no generation is ever ready"
	}
	if known.Several == "dies" {
		severity, why = Blocks, "no generation comes up"
	}
	return s.finding(severity, line, what, why, "--select with the name of one; a service of its own for the other")
}

// handedOn is how many sockets the program gets; 0 where that is not known.
func (p *pair) handedOn() int {
	handed, b := slices.DeleteFunc(p.listens(), func(a address) bool { return a.udp }), p.bridge
	switch {
	case b == nil && p.child.server() == "uvicorn":
		if _, takes := p.child.has("--fd"); !takes { // it binds one of its own: address-differs
			return 0
		}
		return len(handed)
	case b == nil:
		return 0 // the published ones that take sockets at all take all
	case b.wrong != nil || !b.knows("port", "path", "select"):
		return 0
	}
	n := len(handed)
	if b.given("select") {
		n = len(b.selected())
	}
	for _, flag := range b.wants() {
		if exact, _ := flag.among(handed); exact == nil {
			n++
		}
	}
	return n
}
