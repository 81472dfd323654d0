package porting

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// forget makes a variable unknown: something that is not run gives it its value.
func (sc *scope) forget(name string) {
	if syntax.ValidName(name) {
		sc.assign(name, variable{value: word{pieces: unknown("$"+name, name)}})
	}
}

// doubt marks what is set by now: what may set it anew, such as a file that is
// sourced. Who uses a value that is marked is told.
func (sc *scope) doubt(what string) {
	for name, v := range sc.vars {
		if _, given := sc.set[name]; given || v.doubtful() || !syntax.ValidName(name) {
			continue
		}
		note := name + " is set before `" + what + "`, which may set it anew: --set " + name + "=VALUE gives another"
		v.value = v.value.doubted(note)
		v.list = slices.Clone(v.list)
		for i := range v.list {
			v.list[i] = v.list[i].doubted(note)
		}
		sc.vars[name] = v
	}
}

// doubtful is a variable that is marked already, or has nothing to mark.
func (v variable) doubtful() bool {
	marked := func(w word) bool {
		return !slices.ContainsFunc(w.pieces, func(p piece) bool { return p.doubt == "" })
	}
	return marked(v.value) && !slices.ContainsFunc(v.list, func(w word) bool { return !marked(w) })
}

func (w word) doubted(note string) word {
	w.pieces = slices.Clone(w.pieces)
	for i := range w.pieces {
		w.pieces[i].doubt = note
	}
	return w
}

// tell notes what is in doubt of a word that is used.
func (sc *scope) tell(w word) {
	for _, p := range w.pieces {
		if p.doubt != "" && p.state != computed {
			sc.notes = append(sc.notes, p.doubt)
		}
	}
}

// functionsOnly are files that init scripts take functions from.
var functionsOnly = pattern(`(^|/)(lsb/init-functions|init/vars\.sh|init\.d/functions(\.sh)?|rc\.status|rc\.subr)$`)

// toolFiles bring the programs of one tool into PATH.
var toolFiles = pattern(`perlbrew|plenv|rbenv|pyenv|nodenv|\bnvm\b|\brvm\b|asdf`)

// sourced is ". FILE".
func (s *shell) sourced(sc *scope, args []word) {
	if len(args) == 0 || functionsOnly().MatchString(args[0].source()) {
		return
	}
	file := oneLine(args[0].source())
	s.note("%s is shell code and is not read: what it sets is not in the unit; write it to an --env-file as NAME=VALUE lines, or give it by --set", file)
	if !toolFiles().MatchString(file) {
		sc.doubt(". " + file)
	}
}

// readers are the builtins that give names a value; the string has the letters
// of their options with a value.
var readers = map[string]string{"read": "adinNptu", "mapfile": "dnOsuCc", "readarray": "dnOsuCc"}

// reads forgets the variables that a builtin sets.
func (s *shell) reads(sc *scope, program string, args []word) {
	switch program {
	case "printf":
		if len(args) > 1 && args[0].text() == "-v" {
			sc.forget(args[1].text())
		}
	case "getopts":
		if len(args) > 1 {
			sc.forget(args[1].text())
		}
		sc.forget("OPTARG")
		sc.forget("OPTIND")
	default:
		w := &wrapping{s: s, sc: sc, rest: args}
		for _, o := range w.options(readers[program], "") {
			if program == "read" && o.name == "a" {
				sc.forget(o.value.text())
			}
		}
		for _, name := range w.rest {
			sc.forget(name.text())
		}
	}
}

// arithmetic forgets what is assigned in ((…)), let, $((…)) and for ((…)).
func (s *shell) arithmetic(sc *scope, n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.UnaryArithm:
			if n.Op == syntax.Inc || n.Op == syntax.Dec {
				sc.forget(s.text(n.X))
			}
		case *syntax.BinaryArithm:
			if op := n.Op.String(); strings.HasSuffix(op, "=") && !slices.Contains([]string{"==", "!=", "<=", ">="}, op) {
				sc.forget(s.text(n.X))
			}
		}
		return true
	})
}

// pathTools print what a shell is to eval to find their programs.
var pathTools = pattern(`\binit\b|local::lib|ssh-agent|path_helper|\bshellenv\b|perlbrew|\bhook\b`)

// eval runs what another program prints; only a text that is there is read.
func (s *shell) eval(sc *scope, args []word, line int) {
	var text []string
	known := true
	for _, w := range args {
		text = append(text, w.script())
		sc.tell(w)
		known = known && len(w.in(computed)) == 0
	}
	code := strings.Join(text, " ")
	switch {
	case strings.HasPrefix(code, "set -- ") && !known:
		sc.positional([]word{{pieces: unknown("$@", "")}})
		return
	case mentionsStarter(code):
		s.inner(sc, code, line)
		return
	case known:
		if err := s.script(sc, code, line); err != nil {
			s.fail(err)
		}
		return
	}
	if !pathTools().MatchString(code) {
		s.note("`eval %s` cannot be carried over: what it sets is not in the unit; give it by --set, or write it to an --env-file as NAME=VALUE lines", oneLine(code))
		sc.doubt("eval " + oneLine(code))
		return
	}
	for _, w := range args {
		for _, p := range w.in(computed) {
			s.note("`eval %s` cannot be carried over: put what it adds to PATH (such as the shims directory) into Environment=PATH=, or name the program by its whole path", p.text)
		}
	}
}
