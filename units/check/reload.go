package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
	"github.com/sdbridge/sdbridge/units/unitfile"
)

func reload(p *pair, s *file) []Finding {
	list := execs(s, "ExecReload")
	write := "ExecReload=/usr/bin/sdbridge reload"
	if p.bridge == nil {
		write = "ExecReload= with a command that waits, and fails when the new one does not come up; or ExecStart=/usr/bin/sdbridge run -- … and " + write
	}
	switch {
	case len(list) == 0 && (kind(s) == "notify-reload" || p.inetd() || p.bridge == nil && len(p.sockets) == 0):
		return nil
	case len(list) == 0:
		return s.finding(p.worse(Reload), s.where("Service.ExecReload"), "no ExecReload=",
			"systemctl reload is not applicable; what is left is restart, for which every client waits", write)
	}
	waited, tested := awaited(list)
	severity := Reload
	if command := restarting(list, s); command != "" {
		return s.finding(p.worse(Reload), list[0].where, "ExecReload= runs "+command, "that is no reload: every client waits for the start of the new one, and with one that does not come up nothing serves", write)
	}
	switch {
	case waited:
		return nil
	case !p.ours(), tested && p.bridge == nil && servers.Named(p.child.server()).Name == "":
		severity = Hint // nobody says that it is to be swapped; or a test of its configuration is all that can fail
	}
	return s.finding(severity, list[0].where, fmt.Sprintf("ExecReload=%s does not wait", strings.Join(list[len(list)-1].argv, " ")),
		"systemctl reload succeeds at once, also when the new one never comes up or the program ignores it", write)
}

// awaited tells whether something waits once a signal is sent; tested, whether
// something that can fail comes before it.
func awaited(list []command) (waited, tested bool) {
	asked := false
	for _, c := range list {
		for _, argv := range c.parts() {
			switch {
			case waitsFor(argv):
				waited = true
			case asks(argv) && !asked:
				asked, waited, tested = true, false, waited
			}
		}
	}
	return waited, tested
}

// restarting is the command that stops the service in order to start it again.
func restarting(list []command, s *file) string {
	for _, c := range list {
		for _, argv := range c.parts() {
			if argv = launched(argv).argv; len(argv) < 3 || filepath.Base(argv[0]) != "systemctl" {
				continue
			}
			i := slices.IndexFunc(argv, func(word string) bool { return slices.Contains(starting, word) })
			if i > 0 && slices.ContainsFunc(argv[i+1:], func(name string) bool { return s.answersTo(withType(name)) }) {
				return strings.Join(argv, " ")
			}
		}
	}
	return ""
}

// starting are what systemctl is told for a restart.
var starting = []string{"restart", "try-restart", "force-reload", "reload-or-restart", "try-reload-or-restart", "condrestart", "stop"}

// asynchronous are commands that ask for a reload and do not see it.
var asynchronous = []string{"kill", "pkill", "killall", "skill", "echo", "touch"}

// neutral are words of a shell and commands that neither ask nor wait.
var neutral = []string{
	"true", ":", "sleep", "logger", "test", "[", "mv", "rm", "cd", "mkdir", "ln", "cp", "cat", "ls",
	"export", "set", ".", "source", "exit", "return", "for", "done", "fi", "case", "esac", "}",
}

// leading are words of a shell before a command. One behind while or until is
// waited for.
var leading = []string{"if", "then", "else", "elif", "do", "{", "(", "!", "exec", "time"}

// parts are the commands of an Exec line, those of a shell's script one by one.
func (c command) parts() (list [][]string) {
	script, ok := scriptOf(c.argv)
	if !ok || !slices.Contains(shells, filepath.Base(c.argv[0])) {
		return [][]string{c.argv}
	}
	for _, part := range separated().Split(script, -1) {
		argv, err := unitfile.Words(strings.TrimSpace(part))
		for len(argv) > 0 && slices.Contains(leading, argv[0]) {
			argv = argv[1:]
		}
		if err == nil && len(argv) > 0 {
			list = append(list, argv)
		}
	}
	return list
}

// waits tells whether a command of ExecReload= sees the reload's end, as far as
// one can tell: what is not known to be a signal does.
func waits(c command) bool { return slices.ContainsFunc(c.parts(), waitsFor) }

// asks tells whether a command asks for a reload without seeing it.
func asks(argv []string) bool {
	argv = launched(argv).argv
	return len(argv) > 0 && !waitsFor(argv) && !slices.Contains(neutral, filepath.Base(argv[0]))
}

var separated = pattern(`[;&|\n]+`)

func waitsFor(argv []string) bool {
	if filepath.Base(argv[0]) == "flock" { // until the old one lets go of it
		return !slices.Contains(argv, "-n") && !slices.Contains(argv, "--nonblock")
	}
	argv = launched(argv).argv
	if len(argv) == 0 {
		return false
	}
	name := filepath.Base(argv[0])
	has := func(word string) bool { return slices.Contains(argv, word) }
	switch {
	case name == "sdbridge":
		return !has("--no-wait") && !has("--no-wait=true")
	case slices.Contains(neutral, name):
		return false
	case name == "kill" && has("-0"): // is it still there?
		return true
	case name == "systemctl" && has("--no-block"):
		return false
	case slices.Contains([]string{"systemctl", "busybox", "docker", "podman"}, name):
		return !has("kill")
	case name == "uwsgi":
		return !has("--reload")
	case name == "pumactl":
		return !has("restart") && !has("phased-restart") && !has("reload")
	case name == "nginx":
		return !has("-s")
	}
	return !slices.Contains(asynchronous, name)
}

// forgiven is the end of a script that never fails; forgivenLine that of a line
// which has such a script.
var (
	forgiven     = pattern(`(\|\||;)\s*(/bin/|/usr/bin/)?(true|:|exit 0)\s*$`)
	forgivenLine = pattern(`\s*(\|\||;)\s*(/bin/|/usr/bin/)?(true|:|exit 0)\s*(?P<quote>["']?)\s*$`)
)

func ignoresFailure(c command) bool {
	script, _ := scriptOf(c.argv)
	return strings.Contains(c.prefix, "-") || forgiven().MatchString(script)
}

func reloadIgnored(_ *pair, s *file) (found []Finding) {
	for _, c := range execs(s, "ExecReload") {
		if waits(c) && ignoresFailure(c) {
			found = append(found, s.finding(Reload, c.where, "a failure of ExecReload= is ignored", "systemctl reload succeeds though the new one did not come up", heeded(s.original(c.setting), c))...)
		}
	}
	return found
}

// reloadRebinds: uwsgi makes its sockets anew at HUP, puma may at USR2.
func reloadRebinds(p *pair, s *file) (found []Finding) {
	if p.bridge != nil || len(p.child.addresses()) == 0 || len(p.listens()) == 0 {
		return nil
	}
	signal := map[string]string{"uwsgi": "HUP", "puma": "USR2"}[p.child.server()]
	for _, c := range execs(s, "ExecReload") {
		if line := strings.Join(c.argv, " "); signal != "" && strings.Contains(line, "kill") && strings.Contains(line, signal) {
			found = append(found, s.finding(Loses, c.where, fmt.Sprintf("%s takes %s for a restart in place", p.child.server(), signal),
				"it removes the path and binds it again: the socket of systemd is orphaned, or the program dies where it may not write",
				"ExecStart=/usr/bin/sdbridge run -- …, and ExecReload=/usr/bin/sdbridge reload")...)
		}
	}
	return found
}

func notifyReload(p *pair, s *file) []Finding {
	line, v := s.where("Service.Type"), p.host.Version
	switch {
	case kind(s) != "notify-reload":
		return nil
	case v > 0 && v < 253:
		return s.finding(Reload, line, fmt.Sprintf("Type=notify-reload on systemd %d", v), "it is not known before 253: the service silently becomes Type=simple", "Type=notify, and an ExecReload= that waits")
	case p.bridge != nil:
		return s.finding(Reload, line, "Type=notify-reload", "such a reload can only fail by timing out: a failed swap looks like one that succeeded", "Type=notify, and ExecReload=/usr/bin/sdbridge reload")
	case v == 0:
		return s.finding(Hint, line, "Type=notify-reload", "systemd before 253 silently takes it for Type=simple", "Type=notify, and an ExecReload= that waits")
	}
	return nil
}
