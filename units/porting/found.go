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
	for _, w := range args {
		sc.tell(w)
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
	if sc.refused != nil {
		return sc.refused
	}
	if len(command) == 0 && !sv.Options.Restart && !sv.Options.Stop && !a.vague {
		return s.errorf(line, "start_server has no program to run: write start_server [options] -- program [argument…]")
	}
	s.finishService(sc, &sv, command)
	s.services = append(s.services, sv)
	return nil
}

func (s *shell) finishService(sc *scope, sv *Service, command []word) {
	sc.moved(sv)
	s.wrappers(sc, sv, command)
	sc.environment(sv)
	if v, ok := sc.dir.value(); ok {
		sv.Directory = v
	} else if !path.IsAbs(sv.Options.Dir) {
		sc.where(sc.dir)
	}
	sv.Command = sc.arguments(sv, command)
	sv.User, sv.Group, sv.UMask = sc.user, sc.group, sc.umask
	sv.Unit, sv.EnvironmentFiles = sc.unit, sc.files
	sv.Missing = unique(sc.missing)
	sv.Notes = append(sv.Notes, sc.notes...)
	s.advise(sc, sv)
	sv.Notes = unique(sv.Notes)
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
