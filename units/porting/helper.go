package porting

import (
	"slices"
	"strings"
)

// role is what a command does with the start_server among its words.
type role int

const (
	starts   role = iota // or nothing that is known here
	mentions             // takes it for the name of a file or of a process
	probes               // looks whether it runs, or says something
	stops
	reloads
)

// role goes by the first word that is no wrapper: "sudo -n killproc -p …".
func (s *shell) role(sc *scope, words []word) role {
	c := sc.clone()
	c.wrappers = nil
	s.wrap(c, words)
	if len(c.wrappers) == 0 {
		return starts
	}
	program, rest := base(c.wrappers[0].text()), c.wrappers[1:]
	switch {
	case program == "start-stop-daemon":
		return s.startStopRole(sc, rest)
	case slices.Contains(signallers, program):
		return signalRole(rest)
	case slices.Contains(managers, program) && slices.ContainsFunc(rest, func(w word) bool { return mentionsStarter(w.source()) }):
		return verbRole(c.wrappers)
	case slices.Contains(silent, program):
		return probes
	case slices.Contains(onlyMention, program), slices.Contains(managers, program):
		return mentions
	}
	return starts
}

// signallers send a signal, the functions of init scripts among them.
var signallers = []string{"kill", "pkill", "killall", "killproc", "svc", "sv"}

// managers do what one of their words says.
var managers = []string{
	"systemctl", "service", "initctl", "rc-service", "invoke-rc.d", "supervisorctl", "monit", "rcctl", "stop",
}

// signalRole is that of a kill or its kind: HUP reloads, 0 only looks.
func signalRole(args []word) role {
	found := stops
	for _, w := range args {
		switch strings.TrimPrefix(strings.TrimPrefix(w.text(), "-"), "SIG") {
		case "HUP", "1", "h", "hup", "reload":
			return reloads
		case "status", "up", "u", "once", "o", "start":
			found = probes
		case "0", "l":
			if strings.HasPrefix(w.text(), "-") {
				found = probes
			}
		}
	}
	return found
}

func verbRole(args []word) role {
	for _, w := range args {
		switch w.text() {
		case "reload", "force-reload", "restart", "try-restart", "reload-or-restart", "condrestart":
			return reloads
		case "stop", "kill":
			return stops
		case "status", "is-active", "is-enabled", "show", "cat":
			return probes
		}
	}
	return mentions
}

// startStopLetters and startStopNames are start-stop-daemon's options with a
// value, start-stop-daemon(8).
const (
	startStopLetters = "xapcugdNknrPIsRO"
	startStopNames   = "exec startas pid pidfile ppid chuid user group chdir nicelevel umask name chroot procsched iosched signal retry output notify-timeout"
)

// startStopRole: start-stop-daemon stops, and with --test and --status looks.
func (s *shell) startStopRole(sc *scope, args []word) role {
	found := starts
	w := &wrapping{s: s, sc: sc, rest: args}
	for _, o := range w.options(startStopLetters, startStopNames) {
		switch o.name {
		case "t", "test", "T", "status":
			return probes
		case "K", "stop":
			if found == starts {
				found = stops
			}
		case "s", "signal":
			found = signalRole([]word{o.value})
			if o.value.text() == "0" {
				return probes
			}
		}
	}
	return found
}
