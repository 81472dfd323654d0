package check

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pair is a service and the sockets that are handed to it: what the rules see.
type pair struct {
	host    Host
	loader  *loader
	service *file // nil: there is none
	sockets []*file
	absent  []absent

	start  []command // of ExecStart=
	broken []setting // Exec lines that cannot be split; Value is the reason
	run    launch    // what the first of them comes to
	bridge *bridge   // nil: it is no `sdbridge run`
	child  launch    // what serves: the bridge's child, or run
}

// absent is a unit that another one names.
type absent struct {
	by     *file
	where  string
	name   string
	masked bool
}

// Check looks at units by name (app.service, or app), by path (./app.service), or
// at all of a directory, each with its companions. What is no name of a unit may
// be that of a file or a directory here. The error is a *NotFoundError where one
// is not there.
func (h Host) Check(args ...string) ([]Finding, error) {
	list, dirs, err := h.targets(args)
	if err != nil {
		return nil, err
	}
	if len(dirs) > 0 { // systemd knows nothing of these files
		h.Cat = nil
	}
	loaders := map[string]*loader{}
	var findings []Finding
	seen := map[string]bool{}
	for _, t := range list {
		if loaders[t.dir] == nil {
			loaders[t.dir] = newLoader(h, t.first(dirs))
		}
		f, err := loaders[t.dir].load(t.name)
		if err != nil {
			return nil, err
		}
		if seen[f.id()] {
			continue
		}
		p, err := loaders[t.dir].pair(f)
		if err != nil {
			return nil, err
		}
		seen[f.id()] = true
		for _, companion := range p.files() {
			seen[companion.id()] = true
		}
		findings = append(findings, sorted(p.findings())...)
	}
	return findings, nil
}

// target is a unit that an argument means.
type target struct {
	name string
	dir  string // of its path; "": it was named
}

// first are the directories of all paths, its own before the others: two may
// hold units of the same name.
func (t target) first(dirs []string) []string {
	return append([]string{t.dir}[:min(1, len(t.dir))], slices.DeleteFunc(slices.Clone(dirs), func(dir string) bool { return dir == t.dir })...)
}

// targets are the units that the arguments mean, and the directories that paths
// among them lie in. What has a slash is a path.
func (h Host) targets(args []string) (list []target, dirs []string, err error) {
	for _, arg := range args {
		if h.named(arg) {
			list = append(list, target{name: withType(arg)})
			continue
		}
		info, err := os.Stat(arg)
		dir, names := filepath.Dir(arg), []string{filepath.Base(arg)}
		switch {
		case err != nil || !info.IsDir() && !isUnit(arg):
			return nil, nil, &NotFoundError{Unit: filepath.Base(arg), Path: arg}
		case info.IsDir():
			dir = arg
			if names, err = unitsIn(arg); err != nil {
				return nil, nil, err
			}
		}
		for _, name := range names {
			list = append(list, target{name, dir})
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return list, dirs, nil
}

// named tells whether an argument is a unit's name.
func (h Host) named(arg string) bool {
	if strings.Contains(arg, "/") || arg == "." || arg == ".." {
		return false
	}
	info, err := os.Stat(arg)
	if h.Root != "" || err != nil || !info.IsDir() && !isUnit(arg) {
		return true
	}
	_, err = newLoader(h, nil).load(withType(arg))
	missing, is := errors.AsType[*NotFoundError](err)
	return !is || missing.Masked != ""
}

// unitsIn are the names of a directory's units. What is masked there, or a link
// to nothing, is passed over.
func unitsIn(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read directory %s: %w", dir, err)
	}
	for _, e := range entries {
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err == nil && isUnit(e.Name()) && info.Mode().IsRegular() && info.Size() > 0 {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, &NotFoundError{Path: dir}
	}
	return names, nil
}

func isUnit(path string) bool {
	return slices.Contains([]string{".service", ".socket"}, filepath.Ext(path))
}

// withType makes a name without a type a service's, as systemctl does.
func withType(name string) string {
	if isUnit(name) {
		return name
	}
	return name + ".service"
}

// pair gathers what belongs to a unit.
func (l *loader) pair(f *file) (*pair, error) {
	p := &pair{host: l.host, loader: l}
	service := f.name
	if filepath.Ext(f.name) == ".socket" {
		service = l.serviceOf(f)
		p.sockets = []*file{f}
	}
	var err error
	if p.service, err = l.load(service); err != nil {
		if f.name == service || !p.note(f, f.where("Socket.Service"), service, err) {
			return nil, err
		}
		return p, nil
	}
	if err := p.gather(); err != nil {
		return nil, err
	}
	p.understand()
	return p, nil
}

// understand reads the command lines.
func (p *pair) understand() {
	for _, s := range p.service.all("Service.ExecStart") {
		list, err := commands(s)
		if err != nil {
			s.Value = err.Error()
			p.broken = append(p.broken, s)
		}
		p.start = append(p.start, list...)
	}
	if len(p.start) == 0 {
		return
	}
	p.start = environment(p.service).in(p.start)
	p.run = launched(p.start[0].argv).bridged()
	p.child = p.run
	if p.bridge = p.host.bridgeOf(p.run.argv); p.bridge != nil {
		p.child = launched(p.bridge.child)
	}
}
