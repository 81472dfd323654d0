package check

import (
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// command is one command of an Exec line.
type command struct {
	setting
	prefix string   // of "@-:+!|"
	words  []string // as they are written; words[0] is the program's path
	argv   []string // as it is run; a "$VARIABLE" that is not known stays
	alone  bool     // the line has no other command
}

// commands splits an Exec line, systemd.service(5): quotes, escapes, prefixes,
// "@" with a name of its own, several commands separated by ";". "%%" has been
// taken care of with the other specifiers; "$$" is a dollar, and variables stay.
func commands(s setting) ([]command, error) {
	words, err := unitfile.Words(s.Value)
	if err != nil {
		return nil, err
	}
	var list []command
	current := command{setting: s}
	end := func() {
		if len(current.words) > 0 {
			list = append(list, current.named().with(nil))
		}
		current = command{setting: s}
	}
	for _, w := range words {
		switch {
		case w == unitfile.Separator:
			end()
			continue
		case len(current.words) == 0:
			program := strings.TrimLeft(w, "@-:+!|")
			current.prefix = w[:len(w)-len(program)]
			w = program
		}
		current.words = append(current.words, w)
	}
	end()
	if len(list) == 1 {
		list[0].alone = true
	}
	return list, nil
}

// named leaves out the name that "@" gives.
func (c command) named() command {
	if strings.Contains(c.prefix, "@") && len(c.words) > 1 {
		c.words = append(c.words[:1:1], c.words[2:]...)
	}
	return c
}

// with puts in the values of variables; behind ":" there are none.
func (c command) with(v variables) command {
	c.argv = c.words
	if !strings.Contains(c.prefix, ":") {
		c.argv = v.put(c.words)
	}
	return c
}

// in puts them into each of a list.
func (v variables) in(list []command) []command {
	for i, c := range list {
		list[i] = c.with(v)
	}
	return list
}
