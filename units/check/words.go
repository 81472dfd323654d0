package check

import (
	"fmt"
	"strconv"
	"strings"
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
	words, err := words(s.Value)
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
		case w == separator:
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

// separator stands for a bare ";", which no word can be.
const separator = "\x00;"

// words splits by blanks; quotes group and are removed, a backslash escapes as
// in C. An unknown escape stays as it is.
func words(text string) ([]string, error) {
	var list []string
	var b strings.Builder
	inside, quote := false, byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		bare := quote == 0 && !inside && (i+1 == len(text) || isBlank(text[i+1]))
		switch {
		case quote == 0 && isBlank(c):
			if inside {
				list, inside = append(list, b.String()), false
				b.Reset()
			}
		case c == ';' && bare:
			list = append(list, separator)
		case c == '\\':
			decoded, n := escaped(text[i:])
			b.WriteString(decoded)
			i, inside = i+n-1, true
		case quote == 0 && (c == '"' || c == '\''):
			quote, inside = c, true
		case c == quote:
			quote = 0
		default:
			b.WriteByte(c)
			inside = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote %c is not closed", quote)
	}
	if inside {
		list = append(list, b.String())
	}
	return list, nil
}

func isBlank(c byte) bool { return strings.IndexByte(blank, c) >= 0 }

var simpleEscapes = map[byte]string{
	'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v",
	'\\': `\`, '"': `"`, '\'': "'", 's': " ", ';': ";",
}

// escaped decodes the escape at the start of text and says how long it is.
func escaped(text string) (decoded string, length int) {
	if len(text) == 1 {
		return text, 1
	}
	if simple, ok := simpleEscapes[text[1]]; ok {
		return simple, 2
	}
	for _, form := range []struct {
		lead       string
		skip, size int
		base       int
	}{{"x", 2, 2, 16}, {"u", 2, 4, 16}, {"U", 2, 8, 16}, {"", 1, 3, 8}} {
		end := form.skip + form.size
		if !strings.HasPrefix(text[1:], form.lead) || len(text) < end {
			continue
		}
		n, err := strconv.ParseUint(text[form.skip:end], form.base, 32)
		switch {
		case err != nil || n == 0:
		case form.size > 3:
			return string(rune(n)), end
		case n < 256:
			return string([]byte{byte(n)}), end
		}
	}
	return text[:2], 2
}
