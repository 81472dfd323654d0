package check

import (
	"slices"
	"strings"
)

// daemonizing are the options by which servers go into the background.
var daemonizing = map[string][]string{
	"gunicorn": {"-D", "--daemon"}, "unicorn": {"-D", "--daemonize"}, "rackup": {"-D", "--daemonize"}, "thin": {"-d", "--daemonize"},
	"starman": {"-D", "--daemonize"}, "twiggy": {"-D", "--daemonize"}, "plackup": {"-D", "--daemonize"},
	"uwsgi": {"-d", "--daemonize", "--daemonize2"}, "start_server": {"--daemonize"},
}

// daemonizes is how a program goes into the background; "" where it does not.
func (l launch) daemonizes() string {
	server, argv := l.server(), l.argv
	switch {
	case server == "start_server":
		argv, _ = apart(argv)
	case l.name() == "plackup" || l.name() == "rackup":
		server = l.name()
	}
	for _, option := range daemonizing[server] {
		value, ok := launch{argv: argv}.has(option)
		if ok && !slices.Contains([]string{"0", "no", "false"}, strings.ToLower(value)) {
			return server + " " + option
		}
	}
	return ""
}

func daemon(p *pair, s *file) []Finding {
	how, line := p.child.daemonizes(), s.where("Service.ExecStart")
	_, option, _ := strings.Cut(how, " ")
	lives := s.is("Service.RemainAfterExit") || slices.Contains([]string{"process", "none"}, s.value("Service.KillMode"))
	switch is := kind(s); {
	case how == "" || p.dialect():
		return nil
	case p.bridge != nil:
		return s.finding(Blocks, line, how+" behind the bridge", "its first process ends at once: the bridge takes the generation for dead, and refuses it", "leave "+option+" out")
	case is == "forking" || is == "oneshot" || is == "dbus" || lives && !strings.HasPrefix(is, "notify"):
		return nil
	default:
		return s.finding(Blocks, line, how+" with Type="+is, "the process that systemd started ends at once: the service fails, or is stopped with all that it left", "leave "+option+" out")
	}
}
