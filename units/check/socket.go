package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

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
	write := s.stem() + ".socket with [Socket] " + b.listens() + " and [Install] WantedBy=sockets.target"
	if own, err := p.loader.load(s.stem() + ".socket"); err == nil && accepts(own) {
		write = "Accept=no in " + own.name + ", which gives each connection to a service of its own"
	}
	if b.given("port") || b.given("path") {
		return s.finding(Loses, s.where("Service.ExecStart"), "no .socket unit belongs to the service; the bridge binds what --port and --path name",
			"a reload loses nothing, but systemctl restart and a crash close the socket: clients are refused until it is back", write)
	}
	return s.finding(Blocks, s.where("Service.ExecStart"), "no .socket unit belongs to the service, and there is neither --port nor --path",
		"the bridge refuses to start without a socket", write+"; or --no-socket")
}

// listens are the lines for what the command line names, else an example.
func (b *bridge) listens() string {
	var lines []string
	for _, a := range b.wants() {
		name := "ListenStream="
		if a.udp {
			name = "ListenDatagram="
		}
		lines = append(lines, name+a.unitLine())
	}
	if len(lines) == 0 {
		return "ListenStream=8080"
	}
	return strings.Join(lines, ", ")
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
			p.orderInstead(socket, s.Value))...)
	}
	return found
}

// orderInstead is where an After= of a socket belongs.
func (p *pair) orderInstead(socket *file, name string) string {
	service := p.loader.serviceOf(socket)
	switch {
	case name == service || p.service != nil && p.service.answersTo(name):
		return "leave After= out: a socket comes before its service"
	case filepath.Ext(name) == ".service":
		return "leave After= out of the socket; write it, with Requires=, into " + service
	case name == "network-online.target":
		return "leave After= out of the socket; write it, with Wants=" + name + ", into " + service
	}
	return "leave After= out of the socket; write After=" + name + " into " + service
}

// alike are servers that serve the same on all their sockets.
var alike = []string{"gunicorn", "puma", "unicorn", "hypercorn"}

// unnamed are the sockets without FileDescriptorName=, and those that have it in
// common with another unit.
func (p *pair) unnamed() (list []*file) {
	count := map[string]int{}
	for _, socket := range p.sockets {
		count[socket.value("Socket.FileDescriptorName")]++
	}
	for _, socket := range p.sockets {
		if name := socket.value("Socket.FileDescriptorName"); name == "" || count[name] > 1 {
			list = append(list, socket)
		}
	}
	return list
}

func descriptorName(p *pair, s *file) (found []Finding) {
	without := p.unnamed()
	if len(p.sockets) < 2 || len(without) == 0 || p.inetd() {
		return nil
	}
	severity := Loses
	if p.bridge != nil || s.early() || without[0].early() || strings.HasPrefix(s.name, "systemd-") || slices.Contains(alike, p.child.server()) { // which tell them apart by address
		severity = Hint
	}
	for _, socket := range without {
		what := "no FileDescriptorName="
		if name := socket.value("Socket.FileDescriptorName"); name != "" {
			what = "FileDescriptorName=" + name + " in two of them"
		}
		found = append(found, socket.finding(severity, socket.where("Socket.FileDescriptorName"), fmt.Sprintf("%d .socket units for %s, and %s", len(p.sockets), s.name, what),
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
