package porting

import (
	"slices"
	"strings"
)

// launch reads one command that may run start_server, at any place in it, and
// says whether it did.
func (s *shell) launch(sc *scope, words []word) bool {
	if len(words) == 0 {
		return false
	}
	sc = sc.clone()
	words = listed(sc, words)
	if s.role(sc, words) != starts {
		return false
	}
	words = s.startStopDaemon(sc, words)
	if i := slices.IndexFunc(words, isStarter); i >= 0 {
		before := len(sc.wrappers)
		s.wrap(sc, words[:i])
		if kept := sc.wrappers[before:]; len(kept) > 0 && s.isFunction(kept[0].text()) {
			sc.notes = append(sc.notes, "`"+kept[0].text()+"` is a function of the script and is dropped: what it does beside running its arguments is not carried over")
			sc.wrappers = slices.Delete(slices.Clone(sc.wrappers), before, before+1)
		}
		s.service(sc, words[i+1:], words[i].line)
		return true
	}
	for i, w := range words {
		text := w.script()
		if !mentionsStarter(text) || !strings.ContainsAny(text, " \t\n") {
			continue
		}
		around := slices.Delete(slices.Clone(words), i, i+1)
		shell := isShell(words[:i])
		if shell {
			s.wrap(sc, around)
		}
		before := len(s.services)
		sc.tell(w)
		s.inner(sc, text, max(w.line, 1))
		for j := before; j < len(s.services) && !shell && i > 0; j++ {
			s.services[j].ranBy(oneLine(words[0].source()))
		}
		return len(s.services) > before
	}
	if slices.ContainsFunc(words, func(w word) bool { return base(w.text()) == "h2o" }) && slices.ContainsFunc(words, func(w word) bool { return w.text() == "daemon" }) {
		s.hint("%s", daemonHint(words))
	}
	return false
}

// ranBy says what becomes of a program that has the line as an argument.
func (sv *Service) ranBy(program string) {
	if sv.Options.Restart || sv.Options.Stop {
		sv.Notes = append(sv.Notes, "`"+program+"` runs it, as its hook: it needs the right to do so, root or a rule of polkit")
		return
	}
	sv.Notes = append(sv.Notes, "`"+program+"` ran it and is not carried over: the unit starts it now")
}

// onlyMention are commands that take start_server for a file's or a process's
// name.
var onlyMention = []string{
	"apt-get", "apt", "yum", "dnf", "cpan", "cpanm", "gem", "rm", "cp", "mv", "ln",
	"chmod", "chown", "install", "kill", "pkill", "pgrep", "killall", "ps", "sed",
	"awk", "touch", "mkdir", "find", "xargs", "git", "less", "tail", "man", "perldoc",
	"vi", "vim", "nano", "emacs", "view", "stat", "file", "head", "wc", "diff", "rsync", "scp", "tar",
	"dpkg", "rpm", "pip", "apk", "zypper", "brew", "update-rc.d", "chkconfig", "setcap", "ldd", "strings",
}

// isShell is a command that runs a text: sh -c, su -c, daemon "…".
func isShell(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool {
		return slices.Contains([]string{
			"sh", "bash", "dash", "ash", "zsh", "ksh", "su", "runuser", "daemon",
			"script", "screen", "flock", "ssh", "watch", "nohup",
		}, base(w.text()))
	})
}

// startStopDaemon makes of "start-stop-daemon … --exec PROGRAM -- ARGUMENTS"
// the command that it runs, start-stop-daemon(8).
func (s *shell) startStopDaemon(sc *scope, words []word) []word {
	at := slices.IndexFunc(words, func(w word) bool { return base(w.text()) == "start-stop-daemon" })
	if at < 0 {
		return words
	}
	w := &wrapping{s: s, sc: sc, rest: words[at+1:]}
	var program []word
	for _, o := range w.options(startStopLetters, startStopNames) {
		switch o.name {
		case "x", "exec", "a", "startas":
			program = []word{o.value}
		case "c", "chuid":
			sc.setUser(o.value)
		case "g", "group":
			sc.setGroup(o.value)
		case "d", "chdir":
			sc.chdir(o.value)
		case "N", "nicelevel":
			sc.setting("Nice", o.value)
		case "r", "chroot":
			sc.refused = s.errorf(words[at].line, "start-stop-daemon --chroot needs root, which the child of a unit has not: give the line without it, and write RootDirectory=%s into the unit, with sdbridge copied into it", o.value.source())
		case "P", "procsched", "I", "iosched":
			sc.notes = append(sc.notes, "`"+o.value.source()+"` of start-stop-daemon is not carried over: CPUSchedulingPolicy= and IOSchedulingClass= say the same")
		case "k", "umask":
			sc.setUMask(o.value)
		case "S", "K", "stop":
			if o.name != "S" {
				return words[:at] // it stops what runs
			}
		}
	}
	if len(w.rest) > 0 && w.rest[0].text() == "--" && program != nil {
		w.rest = w.rest[1:]
	}
	// "--$ARGUMENTS" without a blank between: the shell splits the variable.
	if len(w.rest) > 0 && program == nil {
		return slices.Concat(words[:at], w.rest)
	}
	return slices.Concat(words[:at], program, w.rest)
}
