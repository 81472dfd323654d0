package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

func accepts(socket *file) bool { return socket.is("Socket.Accept") }

// inetd: each connection has a process of its own, and no program that accepts.
func (p *pair) inetd() bool {
	return p.bridge == nil && len(p.sockets) > 0 && !slices.ContainsFunc(p.sockets, func(s *file) bool { return !accepts(s) })
}

func absentUnit(p *pair) (found []Finding) {
	for _, a := range p.absent {
		state, write := "is not there", "write "+a.name+", or correct its name"
		if a.masked {
			state, write = "is masked", "systemctl unmask "+a.name
		}
		severity := Blocks
		if a.by.early() && !a.masked { // syslog.socket, whose service a package may bring
			severity = Hint
		}
		found = append(found, a.by.finding(severity, a.where, fmt.Sprintf("%s needs %s, which %s", a.by.name, a.name, state),
			"it cannot be started", write)...)
	}
	return found
}

func noSocket(p *pair, s *file, b *bridge) []Finding {
	if len(p.sockets) > 0 || b.text("no-socket") == "true" {
		return nil
	}
	write := s.stem() + ".socket with [Socket] ListenStream=8080 and [Install] WantedBy=sockets.target"
	if b.given("port") || b.given("path") {
		return s.finding(Loses, s.where("Service.ExecStart"), "no .socket unit belongs to the service; the bridge binds what --port and --path name",
			"a reload loses nothing, but systemctl restart and a crash close the socket: clients are refused until it is back", write)
	}
	return s.finding(Blocks, s.where("Service.ExecStart"), "no .socket unit belongs to the service, and there is neither --port nor --path",
		"the bridge refuses to start without a socket", write+"; or --no-socket")
}

func requiresSocket(p *pair, s *file) (found []Finding) {
	needs := s.units("Requires", "BindsTo", "Requisite")
	softly := s.units("Wants")
	for _, name := range p.loader.links(s, "requires") {
		needs = append(needs, setting{where: s.path})
		needs[len(needs)-1].Value = name
	}
	softly = append(softly, split(s.all("Service.Sockets"))...)
	for _, socket := range p.sockets {
		named := func(s setting) bool { return socket.answersTo(s.Value) }
		back := func(one setting) bool { return s.answersTo(one.Value) }
		switch {
		case accepts(socket) && p.bridge == nil, slices.ContainsFunc(needs, named), slices.ContainsFunc(split(socket.all("Install.RequiredBy")), back):
		case s.early() && p.bridge == nil: // it is not started by hand
		case slices.ContainsFunc(softly, named), s.value("Service.BusName") != "" && p.bridge == nil: // started by the bus, too
			found = append(found, s.finding(Hint, s.path, fmt.Sprintf("%s is not required", socket.name),
				"when the socket cannot be bound, the service is started without it", "Requires="+socket.name)...)
		default:
			found = append(found, s.finding(Loses, s.path, fmt.Sprintf("Requires=%s is missing", socket.name),
				"systemctl start of the service alone leaves the socket down and hands over nothing; a program that then binds the address itself keeps the socket from starting",
				"Requires="+socket.name+"\nAfter="+socket.name)...)
		}
	}
	return found
}

func boundSocket(p *pair, socket *file) (found []Finding) {
	if p.service == nil {
		return nil
	}
	for _, kind := range []string{"PartOf", "BindsTo", "Conflicts", "Requires", "Requisite", "StopPropagatedFrom"} {
		for _, s := range socket.units(kind) {
			if p.service.answersTo(s.Value) {
				found = append(found, socket.finding(Loses, s.where, fmt.Sprintf("%s=%s binds the socket to its service", kind, s.Value),
					"stop and restart of the service close the socket: what waits in its queue is reset, and clients are refused until it is back",
					"leave "+kind+"= out of the socket; Requires="+socket.name+" belongs in the service")...)
			}
		}
	}
	for _, kind := range []string{"Conflicts", "PropagatesStopTo"} {
		for _, s := range p.service.units(kind) {
			if socket.answersTo(s.Value) {
				found = append(found, p.service.finding(Loses, s.where, fmt.Sprintf("%s=%s stops the socket", kind, s.Value),
					"what waits in its queue is reset, and clients are refused until it is back", "leave "+kind+"= out")...)
			}
		}
	}
	return found
}

// early are units that are there before sysinit.target, or order nothing later.
var early = []string{
	"sysinit.target", "local-fs.target", "local-fs-pre.target", "network-pre.target", "swap.target", "cryptsetup.target",
	"time-set.target", "nss-user-lookup.target", "integritysetup.target", "veritysetup.target",
}

func socketOrder(p *pair, socket *file) (found []Finding) {
	if p.service != nil {
		for _, s := range p.service.units("Before") {
			if socket.answersTo(s.Value) {
				found = append(found, p.service.finding(Blocks, s.where, "Before="+s.Value+" in its service",
					"a socket comes before its service by itself: a cycle, which systemd breaks by dropping one of them", "After="+s.Value)...)
			}
		}
	}
	if socket.early() {
		return found
	}
	for _, s := range socket.units("After") {
		kind := filepath.Ext(s.Value)
		late := kind == ".service" && !strings.HasPrefix(s.Value, "systemd-") || kind == ".target" || kind == ".timer"
		if !late || slices.Contains(early, s.Value) {
			continue
		}
		found = append(found, socket.finding(Blocks, s.where, "After="+s.Value+" in a socket",
			"most services and targets come after basic.target, that after sockets.target, that after every socket: a cycle, which systemd breaks by dropping a unit at boot, perhaps this one",
			"leave After= out of the socket; write it, with Requires=, into "+serviceOf(socket))...)
	}
	return found
}

func acceptYes(p *pair, socket *file) (found []Finding) {
	if !accepts(socket) {
		return nil
	}
	if name, set := socket.last("Socket.Service"); set {
		found = socket.finding(Blocks, name.where, "Service="+name.Value+" with Accept="+socket.value("Socket.Accept"), "systemd refuses the socket: each connection has a service of its own, "+socket.stem()+"@.service", "Accept=no")
	}
	severity := Hint
	if p.bridge != nil || slices.Contains(acceptors, p.child.server()) || p.service != nil && p.service.value("Service.StandardInput") != "socket" && overTCP(socket) {
		severity = Loses
	}
	return append(found, socket.finding(severity, socket.where("Socket.Accept"), "Accept="+socket.value("Socket.Accept")+" starts a process for each connection",
		"a server that accepts by itself is handed a connection in place of the socket, and cannot be swapped", "Accept=no; or StandardInput=socket for a program of inetd's kind")...)
}

func overTCP(socket *file) bool {
	return slices.ContainsFunc(listens(socket), func(a address) bool { return a.port > 0 && !a.udp })
}

// alike are servers that serve the same on all their sockets.
var alike = []string{"gunicorn", "puma", "unicorn", "hypercorn"}

// acceptors are servers that accept by themselves.
var acceptors = []string{
	"gunicorn", "puma", "unicorn", "uwsgi", "uvicorn", "hypercorn", "node", "h2o", "starlet", "starman", "gazelle",
	"monoceros", "twiggy", "feersum", "start_server", "nginx", "deno", "bun",
}

func reusePort(_ *pair, socket *file) []Finding {
	if !socket.is("Socket.ReusePort") {
		return nil
	}
	return socket.finding(Loses, socket.where("Socket.ReusePort"), "ReusePort="+socket.value("Socket.ReusePort"),
		"a program that binds the address once more gets no error, and the kernel sends a part of the clients to a queue that nobody reads; of two equal addresses daemon-reload drops one",
		"leave ReusePort= out")
}

func nonBlocking(p *pair, s *file) []Finding {
	if !s.is("Service.NonBlocking") || len(p.sockets) == 0 {
		return nil
	}
	return s.finding(p.worse(Loses), s.where("Service.NonBlocking"), "NonBlocking="+s.value("Service.NonBlocking"),
		"the flag belongs to the socket and so to every generation: a child that expects accept to wait (Starlet, Gazelle) spins or dies",
		"leave NonBlocking= out; a server that wants it sets it itself")
}

func descriptorName(p *pair, s *file) (found []Finding) {
	var without []*file
	for _, socket := range p.sockets {
		if _, named := socket.last("Socket.FileDescriptorName"); !named {
			without = append(without, socket)
		}
	}
	if len(p.sockets) < 2 || len(without) == 0 || p.inetd() {
		return nil
	}
	severity := Loses
	if p.bridge != nil || s.early() || without[0].early() || strings.HasPrefix(s.name, "systemd-") || slices.Contains(alike, p.child.server()) { // which tell them apart by address
		severity = Hint
	}
	for _, socket := range without {
		found = append(found, socket.finding(severity, socket.path, fmt.Sprintf("%d .socket units for %s, and no FileDescriptorName=", len(p.sockets), s.name),
			"the order of descriptors across units is not defined and changes with daemon-reload: a program that counts answers on the wrong port",
			"FileDescriptorName="+strings.TrimPrefix(socket.stem(), s.stem()+"-"))...)
	}
	return found
}

func execInSocket(_ *pair, socket *file) (found []Finding) {
	severity := Hint
	if mode, set := socket.last("Socket.SocketMode"); set && strings.TrimLeft(mode.Value, "0") != "666" && strings.TrimLeft(mode.Value, "0") != "777" {
		severity = Loses
	}
	unix := slices.ContainsFunc(listens(socket), func(a address) bool { return a.path != "" })
	for key, write := range map[string]string{"User": "SocketUser", "Group": "SocketGroup"} {
		s, set := socket.last("Socket." + key)
		if _, meant := socket.last("Socket." + write); !set || meant || !unix {
			continue
		}
		found = append(found, socket.finding(severity, s.where, key+"= in [Socket] does not say whose the socket is",
			"it is for the Exec commands of the unit; the socket stays root's, and where SocketMode= is tight its clients are refused", write+"="+s.Value)...)
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.Line, b.Line) })
	return found
}

// triggerLimit matters where a client can find the service failed, or skipped by
// a condition: then each starts it again.
func triggerLimit(p *pair, socket *file) []Finding {
	off := socket.value("Socket.TriggerLimitBurst") == "0"
	if d, ok := span(socket.value("Socket.TriggerLimitIntervalSec")); ok && d == 0 {
		off = true
	}
	if off || p.service == nil || p.inetd() || restarts(p.service) && !limited(p.service) && !conditional(p.service) {
		return nil
	}
	severity := Hint
	if !restarts(p.service) {
		severity = p.worse(Closes)
	}
	return socket.finding(severity, socket.where("Socket.TriggerLimitIntervalSec"), "TriggerLimitIntervalSec= is not 0",
		"a service that fails, or is skipped by a condition, is started 20 times within 2 s when clients knock; then the socket is closed until someone restarts it", "TriggerLimitIntervalSec=0")
}

// conditional services are skipped where a Condition…= is not met.
func conditional(s *file) bool {
	return slices.ContainsFunc(s.settings, func(one setting) bool {
		return one.Section == "Unit" && strings.HasPrefix(one.Name, "Condition") && one.Value != ""
	})
}
