package check

import (
	"fmt"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// setting is one assignment of a unit file, and where it stands.
type setting struct {
	unit.UnitOption
	where string // file:line
}

// parse reads a unit file. Lines that systemd warns of and ignores are returned as
// "file:line: text".
func parse(file, text string) (settings []setting, ignored []string) {
	read, passed := unitfile.Parse(text)
	for _, s := range read {
		settings = append(settings, setting{s.UnitOption, fmt.Sprintf("%s:%d", file, s.Line)})
	}
	for _, l := range passed {
		ignored = append(ignored, fmt.Sprintf("%s:%d: %s", file, l.Line, l.Text))
	}
	return settings, ignored
}
