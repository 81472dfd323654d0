package porting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// program is one [program:name] of supervisord's configuration.
type program struct {
	name   string
	line   int // of command=
	daemon bool
	values map[string]string
}

func (r *reader) readSupervisor() error {
	all := programs(r.body)
	for _, p := range all {
		r.part(func() error {
			s := &shell{reader: r, first: p.line}
			sc := newScope(r.source)
			sc.name = p.name
			s.program(sc, p, daemonOf(all))
			return nil
		})
	}
	return nil
}

// daemonOf is [supervisord], whose user and environment all programs have.
func daemonOf(all []program) map[string]string {
	for _, p := range all {
		if p.daemon {
			return p.values
		}
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
			all = append(all, program{values: map[string]string{}, daemon: bare == "[supervisord]"})
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

func (s *shell) program(sc *scope, p program, daemon map[string]string) {
	v := p.values
	command := v["command"]
	if p.name == "" || command == "" {
		return
	}
	x := percents{s: s, sc: sc, program: p}
	if dir := orElse(v["directory"], daemon["directory"]); dir != "" {
		sc.dir = x.word(dir)
	}
	if user := orElse(v["user"], daemon["user"]); user != "" {
		sc.setUser(x.word(user))
	}
	sc.umask = x.known(orElse(v["umask"], daemon["umask"]), "UMask=")
	for _, pair := range append(pairs(daemon["environment"]), pairs(v["environment"])...) {
		sc.put(pair[0], x.word(pair[1]))
	}
	x.keys(v)
	var words []word
	for _, text := range quoteWords(command) {
		w := x.word(text)
		w.line = p.line
		words = append(words, w)
	}
	if len(words) > 0 && !s.launch(sc, words) {
		s.hint("if `%s` starts it, give that file: --from %s", oneLine(command), words[0].source())
	}
}

// keys are the settings that a unit has, too.
func (x *percents) keys(v map[string]string) {
	s, sc := x.s, x.sc
	restart := map[string]string{"true": "always", "false": "no", "unexpected": "on-failure"}
	if r, ok := restart[strings.ToLower(v["autorestart"])]; ok {
		sc.option("Restart", r)
	}
	x.log("stdout_logfile", v, "StandardOutput")
	if v["redirect_stderr"] != "true" {
		x.log("stderr_logfile", v, "StandardError")
	}
	if signal := v["stopsignal"]; signal != "" && signal != "TERM" {
		s.note("stopsignal=%s went to start_server: --signal-on-term decides what the child gets", signal)
	}
	switch seconds := x.known(v["stopwaitsecs"], "stopwaitsecs="); seconds {
	case "":
	case "0": // which is for ever in a unit
		s.note("stopwaitsecs=0 is not carried over: it killed the program at once; for that, --drain-timeout=1")
	default:
		sc.option("TimeoutStopSec", seconds)
	}
	if v["autostart"] == "false" {
		s.note("autostart=false is not carried over: systemctl enable would start it at boot; leave that out, and systemctl start is enough")
	}
	if n := v["numprocs"]; n != "" && n != "1" {
		s.note("numprocs=%s is not carried over: start_server holds one socket for all, so give the child that many workers", n)
	}
}

// log is a file that supervisord wrote what the program prints to, and rotated.
func (x *percents) log(key string, v map[string]string, setting string) {
	file := x.known(v[key], setting+"=")
	switch {
	case file == "" || slices.Contains([]string{"AUTO", "NONE", "SYSLOG"}, strings.ToUpper(file)) || strings.HasPrefix(file, "/dev/"):
	case !strings.HasPrefix(file, "/"):
		x.s.note("%s=%s is not carried over: it is relative to where supervisord ran; the journal has the lines, or %s=append: with an absolute path", key, file, setting)
	default:
		x.sc.option(setting, "append:"+strings.ReplaceAll(file, "%", "%%"))
		if v[key+"_maxbytes"] != "0" {
			x.s.note("%s=%s: supervisord rotated it, and append: does not; logrotate(8) does, or leave %s= out for the journal", key, file, setting)
		}
	}
}

var percentText = pattern(`%\(([A-Za-z_]\w*)\)([-+ 0]*[0-9]*)([sd])|%%`)

// percents puts supervisord's own %(…)s in; what it does not know is computed.
type percents struct {
	s       *shell
	sc      *scope
	program program
}

func (x *percents) word(text string) word {
	var f fields
	for {
		m := percentText().FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		f.add(piece{text: text[:m[0]]})
		if text[m[0]:m[1]] == "%%" {
			f.add(piece{text: "%"})
		} else {
			f.add(x.value(text[m[0]:m[1]], text[m[2]:m[3]], text[m[4]:m[5]])...)
		}
		text = text[m[1]:]
	}
	f.add(piece{text: text})
	return f.now
}

// value is what stands for one expression, unless the user gave it.
func (x *percents) value(text, name, width string) []piece {
	v, single := x.program.values, x.program.values["numprocs"]
	number := func(n string) []piece {
		i, err := strconv.Atoi(orElse(n, "0"))
		if _, given := x.sc.set[text]; given || err != nil || strings.HasSuffix(text, "s") && width != "" {
			return x.s.given(x.sc, text)
		}
		return []piece{{text: fmt.Sprintf("%"+width+"d", i)}}
	}
	switch {
	case name == "program_name":
		return []piece{{text: x.sc.name}}
	case name == "process_num" && (single == "" || single == "1"):
		return number(v["numprocs_start"])
	case name == "numprocs":
		return number(orElse(single, "1"))
	}
	return x.s.given(x.sc, text)
}

// known is the text of a setting, "" where the value is asked for.
func (x *percents) known(text, where string) string {
	w := x.word(text)
	if len(w.in(computed)) > 0 {
		x.sc.want(w, where)
		return ""
	}
	return w.text()
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
