package porting

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// variable is what the text assigned to a name.
type variable struct {
	value word
	list  []word // of an array
	array bool
}

// scope is what holds for the commands at one place of the text: variables,
// directory, and what the wrappers around the place have set.
type scope struct {
	set      map[string]string // the user's word on variables
	self     string            // $0, where it is known
	vars     map[string]variable
	exported []string // in order
	export   bool     // set -a
	systemd  bool     // a unit: what its files set, systemd puts in

	dir                word  // where the shell is; without pieces: not said
	childDir           word  // where su - behind "--" goes
	refused            error // what stands before start_server, or its child, cannot be
	user, group, umask string
	unit               []*unit.UnitOption
	files              []string // as EnvironmentFile= takes them
	envDir             *word
	wrappers           []word
	name               string
	condition          string // the test that decides whether this place is reached
	missing            []Missing
	notes              []string
	local              map[string]*variable // in a function: what its own names were before
}

func newScope(o Source) *scope {
	sc := &scope{set: o.Set, vars: map[string]variable{}}
	if dir := o.Set["PWD"]; dir != "" {
		sc.dir = plain(dir)
	}
	return sc
}

// clone is the scope of a subshell.
func (sc *scope) clone() *scope {
	c := *sc
	c.vars = maps.Clone(sc.vars)
	c.exported = slices.Clone(sc.exported)
	c.unit = slices.Clone(sc.unit)
	c.files = slices.Clone(sc.files)
	c.wrappers = slices.Clone(sc.wrappers)
	c.missing = slices.Clone(sc.missing)
	c.notes = slices.Clone(sc.notes)
	return &c
}

// systemPath is the PATH of a service, systemd.exec(5), "Environment variables
// in spawned processes".
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"

func (sc *scope) lookup(name string) (variable, bool) {
	if v, ok := sc.set[name]; ok {
		return variable{value: plain(v)}, true
	}
	if v, ok := sc.vars[name]; ok {
		return v, true
	}
	switch {
	case name == "PATH":
		return variable{value: plain(systemPath)}, true
	case name == "PWD" && path.IsAbs(sc.dir.text()):
		return variable{value: sc.dir}, true
	case name == "PWD" && len(sc.dir.pieces) > 0:
		return variable{value: sc.dir}, true
	case (name == "0" || name == "BASH_SOURCE") && sc.self != "":
		return variable{value: plain(sc.self)}, true
	}
	return variable{}, false
}

func (sc *scope) assign(name string, v variable) {
	if v.value.size() > wordLimit || len(v.list) > listLimit {
		v = variable{value: word{pieces: unknown("$"+name, name)}}
	}
	sc.vars[name] = v
	if sc.export {
		sc.mark(name)
	}
}

// mark exports a name.
func (sc *scope) mark(name string) {
	if !slices.Contains(sc.exported, name) {
		sc.exported = append(sc.exported, name)
	}
}

func (sc *scope) put(name string, value word) {
	sc.assign(name, variable{value: value})
	sc.mark(name)
}

// absorb takes over what a branch did that may or may not be run: a variable
// it assigned is unknown now, but for guard, of which the branch gave the
// default.
func (sc *scope) absorb(before, branch *scope, guard string) {
	for _, name := range slices.Sorted(maps.Keys(branch.vars)) {
		now := branch.vars[name]
		was, assigned := before.vars[name]
		switch {
		case assigned && same(was, now):
		case assigned && same(was.certain(), now.certain()): // but it is in doubt now
			if v, ok := sc.vars[name]; ok && same(v.certain(), now.certain()) {
				sc.vars[name] = now
			}
		case name == guard && !assigned && now.value.known() && !now.array:
			sc.vars[name] = variable{value: word{pieces: []piece{{state: defaulted, text: now.value.text(), name: name}}}}
		default:
			sc.lose(name)
		}
	}
	for name := range before.vars {
		if _, ok := branch.vars[name]; !ok { // unset
			sc.lose(name)
		}
	}
	for _, name := range branch.exported {
		sc.mark(name)
	}
	for _, file := range branch.files {
		if !slices.Contains(before.files, file) {
			sc.files = append(sc.files, "-"+strings.TrimPrefix(file, "-"))
		}
	}
	if branch.dir.source() != before.dir.source() {
		sc.dir = word{pieces: unknown(branch.dir.source(), "")}
	}
}

// lose makes a variable unknown; an argument, $1, is asked for as that.
func (sc *scope) lose(name string) {
	delete(sc.vars, name)
	if launch.IsName(name) {
		sc.vars[name] = variable{value: word{pieces: unknown("$"+name, name)}}
	}
}

// certain is the variable without a doubt.
func (v variable) certain() variable {
	v.value = v.value.doubted("")
	list := v.list
	v.list = nil
	for _, w := range list {
		v.list = append(v.list, w.doubted(""))
	}
	return v
}

func same(a, b variable) bool {
	return a.array == b.array && slices.Equal(a.value.pieces, b.value.pieces) &&
		slices.EqualFunc(a.list, b.list, func(x, y word) bool { return slices.Equal(x.pieces, y.pieces) })
}

// chdir follows cd to where.
func (sc *scope) chdir(where word) {
	text, known := where.value()
	sc.tell(where)
	here, placed := sc.dir.value()
	switch {
	case len(where.in(computed)) > 0 || known && path.IsAbs(text):
		sc.dir = where
		if known {
			sc.dir = word{pieces: []piece{{text: path.Clean(text)}}, line: where.line}
		}
	case placed && path.IsAbs(here):
		sc.dir = plain(path.Join(here, text))
	default:
		sc.dir = word{pieces: unknown(path.Clean(text), ""), line: where.line}
	}
}

// resolve makes a path absolute, where the directory is known.
func (sc *scope) resolve(file string) string {
	if here, ok := sc.dir.value(); ok && path.IsAbs(here) && !path.IsAbs(file) {
		return path.Join(here, file)
	}
	return file
}

// want notes a value that the text computes.
func (sc *scope) want(w word, where string) {
	for _, p := range w.in(computed) {
		sc.missing = append(sc.missing, missing(p, where))
	}
}

func (sc *scope) option(name, value string) {
	sc.unit = append(sc.unit, unit.NewUnitOption("Service", name, value))
}
