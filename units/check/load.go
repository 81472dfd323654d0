package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// NotFoundError says that a unit is not there, or masked.
type NotFoundError struct {
	Unit   string // "": there is none in the directory Path
	Path   string // that was given; "": the unit was looked for
	Masked string // the file that masks it
}

func (e *NotFoundError) Error() string {
	switch {
	case e.Masked != "":
		return fmt.Sprintf("unit %s is masked by %s: it can never be started; systemctl unmask %s", e.Unit, e.Masked, e.Unit)
	case e.Unit == "":
		return fmt.Sprintf("cannot find a .socket or .service file in %s", e.Path)
	case e.Path != "":
		return fmt.Sprintf("cannot find %s: give the path of a .socket or .service file, or the name of a unit", e.Path)
	}
	return fmt.Sprintf("cannot find unit %s in any of systemd's directories; give its path, or --root, or --user", e.Unit)
}

// loader reads units; what it has read it remembers.
type loader struct {
	host    Host
	dirs    []string // the first wins
	loaded  map[string]*file
	aliases map[string]string // links to other names, and those; nil: not yet read
}

// newLoader looks first into the directories of the files that were named.
func newLoader(h Host, first []string) *loader {
	dirs := slices.Clone(first)
	of := h.Dirs
	if of == nil {
		of = unitDirs
	}
	for _, dir := range of {
		dirs = append(dirs, h.on(dir))
	}
	return &loader{host: h, dirs: dirs, loaded: map[string]*file{}}
}

// load reads a unit with its drop-ins.
func (l *loader) load(name string) (*file, error) {
	if f, ok := l.loaded[name]; ok {
		return f, nil
	}
	f := &file{name: name, names: []string{name}}
	if err := l.locate(f); err != nil {
		return nil, err
	}
	l.alias(f)
	paths := l.told(name)
	if paths == nil {
		dropIns, err := l.dropIns(f.names)
		if err != nil {
			return nil, fmt.Errorf("cannot read drop-ins of unit %s: %w", name, err)
		}
		paths = append([]string{f.path}, dropIns...)
	}
	for _, path := range paths {
		text, err := os.ReadFile(l.host.follow(path))
		if err != nil {
			return nil, fmt.Errorf("cannot read unit %s: %w", name, err)
		}
		settings, ignored := parse(path, string(text))
		f.settings = append(f.settings, settings...)
		f.ignored = append(f.ignored, ignored...)
	}
	for _, n := range f.names {
		l.loaded[n] = f
	}
	return f, nil
}

// locate finds the unit file; an alias is a symbolic link to another name, of
// an instance the template's file is the second choice.
func (l *loader) locate(f *file) error {
	wanted := f.name
	for range 8 { // links may go in a circle
		path, err := l.find(wanted)
		if err != nil {
			return err
		}
		target, err := os.Readlink(path)
		if err != nil || filepath.Base(target) == filepath.Base(path) || template(filepath.Base(target)) == filepath.Base(path) {
			f.path = path
			return nil
		}
		wanted = filepath.Base(target)
		if filepath.Ext(wanted) != filepath.Ext(f.name) { // a link to a file that is called otherwise, no alias
			f.path = path
			return nil
		}
		f.name = instantiated(wanted, f.name)
		f.names = append(f.names, f.name)
		if _, err := l.find(wanted); err != nil { // a link to a file elsewhere
			f.path = path
			return nil
		}
	}
	return &NotFoundError{Unit: f.name}
}

// find is the file of that name in the first directory that has one.
func (l *loader) find(name string) (string, error) {
	for _, n := range []string{name, template(name)} {
		for _, dir := range l.dirs {
			path := filepath.Join(dir, n)
			if n == "" {
				continue
			}
			info, err := os.Stat(l.host.follow(path))
			switch {
			case err != nil: // not here
			case info.Mode()&os.ModeDevice != 0 || info.Mode().IsRegular() && info.Size() == 0:
				return "", &NotFoundError{Unit: name, Masked: path}
			case info.Mode().IsRegular():
				return path, nil
			}
		}
	}
	return "", &NotFoundError{Unit: name}
}

// template is app@.service of app@x.service; "" for what is no instance.
func template(name string) string {
	prefix, rest, ok := strings.Cut(name, "@")
	suffix := filepath.Ext(name)
	if !ok || rest == suffix {
		return ""
	}
	return prefix + "@" + suffix
}

// instantiated gives a template that an alias leads to the alias's instance.
func instantiated(name, alias string) string {
	_, instance, ok := strings.Cut(alias, "@")
	if prefix, rest, is := strings.Cut(name, "@"); ok && is && strings.HasPrefix(rest, ".") {
		return prefix + "@" + instance
	}
	return name
}

// told are the files that make up a unit according to systemd itself, whose
// answer has each path above its text; nil where it does not say.
func (l *loader) told(name string) []string {
	if l.host.Cat == nil {
		return nil
	}
	var paths []string
	for line := range strings.Lines(l.host.Cat(name)) {
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "# /")
		path = "/" + path
		isUnit := len(paths) == 0 && filepath.Ext(path) == filepath.Ext(name)
		isDropIn := len(paths) > 0 && strings.HasSuffix(filepath.Dir(path), ".d") && filepath.Ext(path) == ".conf"
		if ok && (isUnit || isDropIn) && !slices.Contains(paths, path) {
			if _, err := os.Stat(path); err == nil {
				paths = append(paths, path)
			}
		}
	}
	return paths
}
