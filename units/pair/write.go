package pair

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units"
)

// write makes the two files.
func (m *maker) write() (Pair, error) {
	service, err := m.service()
	if err != nil {
		return Pair{}, err
	}
	p := Pair{Name: m.name}
	if len(m.listens) > 0 {
		socket := m.socket()
		if p.Socket = socket.text(m.head(nil)); !socket.sound(p.Socket) {
			return Pair{}, fmt.Errorf("%s.socket would not read back as it was meant: is there a line break in an address?", m.name)
		}
	} else {
		m.unlessSaid("no listener was given", "start_server has no listener here, so that there is no %s.socket: if the child binds a port of its own, give start_server that --port, and the child takes it from there", m.name)
		if !m.bridged() {
			m.note("with nothing to hand on, two generations could not serve side by side: it is a plain service, and systemctl restart %s runs the new code", m.name)
		}
	}
	if p.Service = service.text(m.head(m.notes)); !service.sound(p.Service) {
		return Pair{}, fmt.Errorf("%s.service would not read back as it was meant: is there a line break in a line of the old unit?", m.name)
	}
	p.Notes = m.notes
	return p, nil
}

// head is what stands above all.
func (m *maker) head(notes []string) []string {
	from := "a start_server command line"
	if m.Source != "" {
		from = m.Source
	}
	lines := []string{"Written by sdbridge units, from " + from + "."}
	if len(notes) > 0 {
		lines = append(lines, "To be seen to:")
	}
	for _, n := range notes {
		lines = append(lines, "- "+n)
	}
	return lines
}

func (m *maker) socket() file {
	f := parse(units.Socket)
	f.set("Unit", "Description", "Sockets of "+m.name, "")
	f.set("Socket", "FileDescriptorName", m.name, "")
	var lines []setting
	for i, l := range m.listens {
		why := l.why
		if i > 0 && why == m.listens[i-1].why {
			why = ""
		}
		lines = append(lines, said("Socket", l.setting, l.value, why))
	}
	f.after("Socket", "ListenStream", append(lines, m.socketSettings()...)...)
	f = slices.DeleteFunc(f, func(s setting) bool {
		return s.Name == "ListenStream" && strings.Contains(s.above, "one line for each")
	})
	m.families(&f)
	return f
}

// socketSettings are those that the shipped pair has not.
func (m *maker) socketSettings() (lines []setting) {
	if n := m.Options.Backlog; n > 0 {
		lines = append(lines, said("Socket", "Backlog", fmt.Sprint(n), "start_server's --backlog; without it the most that the kernel grants"))
	}
	if slices.ContainsFunc(m.listens, func(l listen) bool {
		return l.addr.IsValid() && !l.addr.IsUnspecified() && !l.addr.IsLoopback()
	}) {
		lines = append(lines, said("Socket", "FreeBind", "yes", "bound before the network has the address"))
	}
	if len(m.Options.Paths) == 0 {
		return lines
	}
	why := "start_server made the file for everybody; 0660 and SocketGroup= for some"
	if m.o.SocketUser != "" {
		lines = append(lines, said("Socket", "SocketUser", m.o.SocketUser, "who owns the file"))
	}
	if m.o.SocketGroup != "" {
		lines = append(lines, said("Socket", "SocketGroup", m.o.SocketGroup, "the group of the clients"))
	}
	if m.o.SocketMode != "" {
		why = "who may connect"
	}
	return append(lines,
		said("Socket", "SocketMode", first(m.o.SocketMode, "0666"), why),
		said("Socket", "RemoveOnStop", "yes", "start_server removed the file at its end; a stop of the service does not"))
}

// families: start_server's IPv6 sockets take no IPv4 clients, so that it could
// bind both.
func (m *maker) families(f *file) {
	v6 := slices.ContainsFunc(m.listens, func(l listen) bool { return l.addr.Is6() })
	switch {
	case v6:
		f.set("Socket", "BindIPv6Only", "ipv6-only", "an IPv6 address takes no IPv4 clients, as start_server bound it")
	case !m.o.DualStack:
		f.drop("Socket", "BindIPv6Only") // it has no IPv6 socket
	}
}
