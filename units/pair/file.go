package pair

import (
	"errors"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// file is a unit file: its settings in order, each with what stands above it.
type file []setting

type setting struct {
	unit.UnitOption
	above string // comment lines and empty ones, as they stand there
}

// parse reads a unit file that ships: no continued lines, no blanks around "=".
func parse(text string) (f file) {
	var section string
	var above strings.Builder
	for line := range strings.Lines(text) {
		name, value, assigned := strings.Cut(strings.TrimSpace(line), "=")
		switch {
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]\n")
			above.Reset()
		case strings.HasPrefix(line, "#") || !assigned:
			above.WriteString(line)
		default:
			f = append(f, setting{unit.UnitOption{Section: section, Name: name, Value: value}, above.String()})
			above.Reset()
		}
	}
	return f
}

// text is the file, with head as a comment above all.
func (f file) text(head []string) string {
	var b strings.Builder
	for _, line := range head {
		b.WriteString(comment(line))
	}
	sections := f.sections()
	for i, section := range sections {
		if i > 0 || len(head) > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("[" + section + "]\n")
		for _, s := range f {
			if s.Section == section {
				b.WriteString(s.above + s.Name + "=" + s.Value + "\n")
			}
		}
	}
	return b.String()
}

// sections are those of f, [Install] last.
func (f file) sections() (names []string) {
	for _, s := range f {
		if !slices.Contains(names, s.Section) {
			names = append(names, s.Section)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names
}

func rank(section string) int {
	if section == "Install" {
		return 1
	}
	return 0
}

// comment is a line of comment. One that ends in a backslash would take the next
// line along for some readers.
func comment(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if strings.HasSuffix(text, `\`) {
		text += " "
	}
	return "# " + text + "\n"
}

func (f file) index(section, name string) int {
	return slices.IndexFunc(f, func(s setting) bool { return s.Section == section && s.Name == name })
}

func (f file) value(section, name string) string {
	if i := f.index(section, name); i >= 0 {
		return f[i].Value
	}
	return ""
}

// set changes the value of a setting that is there; why, if not empty, replaces
// the reason above it.
func (f file) set(section, name, value, why string) {
	i := f.index(section, name)
	f[i].Value = value
	if why != "" {
		f[i].above = comment(why)
	}
}

// after adds settings behind the last one of that name.
func (f *file) after(section, name string, added ...setting) {
	for i, s := range slices.Backward(*f) {
		if s.Section == section && s.Name == name {
			*f = slices.Insert(*f, i+1, added...)
			return
		}
	}
	*f = append(*f, added...)
}

// drop removes all settings of these names.
func (f *file) drop(section string, names ...string) {
	*f = slices.DeleteFunc(*f, func(s setting) bool { return s.Section == section && slices.Contains(names, s.Name) })
}

// said is a setting with its reason.
func said(section, name, value, why string) setting {
	s := setting{UnitOption: unit.UnitOption{Section: section, Name: name, Value: value}}
	if why != "" {
		s.above = comment(why)
	}
	return s
}

// options are the settings as go-systemd reads them.
func (f file) options() (o []*unit.UnitOption) {
	for _, section := range f.sections() {
		for _, s := range f {
			if s.Section == section {
				o = append(o, &unit.UnitOption{Section: s.Section, Name: s.Name, Value: s.Value})
			}
		}
	}
	return o
}

// sound says whether text reads back as f: no value of the line may have become
// a setting of its own. Lines of more than 2,048 bytes, which systemd takes,
// go-systemd does not read.
func (f file) sound(text string) bool {
	for _, s := range f {
		whole := strings.ReplaceAll(s.Value, "\\\n", "") // a continued line
		if strings.ContainsAny(whole, "\r\n") || strings.HasSuffix(whole, `\`) {
			return false
		}
	}
	read, err := unit.DeserializeOptions(strings.NewReader(text))
	return errors.Is(err, unit.ErrLineTooLong) || err == nil && unit.AllMatch(read, f.options())
}
