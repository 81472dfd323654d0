package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

var execKeys = []string{"ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost", "ExecCondition"}

// execs are the commands of all Exec lines of a service, those of
// configuration errors left out.
func execs(s *file, keys ...string) []command { return environment(s).in(written(s, keys...)) }

// written are the same without the values of variables.
func written(s *file, keys ...string) (list []command) {
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
		found = append(found, s.finding(Blocks, p.start[1].where, fmt.Sprintf("%d commands in ExecStart=", len(p.start)),
			"systemd refuses the service: only Type=oneshot takes more than one; a drop-in adds to those before it", p.oneStart(s))...)
	}
	if len(p.start) == 0 && len(p.broken) == 0 && !oneshot && !ends {
		found = append(found, s.finding(Blocks, s.path, "no ExecStart=", "systemd refuses the service", "ExecStart=/usr/bin/sdbridge run -- /usr/bin/app")...)
	}
	return found
}

// oneStart is how a service comes to one command again. What a drop-in adds is
// meant to replace; of several in one file nobody says which is the program.
func (p *pair) oneStart(s *file) string {
	first, last := p.start[0], p.start[len(p.start)-1]
	if last.alone && fileOf(first.where) != fileOf(last.where) {
		return "ExecStart=\nExecStart=" + s.original(last.setting)
	}
	return "one ExecStart=, with the program that serves; the others belong in ExecStartPre= or ExecStartPost="
}

// fileOf is the file of a line.
func fileOf(where string) string { return where[:strings.LastIndexByte(where, ':')] }

// shellWord is what only a shell understands.
var shellWord = pattern("^([0-9]*>>?.*|[0-9]*<.*|&>.*|&|&&|\\|\\|?|;;)$|\\$\\(|`|\\$\\{[A-Za-z_0-9]+[^A-Za-z_0-9}]|^~/")

func shellSyntax(_ *pair, s *file) (found []Finding) {
	for _, c := range written(s, execKeys...) {
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
	case len(p.bridge.child) == 0 && !p.bridge.open:
		return s.finding(Blocks, line, "sdbridge run has no command", "the service cannot start", "ExecStart=/usr/bin/sdbridge run -- /usr/bin/app")
	case p.bridge.given("daemonize") && p.bridge.text("daemonize") == "true":
		return s.finding(Blocks, line, "--daemonize under systemd", "the bridge that systemd watches goes away", "leave --daemonize out")
	}
	return nil
}
