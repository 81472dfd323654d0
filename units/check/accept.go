package check

import (
	"slices"
	"strings"
)

func accepts(socket *file) bool { return socket.is("Socket.Accept") }

// inetd: each connection has a process of its own, and no program that accepts.
func (p *pair) inetd() bool {
	single := p.service != nil && !instance(p.service) // which no connection can be given to
	return p.bridge == nil && len(p.sockets) > 0 && !single && !slices.ContainsFunc(p.sockets, func(s *file) bool { return !accepts(s) })
}

// instance tells whether it is a template, or one of its instances.
func instance(f *file) bool { return strings.Contains(f.name, "@") }

func acceptYes(p *pair, socket *file) (found []Finding) {
	if !accepts(socket) {
		return nil
	}
	line, is := socket.where("Socket.Accept"), "Accept="+socket.value("Socket.Accept")
	switch name, set := socket.last("Socket.Service"); {
	case set:
		found = socket.finding(Blocks, name.where, "Service="+name.Value+" with "+is, "systemd refuses the socket: each connection has a service of its own, "+socket.stem()+"@.service", "Accept=no")
	case p.service != nil && p.service.answersTo(socket.stem()+".service") && !instance(p.service):
		return socket.finding(Blocks, line, is+" gives each connection to "+socket.stem()+"@.service, which is not there",
			"systemd refuses to start the socket, and "+p.service.name+" would be handed nothing", "Accept=no")
	}
	severity := Hint
	if p.bridge != nil || slices.Contains(acceptors, p.child.server()) || p.service != nil && p.service.value("Service.StandardInput") != "socket" && overTCP(socket) {
		severity = Loses
	}
	return append(found, socket.finding(severity, line, is+" starts a process for each connection",
		"a server that accepts by itself is handed a connection in place of the socket, and cannot be swapped", "Accept=no; or StandardInput=socket for a program of inetd's kind")...)
}

func overTCP(socket *file) bool {
	return slices.ContainsFunc(listens(socket), func(a address) bool { return a.port > 0 && !a.udp })
}

// acceptors are servers that accept by themselves.
var acceptors = []string{
	"gunicorn", "puma", "unicorn", "uwsgi", "uvicorn", "hypercorn", "node", "h2o", "starlet", "starman", "gazelle",
	"monoceros", "twiggy", "feersum", "start_server", "nginx", "deno", "bun",
}
