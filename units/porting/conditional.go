package porting

import "strings"

// set gives a variable of make its value. Under a conditional it may not get it,
// and is as unknown as one that the file does not set.
func (m *makeReader) set(name, value string) {
	was, ok := m.vars[name]
	n := len(m.within)
	switch {
	case n == 0 || ok && was == value, n == 1 && m.within[0] == "ifndef "+name && !ok && !m.open[name]:
		m.vars[name] = value
		delete(m.open, name)
	default:
		delete(m.vars, name)
		m.open[name] = true
	}
}

// conditional follows ifdef and its kind, and says whether a line is one.
func (m *makeReader) conditional(line string) bool {
	words := strings.Fields(line)
	if len(words) == 0 || strings.HasPrefix(line, "\t") {
		return false
	}
	switch words[0] {
	case "ifdef", "ifndef", "ifeq", "ifneq":
		m.within = append(m.within, strings.Join(words, " "))
	case "else":
		if n := len(m.within); n > 0 {
			m.within[n-1] = "else"
		}
	case "endif":
		m.within = m.within[:max(len(m.within)-1, 0)]
	default:
		return false
	}
	return true
}
