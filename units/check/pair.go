package check

import (
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
// at all of a directory, each with its companions. The error is a *NotFoundError where
// one is not there.
func (h Host) Check(args ...string) ([]Finding, error) {
	names, dirs, err := targets(args)
	if err != nil {
		return nil, err
	}
	if len(dirs) > 0 { // systemd knows nothing of these files
		h.Cat = nil
	}
	l := newLoader(h, dirs)
	var findings []Finding
	var seen []*file
	for _, name := range names {
		f, err := l.load(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(seen, f) {
			continue
		}
		p, err := l.pair(f)
		if err != nil {
			return nil, err
		}
		seen = append(append(seen, f, p.service), p.sockets...)
		findings = append(findings, sorted(p.findings())...)
	}
	return findings, nil
}

// targets are the units that the arguments mean, and the directories that paths
// among them lie in. What has a slash is a path.
func targets(args []string) (names, dirs []string, err error) {
	for _, arg := range args {
		if !strings.Contains(arg, "/") && arg != "." && arg != ".." {
			names = append(names, withType(arg))
			continue
		}
		info, err := os.Stat(arg)
		dir := filepath.Dir(arg)
		switch {
		case err != nil || !info.IsDir() && !isUnit(arg):
			return nil, nil, &NotFoundError{Unit: filepath.Base(arg), Path: arg}
		case info.IsDir():
			dir = arg
			found, _ := filepath.Glob(filepath.Join(arg, "*.s*"))
			for _, path := range slices.DeleteFunc(found, func(path string) bool { return !isUnit(path) }) {
				names = append(names, filepath.Base(path))
			}
		default:
			names = append(names, filepath.Base(arg))
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return names, dirs, nil
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
		service = serviceOf(f)
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
	p.run = launched(p.start[0].argv)
	p.child = p.run
	if p.bridge = p.host.bridgeOf(p.run.argv); p.bridge != nil {
		p.child = launched(p.bridge.child)
	}
}
