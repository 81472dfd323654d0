package check

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// said is what a rule says of the pair that ships with these drop-ins.
type said struct {
	socket, service string
	rule            string
	severity        Severity // "": nothing
	write           string   // that it says to write: all of it, or a part behind "…"
}

func saidOf(t *testing.T, cases map[string]said) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all := found(t, 0, c.socket, c.service, nil)
			i := slices.IndexFunc(all, func(f Finding) bool { return f.Rule == c.rule && (c.severity == "" || f.Severity == c.severity) })
			if (i >= 0) != (c.severity != "") {
				t.Fatalf("want %q of %s:\n%s", c.severity, c.rule, text(t, all))
			}
			if i < 0 {
				return
			}
			part, some := strings.CutPrefix(c.write, "…")
			if got := all[i].Write; c.write != "" && (some && !strings.Contains(got, part) || !some && got != part) {
				t.Errorf("writes %q, want %q", got, c.write)
			}
		})
	}
}

// systemd.service(5), "Command lines".
func TestVariables(t *testing.T) {
	env := func(line string) string { return service("Environment=" + line) }
	file := service("EnvironmentFile=/etc/app")
	starman := "--signal-on-hup=${SIG} --signal-on-term=${SIG} -- starman a"
	saidOf(t, map[string]said{
		"a duration":                 {"", env("D=30") + run("--drain-timeout=${D} -- app"), "bridge-flags", "", ""},
		"that counts":                {"", env("D=5m") + run("--drain-timeout=${D} -- app"), "timeout-stop", Loses, ""},
		"the later one":              {"", env("D=5m") + env("D=30") + run("--drain-timeout=${D} -- app"), "timeout-stop", "", ""},
		"not with a file":            {"", env("D=5m") + file + run("--drain-timeout=${D} -- app"), "timeout-stop", "", ""},
		"nor when it is taken away":  {"", env("D=5m") + service("UnsetEnvironment=D") + run("--drain-timeout=${D} -- app"), "timeout-stop", "", ""},
		"unknown":                    {"", run("--drain-timeout=${D} -- app") + "TimeoutStopSec=30\n", "timeout-stop", "", ""},
		"an unknown one, apart":      {"", run("--drain-timeout $D -- app"), "bridge-flags", "", ""},
		"a port":                     {"", env("PORT=8080") + run("--port ${PORT} -- app"), "bridge-address", "", ""},
		"another port":               {"", env("PORT=9090") + run("--port ${PORT} -- app"), "bridge-address", Blocks, ""},
		"an unknown port":            {"", run("--port ${PORT} -- app"), "bridge-address", "", ""},
		"a dollar that is meant":     {"", env("D=5m") + run("--drain-timeout=$${D} -- app"), "timeout-stop", "", ""},
		"behind a colon":             {"", env("D=5m") + start(":/usr/bin/sdbridge run --drain-timeout=${D} -- app"), "timeout-stop", "", ""},
		"signals":                    {"", env("SIG=QUIT") + run(starman), "stop-signal", "", ""},
		"wrong signals":              {"", env("SIG=TERM") + run(starman), "stop-signal", Loses, ""},
		"unknown signals":            {"", run(starman), "stop-signal", "", ""},
		"any flags":                  {"", run("$OPTS -- starman a"), "stop-signal", "", ""},
		"a flag behind them":         {"", run("$OPTS --drain-timeout 5m -- app"), "timeout-stop", Loses, ""},
		"a flag before them":         {"", run("--drain-timeout 5m $OPTS -- app"), "timeout-stop", "", ""},
		"words of a value":           {"", env(`"OPTS=--drain-timeout 5m"`) + run("$OPTS -- app"), "timeout-stop", Loses, ""},
		"one word of it":             {"", env(`"OPTS=--drain-timeout 5m"`) + run("${OPTS} -- app"), "bridge-flags", Blocks, ""},
		"no word":                    {"", env("OPTS=") + run("$OPTS --drain-timeout=5m -- app"), "timeout-stop", Loses, ""},
		"a port among them":          {sock("Service=other.service"), run("$OPTS -- app"), "no-socket", "", ""},
		"the command among them":     {"", run("$OPTS"), "bridge-flags", "", ""},
		"an operator in a value":     {"", env(`"T=a > b"`) + run("-- app --title ${T}"), "shell-syntax", "", ""},
		"a default of a shell":       {"", env("W=1") + run("-- app -w ${W:-16}"), "shell-syntax", Blocks, ""},
		"an address of the program":  {"", env("P=9090") + start("/usr/bin/puma --port ${P}"), "address-differs", Loses, ""},
		"an unknown address":         {"", start("/usr/bin/gunicorn -b unix:${RUN}/a.sock a"), "address-differs", "", ""},
		"an unknown host":            {"", start("/usr/bin/uvicorn --host ${HOST} --port 8080 a:a"), "address-differs", "", ""},
		"an unknown name of a shell": {"", start(`/bin/sh -c 'exec gunicorn -b "0.0.0.0:$${PORT}" a'`), "address-differs", "", ""},
		"the runtime directory":      {"", service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --control ${RUNTIME_DIRECTORY}/control"), "control", "", ""},
		"another directory":          {"", env("C=/run/other") + service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --control ${C}"), "control", Reload, ""},
		"an unknown directory":       {"", service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --control ${C}/control"), "control", "", ""},
		"control in a file":          {"", file + service("RuntimeDirectory="), "control", Hint, ""},
	})
}

func TestWrittenLines(t *testing.T) {
	reload := func(line string) string { return service("ExecReload=\nExecReload=" + line) }
	saidOf(t, map[string]said{
		"a script":                 {"", reload(`/bin/sh -c 'sdbridge reload || true'`), "reload-ignored", Reload, `ExecReload=/bin/sh -c 'sdbridge reload'`},
		"quotes":                   {"", reload(`-/bin/sh -c 'app --check "a b" && exec sdbridge reload'`), "reload-ignored", Reload, `ExecReload=/bin/sh -c 'app --check "a b" && exec sdbridge reload'`},
		"dollars and specifiers":   {"", reload(`-/bin/sh -c "x=$$(cat %t/p 100%%); exec sdbridge reload"`), "reload-ignored", Reload, `ExecReload=/bin/sh -c "x=$$(cat %t/p 100%%); exec sdbridge reload"`},
		"another prefix":           {"", reload(`+-/usr/bin/sdbridge reload`), "reload-ignored", Reload, `ExecReload=+/usr/bin/sdbridge reload`},
		"both":                     {"", reload(`-"/bin/sh" -c "sdbridge reload; exit 0 "`), "reload-ignored", Reload, `ExecReload="/bin/sh" -c "sdbridge reload"`},
		"several of a line":        {"", reload(`/bin/true ; -/usr/bin/sdbridge reload`), "reload-ignored", Reload, "…the same without the -"},
		"one of a drop-in":         {"", service(`ExecStart=/usr/bin/sdbridge run -- app --title "a b" 100%%`), "exec-syntax", Blocks, "ExecStart=\nExecStart=" + `/usr/bin/sdbridge run -- app --title "a b" 100%%`},
		"two of a line":            {"", run("-- app ; /bin/echo x"), "exec-syntax", Blocks, "…one ExecStart=, with the program that serves"},
		"two of a file":            {"", run("-- app") + "ExecStart=/bin/echo x\n", "exec-syntax", Blocks, "…one ExecStart=, with the program that serves"},
		"start_server":             {"", start(`/usr/bin/start_server --port 80 -- app --title "a b" 100%% $$x ${Y}`), "start-server", Blocks, `…ExecStart=/usr/bin/sdbridge run --port 80 -- app --title "a b" 100%% $$x ${Y}` + "\nor"},
		"a server of Perl":         {"", start(`/usr/bin/starman --title "" "a\\b"`), "start-server", Blocks, `ExecStart=/usr/bin/sdbridge run -- /usr/bin/starman --title "" "a\\b"`},
		"an environment":           {"", service("EnvironmentFile=-/etc/app"), "environment-file", Reload, "ExecStart=/usr/bin/sdbridge run --env-file -/etc/app -- …"},
		"one of an instance":       {"", service(`EnvironmentFile=-/etc/my app/%i.env`), "environment-file", Reload, `ExecStart=/usr/bin/sdbridge run --env-file "-/etc/my app/%i.env" -- …`},
		"a directory":              {"", service("WorkingDirectory=-/srv/%N/current"), "working-directory", Reload, "ExecStart=/usr/bin/sdbridge run --dir /srv/%N/current -- …, and no WorkingDirectory="},
		"a port of UDP for all":    {sock("ListenStream=\nListenDatagram=53"), run("--port 127.0.0.1:u53 -- app"), "bridge-address", Blocks, "--port u53; or ListenDatagram=127.0.0.1:53 in app.socket"},
		"a pattern of names":       {"", service("EnvironmentFile=-/etc/app/*.env"), "environment-file", Reload, "…an --env-file for each file by its name"},
		"whose value is used":      {"", service("EnvironmentFile=/etc/app") + run("-- app --workers ${WORKERS} $$HOME"), "environment-file", Reload, "…without EnvironmentFile= WORKERS in ExecStart= would be empty"},
		"a shell":                  {"", run(`-- sh -c ./app`), "launcher", Hint, "the program itself behind --; or exec before the program in the script of sh -c"},
		"npm":                      {"", run("-- npm start"), "launcher", Hint, "…/usr/bin/node app.js"},
		"sudo":                     {"", start("/usr/bin/sudo -u www app"), "launcher", Loses, "…User="},
		"timeout":                  {"", start("/usr/bin/timeout 60 app"), "launcher", Loses, "…RuntimeMaxSec="},
		"another loopback address": {listening("[::1]:8080"), run("-- plackup -s Starlet"), "dual-stack", Loses, "ListenStream=127.0.0.1:8080"},
		"a mapped address":         {listening("[::ffff:127.0.0.1]:8080"), run("-- plackup -s Starlet"), "dual-stack", Loses, "ListenStream=127.0.0.1:8080"},
		"all addresses":            {listening("[::]:8080"), run("-- plackup -s Starlet"), "dual-stack", Loses, "ListenStream=0.0.0.0:8080"},
		"another address":          {listening("[2001:db8::1]:8080"), run("-- plackup -s Starlet"), "dual-stack", Loses, "…an IPv4 address of that host"},
		"beside one of IPv4":       {sock("BindIPv6Only=ipv6-only\nListenStream=0.0.0.0:8080"), run("-- plackup -s Starlet"), "dual-stack", Loses, "…leave ListenStream=8080 out"},
		"a port of the loopback":   {listening("127.0.0.1:8080"), run("--port 8080 -- app"), "bridge-address", Blocks, "--port 127.0.0.1:8080; or ListenStream=0.0.0.0:8080 in app.socket"},
		"a port of all":            {"", run("--port 127.0.0.1:8080 -- app"), "bridge-address", Blocks, "--port 8080; or ListenStream=127.0.0.1:8080 in app.socket"},
		"a port of UDP":            {sock("ListenStream=\nListenDatagram=127.0.0.1:53"), run("--port u53 -- app"), "bridge-address", Blocks, "--port 127.0.0.1:u53; or ListenDatagram=0.0.0.0:53 in app.socket"},
	})
}

func TestRules(t *testing.T) {
	reload := func(line string) string { return service("ExecReload=\nExecReload=" + line) }
	two := sock("ListenStream=8081")
	saidOf(t, map[string]said{
		"a number for a signal":      {"", run("--signal-on-hup=sigquit --signal-on-term=3 -- starman a"), "stop-signal", "", ""},
		"another number":             {"", run("--signal-on-hup=15 --signal-on-term=3 -- starman a"), "stop-signal", Loses, "--signal-on-hup=QUIT"},
		"a signal of start_server":   {"", start("/usr/bin/start_server --signal-on-hup=3 --signal-on-term 3 -- starman a"), "stop-signal", "", ""},
		"an unknown one":             {"", start("/usr/bin/start_server $OPTS -- starman a"), "stop-signal", "", ""},
		"no name for --rename":       {"", run("--rename nope=80 -- app"), "socket-name", Blocks, ""},
		"a name for --rename":        {"", run("--rename 8080=80 -- app"), "socket-name", "", ""},
		"an entry of a flag":         {"", run("--port 8080 --rename 8080=80 -- app"), "socket-name", "", ""},
		"no name for --ready":        {"", run("--ready=accept:nope -- app"), "socket-name", Blocks, ""},
		"a new name for --ready":     {"", run("--rename web=80 --ready=accept:80,web -- app"), "socket-name", "", ""},
		"one that is left out":       {two + "[Socket]\nListenStream=/run/a\n", run("--select 8081 --ready=accept:8080 -- app"), "socket-name", Blocks, ""},
		"a name of two":              {two, run("--select web -- app"), "socket-name", Blocks, "…8081"},
		"a name of a unit":           {sock("FileDescriptorName="), run("--select app.socket -- app"), "socket-name", "", ""},
		"an address as a name":       {listening("[::1]:80"), run("--select [::1]:80 -- app"), "socket-name", "", ""},
		"a path that is a link":      {listening("/var/run/a"), run("--select /var/run/a --ready=accept:/var/run/a -- app"), "socket-name", "", ""},
		"as the host has it":         {"", run("--rename [::]:8080=80 -- app"), "socket-name", "", ""},
		"sockets that are not known": {sock("ListenNetlink=audit 1"), run("--select nope -- app"), "socket-name", "", ""},
		"no socket, but one":         {"", run("--no-socket -- app"), "no-socket", Hint, ""},
		"FCGI":                       {two, run("--ready=interval -- plackup -s FCGI"), "several-sockets", Blocks, "…--select"},
		"uvicorn with two":           {two, plain + start("/usr/bin/uvicorn --fd 3 a:a"), "several-sockets", Loses, ""},
		"uvicorn behind the bridge":  {two, run("--select 8080,8081 -- uvicorn --fd 3 a:a"), "several-sockets", Blocks, ""},
		"a second one that is bound": {"", run("--port 8080 --port 81 -- plackup -s Gazelle"), "several-sockets", Blocks, ""},
		"an unknown choice":          {two, run("--select ${S} -- plackup -s Gazelle"), "several-sockets", "", ""},
		"gunicorn in background":     {"", run("-- gunicorn --daemon a"), "daemonizes", Blocks, "leave --daemon out"},
		"plackup in background":      {"", run("-- starman --daemonize a"), "daemonizes", Blocks, ""},
		"an option of another":       {"", run("-- puma -D"), "daemonizes", "", ""},
		"what stays":                 {"", plain + start("/usr/bin/gunicorn -D a") + "RemainAfterExit=yes\n", "daemonizes", "", ""},
		"the port of what":           {listening("/run/a"), start("/usr/bin/app --port 9090"), "address-differs", Hint, ""},
		"a restart":                  {"", reload("/bin/systemctl restart %n"), "reload", Reload, ""},
		"a restart in a script":      {"", reload("/bin/sh -c 'app --check && systemctl try-restart app'"), "reload", Reload, ""},
		"a restart of another":       {"", reload("/bin/systemctl restart other"), "reload", "", ""},
		"an empty word":              {"", start(`/usr/bin/app "" tcp://0.0.0.0:80`), "exec-syntax", "", ""},
	})
}

func TestUnknownLaunchers(t *testing.T) {
	for line, stays := range map[string]string{
		"prlimit --nofile=9999": "", "systemd-cat -t app": "", "choom -n -500 --": "", "numactl -m 0 -N 0": "", "numactl --interleave=all": "",
		"setarch -R": "", "setarch x86_64 -R": "", "cgexec -g cpu:x": "", "runcon -t x": "", "runcon a:b:c": "", "ip netns exec foo": "", "newrelic-admin run-program": "",
		"catatonit --": "catatonit", "doppler run --": "doppler", "xvfb-run -a": "xvfb-run",
	} {
		t.Run(line, func(t *testing.T) {
			all := found(t, 0, "", start("/usr/bin/"+line+" sdbridge run --drain-timeout=2m -- app"), nil)
			says := func(rule string) bool {
				return slices.ContainsFunc(all, func(f Finding) bool { return f.Rule == rule && f.Severity == Loses })
			}
			if !says("timeout-stop") || says("launcher") != (stays != "") || stays != "" && !strings.Contains(text(t, all), stays+" stays") {
				t.Error(text(t, all))
			}
		})
	}
	for _, line := range []string{"/usr/bin/app 'sdbridge run --x'", "/usr/bin/podman run me sdbridge run --x", "/usr/bin/start_server -- sdbridge run --x", "/usr/bin/app sdbridge reload"} {
		if all := found(t, 0, "", start(line), nil); strings.Contains(text(t, all), "bridge-flags") {
			t.Errorf("%s:\n%s", line, text(t, all))
		}
	}
}

// What run refuses by the values is found, but not where a variable hides some.
func TestRefusedValues(t *testing.T) {
	for line, want := range map[string]bool{"--ready=bogus -- app": true, "--ready=bogus": false, "--ready=bogus --dir ${D} -- app": false} {
		root := t.TempDir()
		write(t, root, map[string]string{"app.service": run(line)})
		h := host(root)
		h.RunFlags = func() (*pflag.FlagSet, func([]string) error) {
			set, _ := runFlags()
			return set, func([]string) error { return errors.New("--ready bogus is not known") }
		}
		all, err := h.Check(root)
		if got := strings.Contains(text(t, all), "--ready bogus is not known"); err != nil || got != want {
			t.Errorf("%s: %v, %v\n%s", line, got, err, text(t, all))
		}
	}
}
