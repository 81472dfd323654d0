package porting

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

// service makes the value of one start_server command line. args stand behind
// its name.
func (s *shell) service(sc *scope, args []word, line int) {
	if err := s.build(sc, args, line); err != nil {
		s.fail(err)
	}
}

func (s *shell) build(sc *scope, args []word, line int) error {
	sv := Service{
		Name:    sc.name,
		Options: starter.Defaults(),
		Given:   map[string]bool{},
	}
	if line > 0 {
		sv.Source = s.at(line)
	}
	a := &arguments{s: s, sc: sc, sv: &sv, line: line, rest: args}
	command, err := a.read()
	if err != nil {
		return err
	}
	if err := a.fromEnvironment(); err != nil {
		return err
	}
	if sv.Options.Help || sv.Options.Version {
		return nil
	}
	command = s.unwrap(sc, append(slices.Clone(command), a.stray...))
	if len(command) == 0 && !sv.Options.Restart && !sv.Options.Stop && !a.vague {
		return s.errorf(line, "start_server has no program to run: write start_server [options] -- program [argument…]")
	}
	s.finishService(sc, &sv, command)
	s.services = append(s.services, sv)
	return nil
}

func (s *shell) finishService(sc *scope, sv *Service, command []word) {
	s.wrappers(sc, sv, command)
	sc.environment(sv)
	if v, ok := sc.dir.value(); ok {
		sv.Directory = v
	} else {
		sc.where()
	}
	sv.Command = sc.arguments(sv, command)
	sv.User, sv.Group, sv.UMask = sc.user, sc.group, sc.umask
	sv.Unit, sv.EnvironmentFiles = sc.unit, sc.files
	sv.Missing = unique(sc.missing)
	sv.Notes = append(sv.Notes, sc.notes...)
	s.advise(sc, sv)
	sv.Notes = unique(sv.Notes)
}

// where asks for the directory that cd was given.
func (sc *scope) where() {
	for _, p := range sc.dir.in(computed) {
		m := missing(p, "cd")
		if p.name == "" && !strings.ContainsAny(p.text, "$`~%") {
			m.Remedy = "--set PWD=DIRECTORY, the one that cd starts from"
		}
		sc.missing = append(sc.missing, m)
	}
}

// wrappers keeps what stood before start_server, now before the child.
func (s *shell) wrappers(sc *scope, sv *Service, command []word) {
	kept := sc.wrappers
	if i := slices.IndexFunc(kept, func(w word) bool { return base(w.text()) == "carton" }); i >= 0 && len(command) > 0 && s.isGo(command) {
		end := i + 1
		for end < len(kept) && kept[end].text() != "--" {
			end++
		}
		kept = slices.Delete(slices.Clone(kept), i, min(end+1, len(kept)))
		sv.Notes = append(sv.Notes, "carton exec is dropped: it was there to find start_server, and "+command[0].source()+" is not Perl; if it is, give the line with carton exec behind --")
	}
	for _, w := range kept {
		if _, ok := w.value(); !ok {
			sc.want(w, "the wrapper "+kept[0].source())
		}
		sv.Wrappers = append(sv.Wrappers, w.source())
	}
}

var goText = pattern(`GOPATH|\bgo (build|run|install|get)\b|gocode`)

// isGo is a binary that needs no Perl: in a text that builds with Go, or one
// that stands alone in the directory.
func (s *shell) isGo(command []word) bool {
	program := command[0].source()
	if path.Ext(program) != "" || !strings.HasPrefix(program, "./") {
		return false
	}
	return goText().MatchString(s.body) || len(command) == 1 && strings.Count(program, "/") == 1
}

// secretURL is a URL with a password: postgres://app:secret@host/.
var secretURL = pattern(`://[^/@\s]*:[^/@\s]+@`)

var secretName = pattern(`(?i)passw|(^|_)(pass|secret|token|key|credentials?)(_|$)|secret`)

// isSecret goes by the name; the path of a file is no secret.
func isSecret(name, value string) bool {
	if secretURL().MatchString(value) {
		return true
	}
	return value != "" && !strings.HasPrefix(value, "/") && secretName().MatchString(name) &&
		!strings.HasSuffix(name, "_FILE") && !strings.HasSuffix(name, "_PATH") && !strings.HasSuffix(name, "_ID")
}

// environment gives what was exported.
func (sc *scope) environment(sv *Service) {
	for _, name := range sc.exported {
		if _, isOption := overrides[name]; isOption {
			continue
		}
		v, ok := sc.lookup(name)
		if !ok || v.array {
			continue
		}
		value, known := v.value.value()
		if !known {
			if value, known = alone(name, v.value); known {
				sv.Notes = append(sv.Notes, "what was in "+name+" before is not known, and systemd gives it none: --set "+name+"=VALUE gives one")
			}
		}
		if !known {
			sc.want(v.value, "the variable "+name)
			continue
		}
		if isSecret(name, value) {
			sv.Secrets = append(sv.Secrets, name+"="+value)
			sv.Notes = append(sv.Notes, name+" looks like a secret: it belongs into a file of mode 0600 that --env-file (or EnvironmentFile=) names, not into the unit, which all can read")
			continue
		}
		if name == "PATH" && strings.Contains(value, systemPath) {
			sv.Notes = append(sv.Notes, "$PATH in PATH is what systemd gives a service: "+systemPath)
		}
		sv.Environment = append(sv.Environment, name+"="+value)
	}
}

// alone is the value of X=/lib:$X or X=/lib${X:+:$X} where X has none.
func alone(name string, w word) (string, bool) {
	var b strings.Builder
	for _, p := range w.pieces {
		switch {
		case p.state != computed:
			b.WriteString(p.text)
		case p.name != name && !strings.HasPrefix(p.text, "${"+name+":+"):
			return "", false
		}
	}
	return strings.Trim(strings.ReplaceAll(b.String(), "::", ":"), ":"), b.Len() > 0
}

// arguments writes the child's words: a variable that the text leaves open is
// put in by systemd, from Environment=.
func (sc *scope) arguments(sv *Service, command []word) []string {
	var texts []string
	for i, w := range command {
		var b strings.Builder
		for _, p := range w.pieces {
			switch {
			case p.state == literal:
				b.WriteString(p.text)
			case p.state == computed && (p.name == "" || strings.HasPrefix(p.text, "~")):
				sc.missing = append(sc.missing, missing(p, place(command, i)))
				if !strings.Contains(p.text, "$0") && (strings.HasPrefix(p.text, "$(") || strings.HasPrefix(p.text, "`")) {
					sv.Notes = append(sv.Notes, p.text+" is not run by systemd: write the value, or sh -c 'exec …' as the child")
				}
				b.WriteString(p.text)
			case p.state == computed && sc.systemd && len(sc.files) > 0 && strings.HasPrefix(p.text, "$"):
				sv.Notes = append(sv.Notes, p.text+" in the child's command is left to systemd, which takes it from EnvironmentFile=, once, at the start: --set "+p.name+"=VALUE writes it in")
				b.WriteString(sv.expandWord(w, p))
			case p.state == computed:
				sc.missing = append(sc.missing, missing(p, place(command, i)))
				b.WriteString(sv.expand(p.name))
			default:
				sv.define(p.name, p.text)
				b.WriteString(sv.expand(p.name))
			}
		}
		if slices.ContainsFunc(w.pieces, func(p piece) bool { return p.glob }) {
			sv.Notes = append(sv.Notes, fmt.Sprintf("the child gets %s as it stands, where a shell put in what it matches", w.source()))
		}
		if text, ok := w.value(); ok && !sc.systemd && unread().MatchString(text) && !strings.ContainsAny(text, " \t\n") {
			sv.Notes = append(sv.Notes, fmt.Sprintf("the child gets %s as it stands: no shell reads its arguments; if one should, the child is sh -c 'exec …'", text))
		}
		texts = append(texts, b.String())
	}
	return texts
}

// unread is what a shell would have put a value in for.
var unread = pattern("\\$[({A-Za-z_]|`")

func (sv *Service) expand(name string) string {
	if !slices.Contains(sv.Expanded, name) {
		sv.Expanded = append(sv.Expanded, name)
	}
	return "${" + name + "}"
}

// expandWord is a variable that systemd knows: a $NAME alone comes to several
// words.
func (sv *Service) expandWord(w word, p piece) string {
	if len(w.pieces) > 1 || p.text != "$"+p.name {
		return sv.expand(p.name)
	}
	if !slices.Contains(sv.Expanded, p.text) {
		sv.Expanded = append(sv.Expanded, p.text)
	}
	return p.text
}

// define puts a default into Environment, unless the name is there.
func (sv *Service) define(name, value string) {
	for _, e := range sv.Environment {
		if strings.HasPrefix(e, name+"=") {
			return
		}
	}
	sv.Environment = append(sv.Environment, name+"="+value)
}

// place names a word of the child's command by the option it belongs to.
func place(command []word, i int) string {
	if i == 0 {
		return "the child's program"
	}
	if head, _ := command[i].cutOption(); strings.HasPrefix(head, "-") && head != "--" {
		return "the child's " + strings.TrimSuffix(head, "=")
	}
	if head := command[i-1].text(); strings.HasPrefix(head, "-") && head != "--" && !strings.Contains(head, "=") {
		return "the child's " + head
	}
	return "the child's arguments"
}
