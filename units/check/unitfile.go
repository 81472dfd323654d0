package check

import (
	"fmt"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// setting is one assignment of a unit file, and where it stands.
//
// The deserializer of go-systemd is not used: it knows no line numbers, stops at
// the first line that systemd merely ignores, and takes no comment between
// continued lines.
type setting struct {
	unit.UnitOption
	where string // file:line
}

// blank is what systemd strips.
const blank = " \t\n\r"

// parse reads a unit file, systemd.syntax(7). Lines that systemd warns of and
// ignores are returned as "file:line: text".
func parse(file, text string) (settings []setting, ignored []string) {
	section, joined, start := "", "", 0
	logical := func(line string) {
		line = strings.Trim(line, blank)
		where := fmt.Sprintf("%s:%d", file, start)
		name, value, assigned := strings.Cut(line, "=")
		switch {
		case line == "":
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
		case line[0] == '[' || !assigned || section == "":
			ignored = append(ignored, where+": "+line)
		default:
			settings = append(settings, setting{unit.UnitOption{
				Section: section, Name: strings.Trim(name, blank), Value: strings.Trim(value, blank),
			}, where})
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
