package launch

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseEnvFile reads the format of EnvironmentFile=, systemd.exec(5), as
// systemd 254 and later do (before, a comment that ended in a backslash took the
// next line along). As there, a line without "=" is ignored. What systemd passes
// over in silence, or nearly so, is an error here, with its line: a name that is
// none, a quote that is not closed.
func parseEnvFile(text string) (env environ, line int, err error) {
	env = environ{}
	s := scanner{text: text}
	for s.nextLine() {
		start := s.pos
		name, ok := s.name()
		if !ok {
			continue
		}
		value, closed := s.value()
		if err := checkVariable(name, value, closed); err != nil {
			return nil, 1 + strings.Count(text[:start], "\n"), err
		}
		env[name] = value
	}
	return env, 0, nil
}

func checkVariable(name, value string, closed bool) error {
	if rest, ok := strings.CutPrefix(name, "export"); ok && strings.TrimLeft(rest, blank) != rest {
		return fmt.Errorf("%s is not a name; write %s=… without export", quoted(name), strings.TrimLeft(rest, blank))
	}
	switch {
	case !IsName(name):
		return fmt.Errorf("%s is not a name; a name has letters, digits and _, and begins with no digit", quoted(name))
	case !closed:
		return fmt.Errorf("the quote in the value of %s is not closed; close it, or write \\ before it", name)
	case strings.Contains(value, "\x00"):
		return fmt.Errorf("the value of %s holds a NUL byte; is it a text file?", name)
	case !utf8.ValidString(value):
		return fmt.Errorf("the value of %s is not UTF-8; convert the file", name)
	case len(name)+len("=")+len(value) >= maxVariable:
		return fmt.Errorf("%s is longer than one variable can be (%d bytes)", quoted(name), maxVariable)
	}
	return nil
}

// quoted is a name for a message, which a file full of anything must not flood.
func quoted(name string) string {
	const enough = 64
	if len(name) > enough {
		return strconv.Quote(name[:enough]) + "…"
	}
	return strconv.Quote(name)
}

// IsName tells whether a variable can be called so, as systemd.exec(5) and shells
// have it.
func IsName(name string) bool {
	for i, c := range []byte(name) {
		letter := c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if digit := c >= '0' && c <= '9'; !letter && (!digit || i == 0) {
			return false
		}
	}
	return name != ""
}
