package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
)

var execKeys = []string{"ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition"}

// execs are the commands of all Exec lines of a service, those of
// configuration errors left out.
func execs(s *file, keys ...string) (list []command) {
	for _, key := range keys {
		for _, one := range s.all("Service." + key) {
			more, _ := commands(one) // exec-syntax tells
			list = append(list, more...)
		}
	}
	return list
}

func execSyntax(p *pair, s *file) (found []Finding) {
	for _, b := range p.broken {
		found = append(found, s.finding(Blocks, b.where, b.Name+"= cannot be split: "+b.Value, "systemd ignores the line", "close the quote; a quote that is meant is written \\\" or \\'")...)
	}
	for _, c := range execs(s, execKeys...) {
		program := c.argv[0]
		if name, value, _ := strings.Cut(program, "="); assignment().MatchString(program) {
			found = append(found, s.finding(Blocks, c.where, c.Name+"= begins with an assignment, "+program, "systemd takes it for the program", "Environment="+name+"="+value)...)
			continue
		}
		if strings.HasPrefix(program, ".") || strings.HasPrefix(program, "~") || strings.Contains(program, "/") && !strings.ContainsAny(program[:1], "/$%") {
			found = append(found, s.finding(Blocks, c.where, c.Name+"="+c.argv[0]+" is no absolute path", "systemd ignores the line: it looks neither in WorkingDirectory= nor in a home", c.Name+"=/full/path/of/"+filepath.Base(c.argv[0]))...)
		}
	}
	oneshot := s.value("Service.Type") == "oneshot"
	ends := s.value("Unit.SuccessAction") != "" || len(s.all("Service.ExecStop")) > 0 && s.is("Service.RemainAfterExit")
	if len(p.start) > 1 && !oneshot {
		found = append(found, s.finding(Blocks, p.start[1].where, fmt.Sprintf("%d commands in ExecStart=", len(p.start)), "systemd refuses the service: only Type=oneshot takes more than one; a drop-in adds to those before it",
			"ExecStart=\nExecStart="+strings.Join(p.start[len(p.start)-1].argv, " "))...)
	}
	if len(p.start) == 0 && len(p.broken) == 0 && !oneshot && !ends {
		found = append(found, s.finding(Blocks, s.path, "no ExecStart=", "systemd refuses the service", "ExecStart=/usr/bin/sdbridge run -- /usr/bin/app")...)
	}
	return found
}

// shellWord is what only a shell understands.
var shellWord = pattern("^([0-9]*>>?.*|[0-9]*<.*|&>.*|&|&&|\\|\\|?|;;)$|\\$\\(|`|\\$\\{[A-Za-z_0-9]+[^A-Za-z_0-9}]|^~/")

func shellSyntax(_ *pair, s *file) (found []Finding) {
	for _, c := range execs(s, execKeys...) {
		script := scriptIn(c.argv)
		i := slices.IndexFunc(c.argv[1:], func(word string) bool {
			meant := strings.ContainsAny(word[:min(1, len(word))], "<>&|;0123456789") && (strings.Contains(c.Value, `"`+word) || strings.Contains(c.Value, `'`+word))
			return shellWord().MatchString(word) && word != script && !meant
		})
		if i < 0 {
			continue
		}
		found = append(found, s.finding(Blocks, c.where, fmt.Sprintf("%s= has %q, which only a shell understands", c.Name, c.argv[i+1]),
			"systemd runs no shell: the program gets the word as an argument", "leave it out: StandardOutput= for a redirection, Environment= for a default, --dir for cd; or /bin/sh -c \"exec …\"")...)
	}
	return found
}

func bridgeFlags(p *pair, s *file) []Finding {
	line := s.where("Service.ExecStart")
	switch {
	case p.bridge == nil:
		return nil
	case p.bridge.wrong != nil:
		return s.finding(Blocks, line, "sdbridge run refuses its command line: "+p.bridge.wrong.Error(), "the service cannot start", "see sdbridge run --help")
	case len(p.bridge.child) == 0:
		return s.finding(Blocks, line, "sdbridge run has no command", "the service cannot start", "ExecStart=/usr/bin/sdbridge run -- /usr/bin/app")
	case p.bridge.given("daemonize") && p.bridge.text("daemonize") == "true":
		return s.finding(Blocks, line, "--daemonize under systemd", "the bridge that systemd watches goes away", "leave --daemonize out")
	}
	return nil
}

func launcher(p *pair, s *file) (found []Finding) {
	line := s.where("Service.ExecStart")
	write := "ExecStart= with the program itself; or " + p.run.parent + " with exec before the program"
	switch {
	case p.run.parent == "" && p.bridge != nil && p.child.parent != "":
		severity := Hint
		why := "the stop signal ends it, not the server behind it, which the bridge must tell a second time; LISTEN_PID is not the server's"
		if p.bridge.text("export") == "systemd" {
			severity, why = Loses, "LISTEN_PID is not the server's: with --export=systemd it finds no socket"
		}
		return s.finding(severity, line, p.child.parent+" stays between the bridge and the server", why, "exec before the program, or the program itself behind --")
	case p.run.parent == "" || len(p.sockets) == 0 || p.inetd():
		return nil
	}
	found = s.finding(Loses, line, p.run.parent+" stays between systemd and the program",
		"LISTEN_PID is the launcher's, so that the program does not take the socket (dash does not exec the last command, bash may): it binds one of its own or fails; TERM may reach the launcher alone", write)
	if access := s.value("Service.NotifyAccess"); strings.HasPrefix(s.value("Service.Type"), "notify") && access != "all" && access != "exec" {
		found = append(found, s.finding(Blocks, line, "READY=1 of a process behind "+p.run.parent,
			"with NotifyAccess=main it does not count: the start times out", write)...)
	}
	return found
}

func startServer(p *pair, s *file) []Finding {
	line := s.where("Service.ExecStart")
	server := p.child.server()
	switch {
	case len(p.sockets) == 0 && p.bridge == nil && server == "start_server" && !p.dialect():
		return s.finding(Loses, line, "start_server binds by itself, and no .socket unit belongs to the service", "systemctl restart and a crash close the socket: clients are refused until it is back",
			"the pair that sdbridge units --from "+s.name+" writes")
	case len(p.sockets) == 0 && p.bridge == nil:
		return nil
	case p.dialect():
		return s.finding(Hint, line, "start_server's dialect", "a swap that fails is tried again for ever, and an old generation is never killed: those are its defaults, made for another time",
			"ExecStart=/usr/bin/sdbridge run "+strings.Join(ported(p.child.argv), " "))
	case server == "start_server":
		return s.finding(Blocks, line, "start_server takes no socket of systemd", "it binds the address beside the .socket unit: address already in use",
			"ExecStart=/usr/bin/sdbridge run "+strings.Join(ported(p.child.argv), " ")+"\nor the pair that sdbridge units --from "+s.name+" writes")
	case p.bridge == nil && servers.Named(server).Starter:
		return s.finding(Blocks, line, server+" takes no socket of systemd", "it knows SERVER_STARTER_PORT only, and binds the address beside the .socket unit: address already in use",
			"ExecStart=/usr/bin/sdbridge run -- "+strings.Join(p.child.argv, " "))
	}
	return nil
}

// dialect tells whether start_server is sdbridge by another name.
func (p *pair) dialect() bool {
	argv := p.child.argv
	return len(argv) > 1 && (filepath.Base(argv[0]) == "sdbridge" && argv[1] == "start_server" ||
		filepath.Base(argv[0]) == "start_server" && p.host.program(argv[0]) == "sdbridge")
}

// behind is what start_server runs.
func behind(argv []string) []string {
	if i := slices.Index(argv, "--"); i >= 0 {
		return argv[i+1:]
	}
	return nil
}

// ported is a start_server command line as `sdbridge run` takes it: what systemd
// does better is left out.
func ported(argv []string) (line []string) {
	at := slices.IndexFunc(argv, func(word string) bool { return strings.HasPrefix(filepath.Base(word), "start_server") })
	dropped := []string{"--daemonize", "--pid-file", "--log-file", "--status-file"}
	options := argv[at+1 : len(argv)-len(behind(argv))]
	for i := 0; i < len(options); i++ {
		option, _, joined := strings.Cut(options[i], "=")
		switch {
		case !slices.Contains(dropped, option):
			line = append(line, options[i])
		case !joined && option != "--daemonize":
			i++
		}
	}
	return append(line, behind(argv)...)
}

// stopSignal: on another signal than its own a server cuts its requests, or leaves
// workers behind that accept with old code.
func stopSignal(p *pair, s *file) (found []Finding) {
	child, line := p.child, s.where("Service.ExecStart")
	get := func(flag string) string { return p.bridge.text(flag) }
	if p.bridge == nil {
		if child.server() != "start_server" {
			return nil
		}
		starter := launch{argv: p.child.argv[:len(p.child.argv)-len(behind(p.child.argv))]}
		get = func(flag string) string { v, _ := starter.has("--" + flag); return v }
		child = launched(behind(child.argv))
	}
	server := child.server()
	known := servers.Named(server)
	if known.Cuts == "" {
		return nil
	}
	_, slowly := child.has("--spawn-interval") // Starlet then drains on USR1, too, a worker at a time
	for _, flag := range []string{"signal-on-hup", "signal-on-term"} {
		got := strings.TrimPrefix(strings.ToUpper(get(flag)), "SIG")
		if got == "" {
			got = "TERM"
		}
		want := known.Graceful()
		switch {
		case got == want || got == "USR1" && slowly:
		case got == "CONT" && flag == "signal-on-hup":
			found = append(found, s.finding(Hint, line, "--signal-on-hup is CONT, which "+server+" takes for nothing",
				"a hook of its configuration has to end the former generation; else it serves on with the old code, until --drain-timeout kills it", "--signal-on-hup="+want+" where there is no such hook")...)
		default:
			found = append(found, s.finding(Loses, line, fmt.Sprintf("--%s is %s, and %s drains on %s", flag, got, server, want),
				got+" cuts its requests short, or leaves its workers behind", "--"+flag+"="+want)...)
		}
	}
	return found
}

// current is what the link to a release is called where it is not there to see.
var current = pattern(`/current(/|$)`)

func workingDirectory(p *pair, s *file, b *bridge) []Finding {
	set, _ := s.last("Service.WorkingDirectory")
	dir := strings.TrimPrefix(s.value("Service.WorkingDirectory"), "-")
	if dir == "" || dir == "~" || b.given("dir") {
		return nil
	}
	link, target := p.host.symlink(dir)
	switch {
	case link != "":
		link += " (a link to " + target + ")"
	case current().MatchString(dir):
		link = dir
	default:
		return nil
	}
	return s.finding(Reload, set.where, "WorkingDirectory= goes through "+link,
		"systemd follows the link once, when the bridge starts: a reload runs the old release", "ExecStart=/usr/bin/sdbridge run --dir "+dir+" -- …, and no WorkingDirectory=")
}

func environmentFile(p *pair, s *file, _ *bridge) (found []Finding) {
	for _, one := range s.all("Service.EnvironmentFile") {
		severity, why := Reload, "systemd reads it once, when the bridge starts: a reload runs with the old values"
		if secret(p.host.on(strings.TrimPrefix(one.Value, "-"))) {
			severity, why = Hint, why+"; the bridge itself can only read it when User= may: chgrp and 0640"
		}
		found = append(found, s.finding(severity, one.where, "EnvironmentFile="+one.Value, why, "ExecStart=/usr/bin/sdbridge run --env-file "+one.Value+" -- …")...)
	}
	return found
}
