package check

import (
	"fmt"
	"slices"
	"strings"
)

// socketName looks up the names in --select, --rename and --ready=accept: as the
// bridge does.
func socketName(p *pair, s *file, b *bridge) (found []Finding) {
	handed, ok := p.handed()
	if !ok || len(handed) == 0 {
		return nil
	}
	find := func(flag, name string, among []entry, one bool) {
		n := max(len(entriesOf(among, name)), len(entriesOf(among, likewise(name))))
		if n == 1 || n > 1 && !one {
			return
		}
		what := "means no socket"
		if n > 1 {
			what = fmt.Sprintf("means %d sockets", n)
		}
		found = append(found, s.finding(Blocks, s.where("Service.ExecStart"), fmt.Sprintf("%s: %q %s", flag, name, what),
			"the bridge refuses to start", "one of the names "+strings.Join(called(among), ", "))...)
	}
	for _, name := range b.selected() {
		find("--select", name, handed, true)
	}
	if len(found) > 0 {
		return found
	}
	placed := p.entries(b)
	for _, text := range b.list("rename") {
		at := max(strings.LastIndexByte(text, '='), 0)
		find("--rename", text[:at], placed, true)
	}
	if list, ok := strings.CutPrefix(b.text("ready"), "accept:"); ok {
		for _, text := range b.list("rename") {
			placed = append(placed, entry{handles: []string{text[strings.LastIndexByte(text, '=')+1:]}})
		}
		for name := range strings.SplitSeq(list, ",") {
			find("--ready=accept", name, placed, false)
		}
	}
	return found
}

// handles are the names of a socket that is handed over. The kernel says a path as
// the unit does, also one through a link.
func (a address) handles() []string {
	names := []string{a.unit.descriptor(), a.entryName()}
	if a.path != "" && a.text != a.path && names[1] != "" {
		names = append(names, a.text)
	}
	return names
}

// likewise is another spelling of an entry name: whether a plain port takes IPv4 the
// host decides.
func likewise(name string) string { return strings.TrimPrefix(name, "[::]:") }

// called are the names by which one can mean these.
func called(all []entry) (names []string) {
	for _, e := range all {
		for _, name := range e.handles {
			if name != "" && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// selected are the names of --select.
func (b *bridge) selected() (names []string) {
	for _, list := range b.list("select") {
		names = append(names, strings.Split(list, ",")...)
	}
	return names
}

// handed are the sockets that the service is handed; not ok where the units do not
// say them all.
func (p *pair) handed() (all []entry, ok bool) {
	if len(p.absent) > 0 || len(p.service.all("Service.OpenFile")) > 0 {
		return nil, false
	}
	for _, s := range p.sockets {
		if len(listens(s)) != len(s.all(listenKeys...)) || strings.Contains(s.descriptor(), "%") {
			return nil, false
		}
	}
	for _, a := range p.listens() {
		all = append(all, entry{a, a.entryName(), a.handles()})
	}
	return all, true
}
