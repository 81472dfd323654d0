package porting

import (
	"strings"
)

// program is one [program:name] of supervisord's configuration.
type program struct {
	name   string
	line   int // of command=
	values map[string]string
}

func (r *reader) readSupervisor() error {
	for _, p := range programs(r.body) {
		r.part(func() error {
			s := &shell{reader: r, first: p.line}
			sc := newScope(r.source)
			sc.name = p.name
			s.program(sc, p)
			return nil
		})
	}
	return nil
}

var programHead = pattern(`^\[(?:program|eventlistener|fcgi-program):([^\]]+)\]`)

// programs reads the sections. A line that begins with a blank continues the
// value before it.
func programs(text string) []program {
	var all []program
	var key string
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimSpace(line)
		switch {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
			continue
		case bare[0] == '[':
			key = ""
			all = append(all, program{values: map[string]string{}})
			if m := programHead().FindStringSubmatch(bare); m != nil {
				all[len(all)-1].name = m[1]
			}
		case len(all) == 0:
			continue
		case line != strings.TrimLeft(line, " \t") && key != "":
			all[len(all)-1].values[key] += " " + comment(bare)
		default:
			name, value, _ := strings.Cut(bare, "=")
			key = strings.ToLower(strings.TrimSpace(name))
			all[len(all)-1].values[key] = comment(strings.TrimSpace(value))
			if key == "command" {
				all[len(all)-1].line = i + 1
			}
		}
	}
	return all
}

// comment takes " ; …" off, as supervisord does.
func comment(value string) string {
	value, _, _ = strings.Cut(value, " ;")
	return strings.TrimSpace(value)
}

func (s *shell) program(sc *scope, p program) {
	v := p.values
	command := v["command"]
	if p.name == "" || command == "" {
		return
	}
	if dir := v["directory"]; dir != "" {
		sc.dir = s.percent(sc, dir)
	}
	sc.user, sc.umask = v["user"], v["umask"]
	for _, pair := range pairs(v["environment"]) {
		sc.put(pair[0], s.percent(sc, pair[1]))
	}
	s.keys(sc, v)
	var words []word
	for _, text := range quoteWords(command) {
		w := s.percent(sc, text)
		w.line = p.line
		words = append(words, w)
	}
	if len(words) > 0 && !s.launch(sc, words) {
		s.hint("if `%s` starts it, give that file: --from %s", oneLine(command), words[0].source())
	}
}

// keys are the settings that a unit has, too.
func (s *shell) keys(sc *scope, v map[string]string) {
	restart := map[string]string{"true": "always", "false": "no", "unexpected": "on-failure"}
	if r, ok := restart[strings.ToLower(v["autorestart"])]; ok {
		sc.option("Restart", r)
	}
	if file := v["stdout_logfile"]; strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "/dev/") {
		sc.option("StandardOutput", "append:"+file)
	}
	if file := v["stderr_logfile"]; strings.HasPrefix(file, "/") && !strings.HasPrefix(file, "/dev/") && v["redirect_stderr"] != "true" {
		sc.option("StandardError", "append:"+file)
	}
	if signal := v["stopsignal"]; signal != "" && signal != "TERM" {
		s.note("stopsignal=%s went to start_server: --signal-on-term decides what the child gets", signal)
	}
	if seconds := v["stopwaitsecs"]; seconds != "" {
		sc.option("TimeoutStopSec", seconds)
	}
	if n := v["numprocs"]; n != "" && n != "1" {
		s.note("numprocs=%s is not carried over: start_server holds one socket for all, so give the child that many workers", n)
	}
}

var percentText = pattern(`%\([A-Za-z_]\w*\)[sd]|%%`)

// percent puts supervisord's own %(…)s in; what it does not know is computed.
func (s *shell) percent(sc *scope, text string) word {
	var f fields
	for {
		m := percentText().FindStringIndex(text)
		if m == nil {
			break
		}
		f.add(piece{text: text[:m[0]]})
		switch found := text[m[0]:m[1]]; found {
		case "%%":
			f.add(piece{text: "%"})
		case "%(program_name)s":
			f.add(piece{text: sc.name})
		default:
			f.add(s.given(sc, found)...)
		}
		text = text[m[1]:]
	}
	f.add(piece{text: text})
	return f.now
}

var pairText = pattern(`\s*([A-Za-z_]\w*)\s*=\s*("[^"]*"|'[^']*'|[^,]*)\s*,?`)

// pairs reads KEY="value",KEY2=value.
func pairs(text string) [][2]string {
	var all [][2]string
	for _, m := range pairText().FindAllStringSubmatch(text, -1) {
		all = append(all, [2]string{m[1], strings.Trim(strings.TrimSpace(m[2]), `"'`)})
	}
	return all
}
