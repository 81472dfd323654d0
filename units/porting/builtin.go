package porting

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// builtin follows the commands that change what holds for later ones. Those
// that change nothing are passed over.
func (s *shell) builtin(sc *scope, words []word, line int) bool {
	args := words[1:]
	switch words[0].text() {
	case "cd", "pushd":
		s.cd(sc, args)
	case "set":
		for i, w := range args {
			switch {
			case w.text() == "-a", w.text() == "allexport" && i > 0 && args[i-1].text() == "-o":
				sc.export = true
			case w.text() == "+a", w.text() == "allexport":
				sc.export = false
			}
		}
	case "unset":
		for _, w := range args {
			delete(sc.vars, w.text())
		}
	case "umask":
		if len(args) > 0 {
			sc.umask = args[0].text()
		}
	case "ulimit":
		s.ulimit(sc, args)
	case ".", "source":
		if len(args) > 0 {
			s.note("%s is shell code and is not read: what it sets is not in the unit; write it to an --env-file as NAME=VALUE lines, or give it by --set", args[0].source())
		}
	case "eval":
		s.eval(sc, args, line)
	case "alias":
		for _, w := range args {
			name, text, ok := strings.Cut(w.script(), "=")
			if ok && mentionsStarter(text) {
				inner := sc.clone()
				inner.name = name
				s.inner(inner, text, w.line)
			}
		}
	default:
		return slices.Contains(silent, base(words[0].text()))
	}
	return true
}

// silent are commands that a unit needs no word for.
var silent = []string{
	":", "[", "[[", "test", "true", "false", "echo", "printf", "exit", "return",
	"shift", "sleep", "wait", "trap", "read", "local", "popd", "hash", "type",
	"which", "grep", "ls", "cat", "let", "getopts", "break", "continue", "date",
	"success", "failure", "log_daemon_msg", "log_end_msg", "log_progress_msg",
}

func (s *shell) cd(sc *scope, args []word) {
	for len(args) > 0 && (args[0].text() == "--" || args[0].text() == "-P" || args[0].text() == "-L") {
		args = args[1:]
	}
	if len(args) == 0 {
		v, ok := sc.lookup("HOME")
		if !ok {
			v.value = word{pieces: unknown("~", "HOME")}
		}
		args = []word{v.value}
	}
	sc.chdir(args[0])
}

// limits are ulimit's letters, systemd.exec(5), "Limit directives, their
// equivalent ulimit shell commands and the unit used".
var limits = map[string]string{
	"-n": "LimitNOFILE", "-u": "LimitNPROC", "-c": "LimitCORE", "-l": "LimitMEMLOCK",
	"-s": "LimitSTACK", "-v": "LimitAS", "-f": "LimitFSIZE", "-t": "LimitCPU",
	"-d": "LimitDATA", "-m": "LimitRSS", "-q": "LimitMSGQUEUE", "-e": "LimitNICE", "-r": "LimitRTPRIO",
}

// inKiB are those that ulimit counts in KiB, and systemd in bytes.
const inKiB = "LimitMEMLOCK LimitSTACK LimitAS LimitDATA LimitRSS LimitFSIZE LimitCORE"

func (s *shell) ulimit(sc *scope, args []word) {
	for len(args) > 0 {
		flag := args[0].text()
		args = args[1:]
		letter := strings.Trim(flag, "SH-") // soft, hard: systemd sets both
		name, ok := limits["-"+letter]
		if !ok || len(args) == 0 {
			continue
		}
		value, known := args[0].value()
		if !known {
			sc.want(args[0], name+"=")
		} else if !strings.HasPrefix(value, "-") {
			sc.option(name, limit(name, value))
		}
	}
}

func limit(name, value string) string {
	switch {
	case value == "unlimited":
		return "infinity"
	case strings.Contains(inKiB, name) && value != "0":
		return value + "K"
	}
	return value
}

// eval runs what another program prints; only a text that is there is read.
func (s *shell) eval(sc *scope, args []word, line int) {
	var text []string
	for _, w := range args {
		text = append(text, w.script())
	}
	code := strings.Join(text, " ")
	if mentionsStarter(code) {
		s.inner(sc, code, line)
		return
	}
	for _, w := range args {
		for _, p := range w.in(computed) {
			s.note("`eval %s` cannot be carried over: put what it adds to PATH (such as the shims directory) into Environment=PATH=, or name the program by its whole path", p.text)
		}
	}
}

// other is a command that has nothing to do with start_server: said, for what
// the script did besides.
func (s *shell) other(sc *scope, words []word, text string, line int) {
	program := base(words[0].source())
	switch {
	case s.quiet || s.isFunction(program):
	case slices.ContainsFunc(words, func(w word) bool { return w.text() == "kill" }), program == "pkill", program == "killall", program == "killproc", program == "svc", program == "sv":
		s.signalled(words, text, line)
	case program == "h2o" && slices.ContainsFunc(words, func(w word) bool { return w.text() == "daemon" }):
		s.hint("%s", daemonHint(words))
	case slices.Contains(daemons, program):
		s.note("`%s` is not carried over: another daemon is another unit (Wants= and After= in this one)", text)
	case program == "mkdir" || program == "install":
		s.note("`%s` is not carried over: RuntimeDirectory=, StateDirectory= or LogsDirectory= make directories, else ExecStartPre=", text)
	case sc.condition != "":
		s.note("`%s`, under a condition (`%s`), is not carried over", text, oneLine(sc.condition))
	default:
		s.note("`%s` is not carried over: if it is needed, ExecStartPre=", text)
		if len(words) == 1 || strings.HasSuffix(program, ".sh") {
			s.hint("if `%s` starts it, give that file: --from %s", text, words[0].source())
		}
	}
}

// signalled is a signal that a script sends to start_server.
func (s *shell) signalled(words []word, text string, line int) {
	for _, w := range words[1:] {
		switch strings.TrimPrefix(strings.TrimPrefix(w.text(), "-"), "SIG") {
		case "HUP", "1", "h", "hup":
			s.note("%s: `%s` becomes systemctl reload", s.at(line), text)
			s.hint("`%s` is a reload: systemctl reload NAME; the line that starts it is in another file", text)
			return
		}
	}
	s.note("%s: `%s` becomes systemctl stop of the service and its socket", s.at(line), text)
	s.hint("`%s` is a stop: systemctl stop NAME.socket NAME.service; the line that starts it is in another file", text)
}

func (s *shell) isFunction(name string) bool {
	return slices.ContainsFunc(s.functions, func(f *syntax.FuncDecl) bool { return f.Name != nil && f.Name.Value == name })
}

var daemons = []string{
	"nginx", "h2o", "httpd", "apache2", "cron", "crond", "redis-server", "memcached",
	"mysqld", "postgres", "varnishd", "haproxy", "supervisord", "sshd", "rsyslogd", "valkey-server",
}

func daemonHint(words []word) string {
	var config string
	for i, w := range words {
		if w.text() == "-c" && i+1 < len(words) {
			config = words[i+1].source()
		}
	}
	return fmt.Sprintf("h2o -m daemon starts a start_server of its own: give the line that it runs, sdbridge units -- start_server --port=HOST:PORT … -- h2o -c %s, with a --port for each listen of %[1]s", orElse(config, "FILE"))
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// oneLine is a command as a note can have it.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "\\\n", " ")), " ")
	if r := []rune(text); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return text
}
