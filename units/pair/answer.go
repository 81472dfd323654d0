package pair

import "strings"

// answer is for a line that asks a running start_server for something.
func (m *maker) answer() Pair {
	name := unitName(m.o.Name, m.Name)
	if name == "" {
		name = "NAME"
	}
	p := Pair{Name: name, Answer: m.systemctl("reload " + name + ".service")}
	for i, n := range m.notes {
		if strings.HasPrefix(n, "this is a ") {
			m.notes[i] = strings.ReplaceAll(n, " NAME", " "+name)
		}
	}
	if !m.Options.Restart { // of both start_server does this one
		p.Answer = m.systemctl("stop " + name + ".socket " + name + ".service")
	} else {
		m.unlessSaid("is a reload", "systemctl reload returns when the new generation serves, and fails if it does not; start_server --restart also waited for the old one to go, as sdbridge reload %s --wait=drained does", name)
	}
	p.Notes = m.notes
	return p
}

func (m *maker) systemctl(rest string) string {
	if m.o.UserUnit {
		return "systemctl --user " + rest
	}
	return "systemctl " + rest
}
