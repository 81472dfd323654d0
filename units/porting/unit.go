package porting

import (
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/units/unitfile"
)

// replaced are the lines of an old unit that the pair decides itself.
var replaced = []string{
	"Type", "PIDFile", "ExecStart", "ExecReload", "ExecStop", "KillMode", "KillSignal",
	"RestartKillSignal", "NotifyAccess", "GuessMainPID", "RemainAfterExit", "NonBlocking",
	"Environment", "EnvironmentFile", "User", "Group", "UMask", "WorkingDirectory",
}

func (r *reader) readUnit() error {
	r.part(func() error {
		sc := newScope(r.source)
		s := &shell{reader: r}
		sc.name = r.unitName()
		sc.systemd = true
		lines := r.unitLines()
		var start []unitLine
		for _, l := range lines {
			switch {
			case l.Name != "ExecStart" || l.Section != "Service":
				s.unitLine(sc, l.Setting)
			case l.Value == "":
				start = nil // those before it do not count
			default:
				start = append(start, l)
			}
		}
		for _, l := range start {
			path := r.source.Path
			r.source.Path = l.path
			s.execStart(sc, l.Setting)
			r.source.Path = path
		}
		if len(start) == 0 {
			r.hint("there is no ExecStart= in it")
		}
		r.others(sc, lines)
		return nil
	})
	return nil
}

// unitLine takes one line other than ExecStart=.
func (s *shell) unitLine(sc *scope, l unitfile.Setting) {
	value := l.Value
	switch {
	case l.Name == "":
	case l.Section == "Service" && value == "" && strings.HasPrefix(l.Name, "Exec"):
		sc.unit = slices.DeleteFunc(sc.unit, func(o *unit.UnitOption) bool { return o.Section == l.Section && o.Name == l.Name })
	case l.Section != "Service" || !slices.Contains(replaced, l.Name):
		sc.unit = append(sc.unit, unit.NewUnitOption(l.Section, l.Name, value))
	case l.Name == "User":
		sc.user = value
	case l.Name == "Group":
		sc.group = value
	case l.Name == "UMask":
		sc.umask = value
	case l.Name == "WorkingDirectory":
		s.workingDirectory(sc, value)
	case l.Name == "EnvironmentFile" && value == "":
		sc.files = nil
	case l.Name == "EnvironmentFile":
		sc.files = append(sc.files, value)
	case l.Name == "Environment" && value == "":
		sc.vars, sc.exported = map[string]variable{}, nil
	case l.Name == "Environment":
		for _, w := range s.unitWords(sc, valueWords(value), false) {
			if name, v, ok := cutAssignment(w); ok {
				sc.put(name, v)
			}
		}
	default:
		s.unitDecided(l.Name, value)
	}
}

func (s *shell) workingDirectory(sc *scope, value string) {
	value = strings.TrimPrefix(value, "-")
	if value == "" {
		sc.dir = word{}
	}
	if value == "~" {
		sc.dir = word{pieces: unknown("~", "HOME")}
		if home, ok := sc.set["HOME"]; ok {
			sc.dir = plain(home)
		}
		return
	}
	if words := s.unitWords(sc, valueWords(value), false); len(words) > 0 {
		sc.dir = words[0]
	}
}

func (s *shell) execStart(sc *scope, l unitfile.Setting) {
	command := strings.TrimLeft(l.Value, "-:+!@|")
	prefix := l.Value[:len(l.Value)-len(command)]
	parts, _ := unitfile.Words(command)
	if i := slices.Index(parts, unitfile.Separator); i >= 0 {
		if i+1 < len(parts) {
			s.note("`%s` behind ; in ExecStart= is another command, and is not carried over", oneLine(strings.Join(parts[i+1:], " ")))
		}
		parts = parts[:i]
	}
	s.prefixes(prefix)
	words := s.unitWords(sc, parts, !strings.Contains(prefix, ":"))
	if strings.Contains(prefix, "@") && len(words) > 1 {
		words = slices.Delete(words, 1, 2) // argv[0]
	}
	if len(words) == 0 {
		return
	}
	if i := slices.IndexFunc(words, isShellOnly); i >= 0 {
		s.note("`%s` in ExecStart= was an argument, since systemd runs no shell: it and what follows is dropped", join(words[i:]))
		words = words[:i]
	}
	for i := range words {
		words[i].line = l.Line
	}
	hints := len(s.hints)
	if len(words) > 0 && !s.launch(sc, words) && len(s.hints) == hints {
		s.hint("ExecStart=%s is another program: give the line that it runs (ps -eo args shows it), sdbridge units -- start_server …, or the script: --from %s", oneLine(l.Value), words[0].source())
	}
}

// isShellOnly is what only a shell understands: systemd hands it on as it is.
func isShellOnly(w word) bool {
	return slices.Contains([]string{"&&", "||", "|", "&", ">", ">>", "2>&1", "<", ">/dev/null", "2>/dev/null", ">&"}, w.text())
}

// valueWords are those of a setting that is no command: ";" is a word there.
func valueWords(value string) []string {
	words, _ := unitfile.Words(value)
	for i, w := range words {
		if w == unitfile.Separator {
			words[i] = ";"
		}
	}
	return words
}

// unitWords puts specifiers into words, and if vars says so, $NAME.
func (s *shell) unitWords(sc *scope, parts []string, vars bool) []word {
	u := unitSplitter{s: s, sc: sc, vars: vars}
	for _, part := range parts {
		u.word(part)
	}
	return u.f.done
}

type unitSplitter struct {
	s    *shell
	sc   *scope
	vars bool
	f    fields
}

// word puts in specifiers and variables.
func (u *unitSplitter) word(text string) {
	if name, ok := strings.CutPrefix(text, "$"); ok && u.vars && launch.IsName(name) {
		u.f.split(u.variable("$"+name, name))
		u.f.end()
		return
	}
	u.f.open = true
	for len(text) > 0 {
		i := strings.IndexAny(text, "$%")
		if i < 0 || i == len(text)-1 {
			break
		}
		u.f.add(piece{text: text[:i]})
		text = text[i:]
		switch end := strings.IndexByte(text, '}'); {
		case text[:2] == "%%" || text[:2] == "$$" && u.vars:
			u.f.add(piece{text: text[:1]})
			text = text[2:]
		case text[0] == '%':
			u.f.add(u.specifier(text[:2])...)
			text = text[2:]
		case u.vars && text[1] == '{' && end > 0 && launch.IsName(text[2:end]):
			u.f.add(u.variable(text[:end+1], text[2:end])...)
			text = text[end+1:]
		default:
			if u.vars && text[1] == '{' && end > 0 {
				u.s.note("%s in ExecStart= is handed on as it stands, for systemd knows only ${NAME}: write ${NAME}, and the default into Environment=", text[:end+1])
			}
			u.f.add(piece{text: text[:1]})
			text = text[1:]
		}
	}
	if text != "" {
		u.f.add(piece{text: text})
	}
	u.f.end()
}

func (u *unitSplitter) variable(text, name string) []piece {
	v, ok := u.sc.lookup(name)
	if !ok || name == "PATH" || name == "PWD" {
		return unknown(text, name)
	}
	if _, given := u.sc.set[name]; given {
		return v.value.pieces
	}
	return u.overridden(text, name, v.value)
}

// specifier is %n and its kind, systemd.unit(5).
func (u *unitSplitter) specifier(text string) []piece {
	if !strings.Contains(u.sc.name, "@") && u.sc.name != "" {
		switch text {
		case "%n":
			return []piece{{text: u.sc.name + ".service"}}
		case "%N", "%p":
			return []piece{{text: u.sc.name}}
		}
	}
	switch text {
	case "%t":
		return []piece{{text: "/run"}}
	case "%S":
		return []piece{{text: "/var/lib"}}
	case "%L":
		return []piece{{text: "/var/log"}}
	}
	if first := text[1]; (first < 'a' || first > 'z') && (first < 'A' || first > 'Z') {
		return []piece{{text: text}}
	}
	return u.s.given(u.sc, text)
}
