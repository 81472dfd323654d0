package porting

import (
	"fmt"
	"slices"
	"strings"
)

// builtin follows the commands that change what holds for later ones. Those
// that change nothing are passed over.
func (s *shell) builtin(sc *scope, words []word, line int) bool {
	args := words[1:]
	switch words[0].text() {
	case "cd", "pushd":
		s.cd(sc, args)
	case "set":
		sc.setCommand(args)
	case "unset":
		for _, w := range args {
			delete(sc.vars, w.text())
		}
	case "umask":
		sc.umaskCommand(args)
	case "ulimit":
		s.ulimit(sc, args)
	case ".", "source":
		s.sourced(sc, args)
	case "read", "mapfile", "readarray", "printf", "getopts":
		s.reads(sc, words[0].text(), args)
	case "shift":
		sc.shift(args)
	case "eval":
		s.eval(sc, args, line)
	case "alias":
		s.alias(sc, args)
	default:
		return slices.Contains(silent, base(words[0].text()))
	}
	return true
}

// setCommand is set: -a, +a, and arguments behind "--".
func (sc *scope) setCommand(args []word) {
	for i, w := range args {
		if w.text() == "--" {
			sc.positional(args[i+1:])
			return
		}
		switch {
		case w.text() == "-a", w.text() == "allexport" && i > 0 && args[i-1].text() == "-o":
			sc.export = true
		case w.text() == "+a", w.text() == "allexport":
			sc.export = false
		}
	}
}

// alias may have start_server in it.
func (s *shell) alias(sc *scope, args []word) {
	for _, w := range args {
		name, text, ok := strings.Cut(w.script(), "=")
		if ok && mentionsStarter(text) {
			inner := sc.clone()
			inner.name = name
			s.inner(inner, text, w.line)
		}
	}
}

// silent are commands that a unit needs no word for.
var silent = []string{
	":", "[", "[[", "test", "ps", "egrep", "fgrep", "pidof", "logger", "wall",
	"pidofproc", "checkproc", "status_of_proc", "status", "rc_status", "rc_exit", "rc_reset", "log_action_msg",
	"log_warning_msg", "log_failure_msg", "log_success_msg", "init_is_upstart", "true", "false", "echo", "printf", "exit", "return",
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

// other is a command that has nothing to do with start_server: said, for what
// the script did besides.
func (s *shell) other(sc *scope, words []word, text string, line int) {
	words = listed(sc.clone(), words)
	program := base(words[0].source())
	role := s.role(sc, words)
	switch {
	case s.quiet || role == probes || s.isFunction(program):
	case role == stops || role == reloads || slices.ContainsFunc(words, func(w word) bool { return w.text() == "kill" }):
		s.signalled(role, words, text, line)
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
func (s *shell) signalled(role role, words []word, text string, line int) {
	if role == reloads || role != stops && signalRole(words[1:]) == reloads {
		s.note("%s: `%s` becomes systemctl reload", s.at(line), text)
		s.hint("`%s` is a reload: systemctl reload NAME; the line that starts it is in another file", text)
		return
	}
	s.note("%s: `%s` becomes systemctl stop of the service and its socket", s.at(line), text)
	s.hint("`%s` is a stop: systemctl stop NAME.socket NAME.service; the line that starts it is in another file", text)
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
