package launch

import "strings"

const (
	blank   = " \t"
	newline = "\n\r"
)

// scanner walks over the text of an environment file. It stands at a byte of it
// or at its end.
type scanner struct {
	text string
	pos  int
}

// nextLine moves to the next line that is neither empty nor a comment.
func (s *scanner) nextLine() bool {
	for s.skip(blank + newline); s.is("#;"); s.skip(blank + newline) {
		s.until(newline)
	}
	return s.pos < len(s.text)
}

// name reads up to the "="; a line without one is passed.
func (s *scanner) name() (name string, ok bool) {
	name = s.until("=" + newline)
	if !s.is("=") {
		return "", false
	}
	s.pos++
	return strings.TrimRight(name, blank), true
}

// value reads quoted parts, which are joined, and at last an unquoted one, in
// which quotes have no meaning any more.
func (s *scanner) value() (value string, closed bool) {
	var v strings.Builder
	for s.skip(blank); s.is(`'"`); s.skip(blank) {
		quoted := s.single
		if s.is(`"`) {
			quoted = s.double
		}
		s.pos++
		if !quoted(&v) {
			return "", false
		}
	}
	return s.unquoted(&v), true
}

// single reads to the closing quote, and tells whether there is one.
func (s *scanner) single(v *strings.Builder) bool {
	v.WriteString(s.until("'"))
	return s.take() != ""
}

// double is single for the other quote. A backslash stands for itself there,
// but before a quote, a backslash, a backquote, a dollar and a newline.
func (s *scanner) double(v *strings.Builder) bool {
	for {
		v.WriteString(s.until(`"\`))
		end := s.take()
		switch {
		case end != `\`:
			return end != ""
		case s.is("\n"):
			s.pos++
		case s.is("\"\\`$"):
			v.WriteString(s.take())
		default:
			v.WriteByte('\\')
		}
	}
}

// unquoted reads the rest of the line behind v. Blanks at its end go, but for
// those before or behind a backslash.
func (s *scanner) unquoted(v *strings.Builder) string {
	kept := v.Len()
	for {
		v.WriteString(s.until(`\` + newline))
		if !s.is(`\`) {
			text := v.String()
			return text[:kept] + strings.TrimRight(text[kept:], blank)
		}
		s.pos++
		if c := s.take(); !strings.Contains(newline, c) {
			v.WriteString(c)
		}
		kept = v.Len()
	}
}

func (s *scanner) is(set string) bool {
	return s.pos < len(s.text) && strings.IndexByte(set, s.text[s.pos]) >= 0
}

func (s *scanner) skip(set string) {
	for s.is(set) {
		s.pos++
	}
}

// until moves to the next byte of set, or to the end, and returns what it passed.
func (s *scanner) until(set string) string {
	passed := s.text[s.pos:]
	if i := strings.IndexAny(passed, set); i >= 0 {
		passed = passed[:i]
	}
	s.pos += len(passed)
	return passed
}

// take steps over one byte and returns it; at the end it is empty.
func (s *scanner) take() string {
	if s.pos == len(s.text) {
		return ""
	}
	s.pos++
	return s.text[s.pos-1 : s.pos]
}
