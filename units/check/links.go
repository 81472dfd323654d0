package check

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// links are the units that a directory of links, app.service.requires/, names.
func (l *loader) links(f *file, kind string) []string {
	var names []string
	for _, name := range f.names {
		for _, dir := range l.dirs {
			entries, _ := os.ReadDir(filepath.Join(dir, name+"."+kind))
			for _, e := range entries {
				names = append(names, e.Name())
			}
		}
	}
	return names
}

// alias adds the names by which links lead to a unit.
func (l *loader) alias(f *file) {
	if l.aliases == nil {
		l.aliases = l.readAliases()
	}
	for i := 0; i < len(f.names); i++ { // it grows
		name := f.names[i]
		var more []string
		for alias, target := range l.aliases {
			alias = instantiated(alias, name)
			if (target == name || target == template(name)) && !slices.Contains(f.names, alias) {
				more = append(more, alias)
			}
		}
		slices.Sort(more) // the order of a map is none
		f.names = append(f.names, more...)
	}
}

// readAliases are the links of all directories that are another name for a unit; of
// one name the first wins.
func (l *loader) readAliases() map[string]string {
	all, seen := map[string]string{}, map[string]bool{}
	for _, dir := range l.dirs {
		entries, _ := os.ReadDir(dir) // most are not there
		for _, e := range entries {
			name := e.Name()
			if seen[name] || !isUnit(name) {
				continue
			}
			seen[name] = true
			target, err := os.Readlink(filepath.Join(dir, name))
			target = filepath.Base(target)
			if err == nil && target != name && target != template(name) && filepath.Ext(target) == filepath.Ext(name) {
				all[name] = target
			}
		}
	}
	return all
}

// wanted tells whether some unit has a link that starts this one: it is enabled.
func (l *loader) wanted(f *file) bool {
	for _, name := range f.names {
		for _, dir := range l.dirs {
			for _, kind := range []string{"wants", "requires", "upholds"} {
				if found, _ := filepath.Glob(filepath.Join(dir, "*."+kind, name)); len(found) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// pulled tells whether a target, or a service but its own, has a line that starts it.
func (l *loader) pulled(f, service *file) bool {
	for _, dir := range l.dirs {
		entries, _ := os.ReadDir(dir) // most are not there
		for _, e := range entries {
			if !slices.Contains([]string{".target", ".service"}, filepath.Ext(e.Name())) || service.answersTo(e.Name()) {
				continue
			}
			text, _ := os.ReadFile(l.host.follow(filepath.Join(dir, e.Name())))
			settings, _ := parse("", string(text))
			other := &file{name: e.Name(), settings: settings}
			if slices.ContainsFunc(other.units("Wants", "Requires", "BindsTo", "Upholds"), func(s setting) bool { return f.answersTo(s.Value) }) {
				return true
			}
		}
	}
	return false
}

// sockets are the names of all socket units that are there.
func (l *loader) sockets() []string {
	var names []string
	for _, dir := range l.dirs {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".socket") && !slices.Contains(names, e.Name()) {
				names = append(names, e.Name())
			}
		}
	}
	return names
}
