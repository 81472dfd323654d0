package porting

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

// advise adds what the line does not say, and what it says in vain.
func (s *shell) advise(sc *scope, sv *Service) {
	note := func(format string, values ...any) { sv.Notes = append(sv.Notes, fmt.Sprintf(format, values...)) }
	switch {
	case sv.Options.Restart:
		note("this is a reload and no service: systemctl reload NAME, which waits for the new generation as --restart did")
		return
	case sv.Options.Stop:
		note("this is a stop and no service: systemctl stop NAME.socket NAME.service")
		return
	}
	if s := sc.condition; s != "" {
		note("start_server stands under a condition (`%s`): the unit has none (ConditionPathExists= and its kind are the nearest)", oneLine(s))
	}
	listeners := sv.Given["port"] || sv.Given["path"] ||
		slices.ContainsFunc(sv.Missing, func(m Missing) bool { return m.Where == anyOption })
	behind(sv.Command, note)
	ports(sv.Command, listeners, note)
	children(sv, note)
	if sv.User == "root" {
		note("root is not needed to bind: systemd does that")
	}
}

type noter func(format string, values ...any)

// behind points at options of start_server that stand behind its "--".
func behind(command []string, note noter) {
	only := []string{"enable-auto-restart", "auto-restart-interval", "signal-on-hup", "signal-on-term", "kill-old-delay", "status-file", "envdir", "interval"}
	for _, arg := range command {
		name, _, _ := strings.Cut(arg, "=")
		name, long := strings.CutPrefix(name, "--")
		if !long || !slices.Contains(only, strings.ToLower(name)) {
			continue
		}
		if w, ok, err := starter.ReadWord(arg); ok && err == nil {
			note("%s stands behind --, so the child gets it and start_server did not; if it is meant for start_server, move --%s before the --", arg, w.Option)
		}
	}
}

var listening = pattern(`^(-p|--port|-l|--listen|-b|--bind|--path|--socket)(=(.+))?$`)

// ports says what the child's own arguments tell of a listener.
func ports(command []string, listeners bool, note noter) {
	said := ""
	for i, arg := range command {
		m := listening().FindStringSubmatch(arg)
		switch {
		case m == nil && arg == "--backlog" || strings.HasPrefix(arg, "--backlog="):
			if listeners {
				note("%s of the child has no effect on a socket it is handed: Backlog= of the .socket has", arg)
			}
		case m == nil || i == 0 || said != "" || m[3] == "0" || m[2] == "" && i+1 < len(command) && command[i+1] == "0":
		case m[2] != "":
			said = arg
		case i+1 < len(command):
			said = arg + " " + command[i+1]
		}
	}
	switch {
	case listeners && said != "":
		note("the child's own %s is passed on; with a socket handed to it a server mostly ignores that", said)
	case listeners:
	case said != "":
		note("no listener was given to start_server; the child's arguments say %s: if that is the listener, give it to start_server as well, as %s; else a plain service with Restart=always does the same", said, asOption(said))
	default:
		note("no listener was given to start_server: there is no socket to hold, and a plain service with Restart=always does the same")
	}
}

// asOption is what start_server would have of a child's own listener.
func asOption(said string) string {
	value := strings.TrimPrefix(said[strings.LastIndexAny(said, " =")+1:], "unix:")
	if strings.Contains(value, "/") && !strings.Contains(value, "://") {
		return "--path " + value
	}
	if value = strings.TrimPrefix(strings.TrimPrefix(value, "*"), ":"); value != "" && value[len(value)-1] >= '0' && value[len(value)-1] <= '9' && !strings.Contains(value, "/") {
		return "--port " + value
	}
	return "--port or --path"
}

// children says what is known of some programs.
func children(sv *Service, note noter) {
	if len(sv.Command) == 0 {
		return
	}
	sockets := len(sv.Options.Ports) + len(sv.Options.Paths)
	for _, server := range []string{"Gazelle", "Monoceros", "Starlet"} {
		if sockets > 1 && slices.Contains(sv.Command, server) {
			note("%s may take only one of the %d sockets, and which one is chance (Starlet since 2019 takes all): see that each is answered", server, sockets)
		}
	}
	program := base(sv.Command[0])
	if path.Ext(program) == ".sh" {
		note("%s must end in exec, or the signals stop at the shell", sv.Command[0])
	}
	if i := slices.IndexFunc(sv.Command, func(w string) bool { return w == "--daemonize" || w == "--daemon" }); i > 0 {
		note("%s of the child takes it away from the bridge, which then sees it end: take it out", sv.Command[i])
	}
	if program == "h2o" {
		note("if h2o's configuration has user:, h2o wants to start as root: leave User= out, or take user: out")
	}
	if sv.User == "" {
		sv.User, sv.Group = ownUser(sv.Command), orElse(sv.Group, ownGroup(sv.Command))
		if sv.User != "" {
			note("User= is from the child's own --user, which then has nothing left to do")
		}
	}
}

// ownUser is the --user of a Perl prefork server.
func ownUser(command []string) string  { return own(command, "--user") }
func ownGroup(command []string) string { return own(command, "--group") }

func own(command []string, option string) string {
	if !slices.ContainsFunc(command, func(c string) bool {
		return slices.Contains([]string{"starman", "Starman", "gunicorn"}, base(c))
	}) {
		return ""
	}
	for i, arg := range command {
		if v, ok := strings.CutPrefix(arg, option+"="); ok && !strings.Contains(v, "$") {
			return v
		}
		if arg == option && i+1 < len(command) && !strings.Contains(command[i+1], "$") {
			return command[i+1]
		}
	}
	return ""
}
