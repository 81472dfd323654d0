package pair

import (
	"fmt"
	"strings"
)

// called finds the name of the units.
func (m *maker) called() error {
	m.name = unitName(m.o.Name, m.Name)
	for _, c := range m.name {
		if !bare(c) || strings.ContainsRune("@%$+=,/", c) {
			return fmt.Errorf("%q is no name for a unit: use letters, digits and any of : _ . - in --name", m.name)
		}
	}
	switch {
	case m.name == "":
		m.ask("", "the name of the units", "--name NAME")
	case len(m.name) > 200 || m.name[0] == '-' || strings.Trim(m.name, ".") == "":
		return fmt.Errorf("%q is no name for a unit: give another --name", m.name)
	}
	return nil
}

func unitName(names ...string) string {
	for _, name := range names {
		if name != "" {
			return strings.TrimSuffix(strings.TrimSuffix(name, ".service"), ".socket")
		}
	}
	return ""
}
