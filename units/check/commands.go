package check

import (
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// command is one command of an Exec line.
type command struct {
	setting
	prefix string   // of "@-:+!|"
	argv   []string // as it is run, but for "$VARIABLE"; argv[0] is the program's path
}

// commands splits an Exec line, systemd.service(5): quotes, escapes, prefixes,
// "@" with a name of its own, several commands separated by ";". "%%" has been
// taken care of with the other specifiers; "$$" is a dollar.
func commands(s setting) ([]command, error) {
	words, err := unitfile.Words(s.Value)
	if err != nil {
		return nil, err
	}
	var list []command
	current := command{setting: s}
	end := func() {
		if len(current.argv) > 0 {
			list = append(list, current.named())
		}
		current = command{setting: s}
	}
	for _, w := range words {
		switch {
		case w == unitfile.Separator:
			end()
			continue
		case len(current.argv) == 0:
			program := strings.TrimLeft(w, "@-:+!|")
			current.prefix = w[:len(w)-len(program)]
			w = program
		}
		if !strings.Contains(current.prefix, ":") {
			w = strings.ReplaceAll(w, "$$", "$")
		}
		current.argv = append(current.argv, w)
	}
	end()
	return list, nil
}

// named leaves out the name that "@" gives.
func (c command) named() command {
	if strings.Contains(c.prefix, "@") && len(c.argv) > 1 {
		c.argv = append(c.argv[:1:1], c.argv[2:]...)
	}
	return c
}
