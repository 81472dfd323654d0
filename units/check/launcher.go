package check

import (
	"slices"
	"strings"
)

func launcher(p *pair, s *file) (found []Finding) {
	line := s.where("Service.ExecStart")
	switch {
	case p.run.parent == "" && p.bridge != nil && p.child.parent != "":
		severity := Hint
		why := "the stop signal ends it, not the server behind it, which the bridge must tell a second time; LISTEN_PID is not the server's"
		if p.bridge.text("export") == "systemd" {
			severity, why = Loses, "LISTEN_PID is not the server's: with --export=systemd it finds no socket"
		}
		return s.finding(severity, line, p.child.parent+" stays between the bridge and the server", why, without(p.child.parent, "the program itself behind --"))
	case p.run.parent == "" || len(p.sockets) == 0 || p.inetd():
		return nil
	}
	write := without(p.run.parent, "ExecStart= with the program itself")
	found = s.finding(Loses, line, p.run.parent+" stays between systemd and the program",
		"LISTEN_PID is the launcher's, so that the program does not take the socket (dash does not exec the last command, bash may): it binds one of its own or fails; TERM may reach the launcher alone", write)
	if access := s.value("Service.NotifyAccess"); strings.HasPrefix(s.value("Service.Type"), "notify") && access != "all" && access != "exec" {
		found = append(found, s.finding(Blocks, line, "READY=1 of a process behind "+p.run.parent,
			"with NotifyAccess=main it does not count: the start times out", write)...)
	}
	return found
}

// remedies say how to do without launchers.
var remedies = []struct {
	launchers []string
	write     string // behind "the program itself"
}{
	{[]string{"sudo", "su", "runuser"}, ", and User= with the user that it changes to"},
	{[]string{"npm", "npx", "yarn", "pnpm", "nodemon", "pm2", "pm2-runtime"}, ": what the script of package.json runs, as in /usr/bin/node app.js"},
	{[]string{"tini", "dumb-init", "catatonit"}, ": systemd does what an init of a container does"},
	{[]string{"docker", "docker-compose", "podman"}, "; or podman run, which hands the sockets on"},
	{[]string{"poetry", "pipenv", "uv", "conda"}, ": that of its environment, as in /srv/app/.venv/bin/gunicorn"},
	{[]string{"rvm", "rvm-shell"}, ", by rvm's wrapper for it, as in /usr/local/rvm/wrappers/default/puma"},
	{[]string{"foreman", "honcho", "overmind", "supervisord"}, "; a unit for each program that it starts"},
	{[]string{"screen", "tmux", "script"}, ": its output is in the journal"},
	{[]string{"make", "mvn", "gradle", "go"}, ": what it builds, as in /srv/app/bin/app or java -jar"},
	{[]string{"timeout"}, ", and RuntimeMaxSec= for the limit"},
	{[]string{"flock"}, ": systemd runs a service once"},
	{[]string{"doppler"}, ", and its variables in a file, for EnvironmentFile= or sdbridge run --env-file"},
	{[]string{"xvfb-run"}, ", and a unit of its own for Xvfb, with Environment=DISPLAY="},
}

// without is what to write so that a launcher does not stay. Only a shell knows
// exec.
func without(parent, itself string) string {
	if strings.HasSuffix(parent, " -c") {
		return itself + "; or exec before the program in the script of " + parent
	}
	for _, r := range remedies {
		if slices.Contains(r.launchers, parent) {
			return itself + r.write
		}
	}
	return itself
}
