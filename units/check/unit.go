package check

import (
	"path"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// file is a unit as systemd sees it: its file and drop-ins in order.
type file struct {
	name     string   // app.service
	names    []string // and its aliases that are known
	path     string   // of the unit file
	settings []setting
	ignored  []string // lines that systemd ignores
}

// answersTo tells whether that is one of its names.
func (f *file) answersTo(name string) bool { return slices.Contains(f.names, name) }

// id is the same for the same unit.
func (f *file) id() string { return f.path + " " + f.name }

// stem is the name without its type.
func (f *file) stem() string { return strings.TrimSuffix(f.name, path.Ext(f.name)) }

// last is the assignment that counts, of keys written as Section.Name that mean
// the same. One that systemd ignores does not; an empty one that it takes undoes
// those before it.
func (f *file) last(keys ...string) (setting, bool) {
	for _, s := range slices.Backward(f.settings) {
		if slices.Contains(keys, s.Section+"."+s.Name) && s.counts() {
			return s, s.Value != ""
		}
	}
	return setting{where: f.path}, false
}

// value is the text of last, with its specifiers put in; "" where there is none.
func (f *file) value(keys ...string) string {
	s, _ := f.last(keys...)
	return f.expand(s.Value)
}

// is tells whether a boolean is true.
func (f *file) is(keys ...string) bool {
	return unitfile.IsTrue(f.value(keys...))
}

// early tells whether it is one of those of the early boot, which another unit
// or a device brings up.
func (f *file) early() bool {
	v := f.value("Unit.DefaultDependencies")
	return v != "" && !f.is("Unit.DefaultDependencies")
}

// all are the assignments of a list, those after the last empty one.
func (f *file) all(keys ...string) []setting {
	var list []setting
	for _, s := range f.settings {
		switch {
		case !slices.Contains(keys, s.Section+"."+s.Name):
		case s.Value == "":
			list = nil
		default:
			s.Value = f.expand(s.Value)
			list = append(list, s)
		}
	}
	return list
}

// units are the names in dependencies of [Unit]. They cannot be reset
// (systemd.unit(5)).
func (f *file) units(kinds ...string) []setting {
	var list []setting
	for _, s := range f.settings {
		if s.Section == "Unit" && slices.Contains(kinds, s.Name) {
			s.Value = f.expand(s.Value)
			list = append(list, s)
		}
	}
	return split(list)
}

// split gives each of several names a setting of its own.
func split(list []setting) (one []setting) {
	for _, s := range list {
		for name := range strings.FieldsSeq(s.Value) {
			s.Value = name
			one = append(one, s)
		}
	}
	return one
}

// where is the place of the assignment that counts, else the file's.
func (f *file) where(keys ...string) string {
	s, _ := f.last(keys...)
	return s.where
}

// expand puts in the specifiers that the files alone decide, systemd.unit(5).
// Others stay.
func (f *file) expand(value string) string {
	if !strings.Contains(value, "%") {
		return value
	}
	stem := f.stem()
	prefix, instance, _ := strings.Cut(stem, "@")
	final := prefix[strings.LastIndexByte(prefix, '-')+1:]
	return strings.NewReplacer("%%", "%", "%n", f.name, "%N", stem, "%p", prefix, "%P", prefix,
		"%i", instance, "%I", strings.ReplaceAll(instance, "-", "/"), "%j", final, "%J", final,
		"%t", "/run", "%S", "/var/lib", "%C", "/var/cache", "%L", "/var/log", "%E", "/etc",
		"%T", "/tmp", "%V", "/var/tmp").Replace(value)
}
