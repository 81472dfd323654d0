package check

import (
	"path/filepath"
	"slices"
	"testing"
)

// other is a pair of a host that sdbridge does not run.
type other struct {
	files    map[string]string // of one directory
	rule     string            // that speaks
	severity Severity          // "" : of no fault
}

const (
	enabledSocket  = "[Install]\nWantedBy=sockets.target\n"
	enabledService = "[Install]\nWantedBy=multi-user.target\n"
	earlyUnit      = "[Unit]\nDefaultDependencies=no\n"
	needs          = "[Unit]\nRequires=a.socket\n"
)

func TestOthers(t *testing.T) {
	listens, app := sock("ListenStream=80"), start("/srv/app")
	web := listens + enabledSocket
	reload := func(lines string) map[string]string {
		return map[string]string{"a.socket": web, "a.service": needs + app + lines + enabledService}
	}
	run := func(line string) map[string]string {
		return map[string]string{"a.socket": web, "a.service": needs + start(line) + enabledService}
	}
	for name, c := range map[string]other{
		"a service that a package brings":  {map[string]string{"a.socket": earlyUnit + web}, "absent-unit", ""},
		"a service that is not there":      {map[string]string{"a.socket": web}, "absent-unit", Blocks},
		"an early service":                 {map[string]string{"a.socket": web, "a.service": earlyUnit + app}, "requires-socket", ""},
		"a service of the bus":             {map[string]string{"a.socket": web, "a.service": app + "BusName=org.a\n"}, "requires-socket", ""},
		"required by the socket's install": {map[string]string{"a.socket": web + "RequiredBy=b.service a.service\n", "a.service": app}, "requires-socket", ""},
		"required by another":              {map[string]string{"a.socket": web + "RequiredBy=b.service\n", "a.service": app}, "requires-socket", Loses},
		"nothing enables it":               {map[string]string{"a.socket": listens, "a.service": needs + app}, "install", Closes},
		"a target enables it":              {map[string]string{"a.socket": listens, "a.service": needs + app, "a.target": "[Unit]\nWants=x.service a.socket\n"}, "install", ""},
		"something early enables it":       {map[string]string{"a.socket": earlyUnit + listens, "a.service": needs + app}, "install", ""},
		"its own service does not":         {map[string]string{"a.socket": listens + "Service=b.service\n", "b.service": needs + app}, "install", Closes},
		"before its socket":                {reload("[Unit]\nBefore=a.socket\n"), "socket-order", Blocks},
		"commands of ExecStart=":           {reload("ExecStart=/srv/b\n"), "exec-syntax", Blocks},
		"commands of a oneshot":            {reload("ExecStart=/srv/b\nType=oneshot\n"), "exec-syntax", ""},
		"no command but an end":            {map[string]string{"a.service": "[Unit]\nSuccessAction=reboot\n"}, "exec-syntax", ""},
		"a program in a home":              {run("%h/bin/app"), "exec-syntax", ""},
		"quoted operators":                 {run(`/srv/app --title "a > b" -x "<none>" '|'`), "shell-syntax", ""},
		"podman itself":                    {run("/usr/bin/podman $LOGGING system service"), "launcher", ""},
		"docker run":                       {run("/usr/bin/docker run me/app"), "launcher", Loses},
		"a pipeline":                       {run("/bin/sh -c 'exec /srv/app 2>&1 | tee /srv/log'"), "launcher", Loses},
		"where it calls":                   {run("/srv/app --dsn unix:/run/db.sock --redis tcp://127.0.0.1:6379"), "address-differs", ""},
		"a relative path":                  {map[string]string{"a.socket": sock("ListenStream=/srv/app.sock"), "a.service": start("/usr/bin/gunicorn -b unix:app.sock app")}, "address-differs", ""},
		"another relative path":            {map[string]string{"a.socket": sock("ListenStream=/run/a.sock"), "a.service": start("/usr/bin/gunicorn -b unix:app.sock app")}, "address-differs", Closes},
		"a port twice":                     {run("/usr/bin/start_server --port 80 -- plackup -s Starlet --port 80"), "address-repeated", ""},
		"start_server alone":               {map[string]string{"a.service": start("/usr/bin/start_server --port 80 -- plackup -s Starlet")}, "start-server", Loses},
		"a daemon without a socket":        {map[string]string{"a.service": app + "Type=forking\n"}, "type", ""},
		"a signal to what nobody swaps":    {map[string]string{"a.service": app + "ExecReload=/bin/kill -HUP $MAINPID\n"}, "reload", ""},
		"a signal to what one swaps":       {map[string]string{"a.service": start("/usr/bin/gunicorn app") + "ExecReload=/bin/kill -HUP $MAINPID\n"}, "reload", Reload},
		"a signal after a test":            {reload("ExecReload=/srv/app -t\nExecReload=/bin/kill -HUP $MAINPID\n"), "reload", ""},
		"a signal before a wait":           {reload("ExecReload=/bin/kill -HUP $MAINPID\nExecReload=/usr/bin/curl --retry 9 localhost\n"), "reload", ""},
		"a signal in an if":                {reload("ExecReload=/bin/sh -c 'if [ -f /run/pid ]; then kill -HUP $(cat /run/pid); fi'\n"), "reload", Reload},
		"a signal and an exit":             {reload("ExecReload=/bin/sh -c 'kill -HUP $MAINPID; sleep 1; exit 0'\n"), "reload", Reload},
		"a signal and a loop":              {reload("ExecReload=/bin/sh -c 'kill -USR2 $MAINPID; while [ -e /run/old.pid ]; do sleep 1; done'\n"), "reload", ""},
		"a signal after a test of the app": {map[string]string{"a.service": start("/usr/bin/gunicorn app") + "ExecReload=/usr/bin/gunicorn --check-config app\nExecReload=/bin/kill -HUP $MAINPID\n"}, "reload", Reload},
		"sockets of a server that takes all": {map[string]string{
			"a.socket": web, "b.socket": sock("ListenStream=81\nService=a.service"), "a.service": start("/usr/bin/gunicorn app"),
		}, "descriptor-name", ""},
		"early sockets": {map[string]string{
			"a.socket": earlyUnit + web, "b.socket": earlyUnit + sock("ListenNetlink=audit 1\nService=a.service"), "a.service": app,
		}, "descriptor-name", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range c.files {
				write(t, filepath.Join(dir, "units"), map[string]string{file: content})
			}
			findings, err := host(dir).Check(filepath.Join(dir, "units"))
			if err != nil {
				t.Fatal(err)
			}
			fault := func(f Finding) bool { return f.Rule == c.rule && f.Severity != Hint }
			i := slices.IndexFunc(findings, fault)
			if c.severity == "" && i >= 0 || c.severity != "" && (i < 0 || findings[i].Severity != c.severity) {
				t.Errorf("want %q of %s:\n%s", c.severity, c.rule, text(t, findings))
			}
		})
	}
}
