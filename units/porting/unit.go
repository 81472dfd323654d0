package porting

import (
	"slices"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// replaced are the lines of an old unit that the pair decides itself.
var replaced = []string{
	"Type", "PIDFile", "ExecStart", "ExecReload", "ExecStop", "KillMode", "KillSignal",
	"RestartKillSignal", "NotifyAccess", "GuessMainPID", "RemainAfterExit", "NonBlocking",
	"Environment", "EnvironmentFile", "User", "Group", "UMask", "WorkingDirectory",
}

func (r *reader) readUnit() error {
	lines, err := unitLines(r.body)
	if err != nil {
		return r.errorf(0, "cannot read the unit: %w", err)
	}
	r.part(func() error {
		sc := newScope(r.source)
		s := &shell{reader: r}
		sc.name = strings.TrimSuffix(base(r.source.Path), ".service")
		sc.systemd = true
		started := false
		for _, l := range lines {
			if l.Name != "ExecStart" || l.Section != "Service" {
				s.unitLine(sc, l)
			}
		}
		for _, l := range lines {
			if l.Name == "ExecStart" && l.Section == "Service" {
				started = true
				s.execStart(sc, l.Value)
			}
		}
		if !started {
			r.hint("there is no ExecStart= in it")
		}
		return nil
	})
	return nil
}

// unitLines gives the options in order. What stands before the first section
// or has no "=" is an error of go-systemd that leaves a goroutine behind or
// says only EOF, so it is looked for first.
func unitLines(text string) ([]*unit.UnitOption, error) {
	var kept []string
	section, open := false, false
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		comment := strings.HasPrefix(bare, "#") || strings.HasPrefix(bare, ";")
		switch {
		case comment && open, comment && !section:
			continue
		case strings.HasPrefix(bare, "[") && strings.HasSuffix(bare, "]") && !open:
			section = true
			line = bare + "\n"
		case !section, !open && !comment && bare != "" && strings.Index(bare, "=") < 1:
			continue
		}
		if !comment {
			open = strings.HasSuffix(strings.TrimRight(line, " \n"), `\`) && section
		}
		kept = append(kept, strings.TrimRight(line, " \n"))
	}
	return unit.DeserializeOptions(strings.NewReader(strings.Join(kept, "\n") + "\n"))
}

// unitLine takes one line other than ExecStart=.
func (s *shell) unitLine(sc *scope, l *unit.UnitOption) {
	value := joinLines(l.Value)
	switch {
	case l.Section == "" || l.Name == "":
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
	case l.Name == "Environment":
		for _, w := range s.unitWords(sc, value, false) {
			if name, v, ok := cutAssignment(w); ok {
				sc.put(name, v)
			}
		}
	case l.Name == "ExecReload" && strings.Contains(value, "HUP"):
	case l.Name == "ExecReload" || l.Name == "ExecStop" || l.Name == "KillSignal" || l.Name == "KillMode":
		s.note("%s=%s is not carried over: the pair has its own", l.Name, oneLine(value))
	}
}

func (s *shell) workingDirectory(sc *scope, value string) {
	value = strings.TrimPrefix(value, "-")
	if value == "~" {
		sc.dir = word{pieces: unknown("~", "HOME")}
		if home, ok := sc.set["HOME"]; ok {
			sc.dir = plain(home)
		}
		return
	}
	if words := s.unitWords(sc, value, false); len(words) > 0 {
		sc.dir = words[0]
	}
}

func (s *shell) execStart(sc *scope, value string) {
	value = strings.TrimSpace(value)
	command := strings.TrimLeft(value, "-:+!@|")
	prefix := value[:len(value)-len(command)]
	words := s.unitWords(sc, joinLines(command), !strings.Contains(prefix, ":"))
	if strings.Contains(prefix, "@") && len(words) > 1 {
		words = slices.Delete(words, 1, 2) // argv[0]
	}
	if i := slices.IndexFunc(words, func(w word) bool { return w.text() == ";" }); i >= 0 {
		words = words[:i]
	}
	if len(words) == 0 {
		return
	}
	if i := slices.IndexFunc(words, isShellOnly); i >= 0 {
		s.note("`%s` in ExecStart= was an argument, since systemd runs no shell: it and what follows is dropped", join(words[i:]))
		words = words[:i]
	}
	for i := range words {
		words[i].line = s.lineOf("ExecStart")
	}
	hints := len(s.hints)
	if len(words) > 0 && !s.launch(sc, words) && len(s.hints) == hints {
		s.hint("ExecStart=%s is another program: give the line that it runs (ps -eo args shows it), sdbridge units -- start_server …, or the script: --from %s", oneLine(value), words[0].source())
	}
}

// isShellOnly is what only a shell understands: systemd hands it on as it is.
func isShellOnly(w word) bool {
	return slices.Contains([]string{"&&", "||", "|", "&", ">", ">>", "2>&1", "<", ">/dev/null", "2>/dev/null", ">&"}, w.text())
}

// lineOf is the first line that gives name, or the one with start_server.
func (s *shell) lineOf(name string) int {
	found := 0
	for i, line := range strings.Split(s.body, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), name+"=") && (found == 0 || mentionsStarter(line)) {
			found = i + 1
		}
	}
	return found
}

func joinLines(value string) string {
	value = strings.TrimSpace(strings.ReplaceAll(value, "\\\n", " "))
	return strings.TrimSpace(strings.TrimSuffix(value, `\`)) // continued by nothing
}

// unitWords splits as systemd does, systemd.service(5), "Command lines". vars
// says whether $NAME is put in.
func (s *shell) unitWords(sc *scope, text string, vars bool) []word {
	u := unitSplitter{s: s, sc: sc, vars: vars}
	for _, part := range quoteWords(text) {
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
	if name, ok := strings.CutPrefix(text, "$"); ok && u.vars && isName(name) {
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
		case u.vars && text[1] == '{' && end > 0 && isName(text[2:end]):
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
	if v, ok := u.sc.lookup(name); ok && name != "PATH" && name != "PWD" {
		return v.value.pieces
	}
	return unknown(text, name)
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

// quoteWords splits at blanks that no quotes hold, and takes quotes and
// backslashes off.
func quoteWords(text string) []string {
	var words []string
	var b strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && quote != '\'':
			i++
			open = true
			if n, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8); text[i] == 'x' && err == nil && i+2 < len(text) {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteString(unitEscape(text[i]))
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words = append(words, b.String())
			}
			b.Reset()
			open = false
		default:
			open = true
			b.WriteByte(c)
		}
	}
	if open {
		words = append(words, b.String())
	}
	return words
}

func unitEscape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 's':
		return " "
	}
	return string([]byte{c})
}
