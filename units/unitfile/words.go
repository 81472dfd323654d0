package unitfile

import (
	"fmt"
	"strconv"
	"strings"
)

// Separator stands for a bare ";", which no word can be.
const Separator = "\x00;"

// Words splits a value as systemd does: by blanks; quotes group and are removed, a
// backslash escapes as in C, and an unknown escape stays as it is. With the error,
// for a quote that is not closed, what stands behind it is the last word.
func Words(text string) ([]string, error) {
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
			list = append(list, Separator)
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
	if inside {
		list = append(list, b.String())
	}
	if quote != 0 {
		return list, fmt.Errorf("a quote %c is not closed", quote)
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
