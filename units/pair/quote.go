package pair

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// commandLine is words as ExecStart= takes them (systemd.service(5), "Command
// lines"): what it would expand is doubled, but for the variables of expanded, and
// each word stays one, but for a $NAME of expanded. A long line is continued.
func commandLine(words, expanded []string) (string, error) {
	var b strings.Builder
	length := len("ExecStart=")
	for i, word := range words {
		q, err := quote(word, expanded, true)
		if strings.HasPrefix(word, "$") && slices.Contains(expanded, word) {
			q = word // systemd makes words of it
		}
		if err != nil {
			return "", fmt.Errorf("cannot write the command: %w", err)
		}
		switch {
		case i == 0:
		case length+len(q) > 96:
			b.WriteString(" \\\n    ")
			length = 4
		default:
			b.WriteByte(' ')
		}
		b.WriteString(q)
		length += len(q) + 1
	}
	return b.String(), nil
}

// assignment is NAME=VALUE as Environment= takes it (systemd.exec(5)), where "$"
// means nothing.
func assignment(text string) (string, error) {
	name, value, ok := strings.Cut(text, "=")
	switch {
	case !ok || !launch.IsName(name):
		return "", fmt.Errorf("systemd takes no variable %q: a name has letters, digits and _, the first is no digit", name)
	case !printable(value):
		return "", fmt.Errorf("systemd takes no control character and nothing but UTF-8 in the variable %s: leave it out, and put it into a file for --envdir", name)
	}
	return quote(text, nil, false)
}

func printable(s string) bool {
	for i, r := range s {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f || unwelcome(s[i:], r) {
			return false
		}
	}
	return true
}

// unwelcome says whether systemd drops a line for the rune at the beginning of s:
// what is no UTF-8, and Unicode's noncharacters.
func unwelcome(s string, r rune) bool {
	if r == utf8.RuneError {
		_, size := utf8.DecodeRuneInString(s)
		return size == 1
	}
	return 0xfdd0 <= r && r <= 0xfdef || r&0xfffe == 0xfffe
}

// quote is word as systemd's splitting of lines takes it. Outside of quotes it
// would read a lone ";" as the end of the command.
func quote(word string, expanded []string, dollars bool) (string, error) {
	var b strings.Builder
	plain := word != ""
	for i := 0; i < len(word); {
		if v := prefixOf(word[i:], expanded); v != "" {
			b.WriteString(v)
			i += len(v)
			continue
		}
		r, size := utf8.DecodeRuneInString(word[i:])
		plain = plain && bare(r)
		switch {
		case r == 0 || unwelcome(word[i:], r):
			return "", fmt.Errorf("%q is not UTF-8: neither a unit nor D-Bus takes it; put it into a script", word)
		case r == '%' || r == '$' && dollars:
			b.WriteRune(r)
			b.WriteRune(r)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	if plain {
		return b.String(), nil
	}
	return `"` + b.String() + `"`, nil
}

// bare says which characters need no quotes.
func bare(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_@%$+=:,./-", r)
}

// prefixOf is the ${NAME} of expanded that s begins with, "" if there is none.
func prefixOf(s string, expanded []string) string {
	for _, name := range expanded {
		if v := "${" + name + "}"; strings.HasPrefix(s, v) {
			return v
		}
	}
	return ""
}

// pathValue is a path as a setting of its own takes it, behind no quotes.
func pathValue(what, path string) (string, error) {
	switch {
	case !printable(path) || strings.ContainsAny(path, "\n\t\\") || strings.TrimSpace(path) != path:
		return "", fmt.Errorf("%s %q: systemd takes no control character, no backslash and no blank at an end: use another path", what, path)
	case !filepath.IsAbs(path):
		return "", fmt.Errorf("%s %q is not absolute", what, path)
	}
	return strings.ReplaceAll(path, "%", "%%"), nil
}
