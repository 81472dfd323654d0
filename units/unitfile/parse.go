package unitfile

import (
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// Setting is one assignment of a unit file, and the line that it begins in, from 1.
// Of a continued line the parts are joined by blanks.
type Setting struct {
	unit.UnitOption

	Line int
}

// Ignored is a line that systemd warns of and ignores.
type Ignored struct {
	Text string
	Line int
}

// blank is what systemd strips.
const blank = " \t\n\r"

// Parse reads a unit file. The settings are in its order; an empty one is a
// setting, too.
func Parse(text string) (settings []Setting, ignored []Ignored) {
	section, joined, start := "", "", 0
	logical := func(line string) {
		line = strings.Trim(line, blank)
		name, value, assigned := strings.Cut(line, "=")
		switch {
		case line == "":
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
		case line[0] == '[' || !assigned || section == "":
			ignored = append(ignored, Ignored{line, start})
		default:
			settings = append(settings, Setting{unit.UnitOption{
				Section: section, Name: strings.Trim(name, blank), Value: strings.Trim(value, blank),
			}, start})
		}
		joined, start = "", 0
	}
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimRight(line, "\r")
		bare := strings.TrimLeft(line, blank)
		if strings.HasPrefix(bare, "#") || strings.HasPrefix(bare, ";") {
			continue // also between continued lines
		}
		if start == 0 {
			start = i + 1
		}
		if continued(line) {
			joined += line[:len(line)-1] + " "
			continue
		}
		logical(joined + line)
	}
	logical(joined)
	return settings, ignored
}

// continued: the line ends in a backslash that is not itself escaped.
func continued(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}
