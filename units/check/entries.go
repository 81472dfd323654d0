package check

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

// entry is a socket as the bridge announces it in SERVER_STARTER_PORT.
type entry struct {
	address
	name    string   // in SERVER_STARTER_PORT
	handles []string // by which --select and --rename can mean it
}

// entryName looks at the names as the bridge does before it starts: bridge/socket's
// checkEntries. What it cannot follow it leaves alone.
func entryName(p *pair, s *file, b *bridge) (found []Finding) {
	all, ok := renamed(p.entries(b), b.list("rename"))
	if !ok {
		return nil
	}
	first := map[string]entry{}
	for _, e := range all {
		line, write := s.where("Service.ExecStart"), ""
		other, clash := first[e.name]
		if clash {
			write = remedy(all, e, other)
		} else {
			first[e.name], write = e, remedy(all, e)
		}
		switch at := strings.IndexAny(e.name, ";="); {
		case at >= 0:
			found = append(found, s.finding(Blocks, line, fmt.Sprintf("the entry name %s has a %q", e.name, e.name[at:at+1]),
				"the bridge refuses to start: SERVER_STARTER_PORT cannot hold it", write)...)
		case clash && !overlaps(e.address, other.address): // else it is overlap's
			found = append(found, s.finding(Blocks, line, fmt.Sprintf("%s is the entry name of two sockets", e.name),
				"the bridge refuses to start: a child would lose one of them", write)...)
		}
	}
	return found
}

// remedy is the --rename for one of the sockets, where a name means one alone.
func remedy(all []entry, candidates ...entry) string {
	for _, e := range candidates {
		for _, name := range e.handles {
			if len(entriesOf(all, name)) == 1 {
				return "--rename " + name + "=NAME"
			}
		}
	}
	return "a .socket unit for each, with its own FileDescriptorName=, and --rename THAT=NAME"
}

// is tells whether a name may mean it.
func (e entry) is(name string) bool {
	return slices.Contains(e.handles, name) || slices.Contains(e.handles, likewise(name))
}

func entriesOf(all []entry, name string) (found []int) {
	for i, e := range all {
		if e.is(name) {
			found = append(found, i)
		}
	}
	return found
}

// renamed has the names of --rename; it is not ok where one means no socket, or two.
func renamed(all []entry, renames []string) ([]entry, bool) {
	list := slices.Clone(all)
	for _, text := range renames {
		i := max(0, strings.LastIndexByte(text, '='))
		found := entriesOf(all, text[:i])
		if len(found) != 1 {
			return nil, false
		}
		list[found[0]].name = text[min(len(text), i+1):]
	}
	return list, true
}

// entries are the sockets that the child gets and that have a name: those that flags
// ask for, then those handed over; of these --select leaves some, and flags all that
// it does not name.
func (p *pair) entries(b *bridge) (list []entry) {
	handed := p.listens()
	selected := b.selected()
	asks := b.given("port") || b.given("path")
	for _, a := range b.wants() {
		_, name, _ := strings.Cut(a.text, " ")
		asked := name
		if port, err := socket.ParsePort(name); err == nil && a.path == "" {
			name = port.Entry()
			asked, _, _ = strings.Cut(asked, "=") // the number in the child
		}
		e := entry{a, name, []string{asked, name}}
		if exact, _ := a.among(handed); exact != nil {
			taken := *exact // which DeleteFunc moves
			e.handles = append(e.handles, taken.handles()...)
			handed = slices.DeleteFunc(handed, func(h address) bool { return h.where == taken.where })
		}
		list = append(list, e)
	}
	for _, a := range handed {
		e := entry{a, a.entryName(), a.handles()}
		if e.name != "" && (slices.ContainsFunc(selected, e.is) || len(selected) == 0 && !asks) {
			list = append(list, e)
		}
	}
	return list
}

// descriptor is the name of a unit's sockets in LISTEN_FDNAMES.
func (f *file) descriptor() string {
	if name := f.value("Socket.FileDescriptorName"); name != "" {
		return name
	}
	return f.name
}

// entryName is that of a socket that is handed over; "" where it has none.
func (a address) entryName() string {
	switch {
	case a.path != "" && a.Name != "ListenStream", a.Name == "ListenSequentialPacket":
		return ""
	case a.path != "":
		return a.path
	case a.host == "":
		return strconv.Itoa(a.port)
	}
	return net.JoinHostPort(a.host, strconv.Itoa(a.port))
}
