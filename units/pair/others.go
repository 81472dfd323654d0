package pair

import (
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// others are the command lines of the old unit beside ExecStart= that the pair
// keeps: directory, environment and user of the unit are theirs, too
// (systemd.exec(5)).
func (m *maker) others() (kept []*unit.UnitOption) {
	for _, o := range m.Unit {
		if slices.Contains([]string{"ExecStartPre", "ExecStartPost", "ExecStopPost", "ExecCondition"}, o.Name) &&
			o.Section == service && o.Value != "" && !m.removes(o.Value) {
			kept = append(kept, o)
		}
	}
	return kept
}

// otherDirectory is WorkingDirectory= of the old unit as it stands there, "" where
// no command line beside ExecStart= needs it.
func (m *maker) otherDirectory() string {
	for _, o := range slices.Backward(m.Unit) {
		if o.Section == service && o.Name == "WorkingDirectory" && len(m.others()) > 0 {
			return o.Value
		}
	}
	return ""
}

// keepDirectory writes it beside --dir, which is the child's.
func (m *maker) keepDirectory(f *file) {
	dir := m.otherDirectory()
	bare := strings.TrimPrefix(dir, "-")
	switch {
	case dir == "":
	case f.index(service, "WorkingDirectory") < 0:
		f.after(service, f.anchor(), said(service, "WorkingDirectory", dir, "for the Exec lines beside ExecStart=; the child has --dir, which is looked up anew at each reload"))
	case bare != m.dir && !strings.Contains(bare, "%"): // systemd alone runs the child in another
		m.note("WorkingDirectory=%s was that of the other Exec lines, too, and here it is the child's: write env --chdir=%s before their commands", dir, bare)
	}
}

// asRoot are the command lines that ran as root and would now run as the new
// User=, behind a "+", systemd.service(5), "Special executable prefixes".
func (m *maker) asRoot(o *unit.UnitOption) setting {
	s := old(o)
	bare := strings.TrimLeft(o.Value, "-:@|")
	if !m.AsRoot || m.user == "" || m.user == "root" || !slices.Contains(m.others(), o) || strings.HasPrefix(bare, "+") || strings.HasPrefix(bare, "!") {
		return s
	}
	s.Value = "+" + o.Value
	s.above = comment("from the old unit; + is root, who ran it there: User= is new")
	m.unlessNoted("the old unit had no User=, so that its other Exec lines ran as root: they still do, by the + before them; take it out where User=%s can do it", m.user)
	return s
}
