package check

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
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
		"short options of uwsgi":           {run("/usr/bin/uwsgi -p 4 -l 100 -b 32768 --module app"), "address-differs", ""},
		"a pid file of hypercorn":          {run("/usr/bin/hypercorn -p /run/a.pid app"), "address-differs", ""},
		"a prefix of nginx":                {run("/usr/sbin/nginx -p /srv/nginx -c n.conf"), "address-differs", ""},
		"options of a script":              {run("/usr/bin/node app.js -l /srv/log"), "address-differs", ""},
		"a path of something":              {run("/srv/app --http /srv/www"), "address-differs", ""},
		"a handed descriptor":              {run("/usr/bin/gunicorn --bind fd://3 app"), "address-differs", ""},
		"a short option that binds":        {run("/usr/bin/unicorn -p 8080"), "address-differs", Loses},
		"a template's address":             {map[string]string{"a@.socket": sock("ListenStream=127.0.0.1:%i"), "a@.service": app}, "no-address", ""},
		"an instance's address":            {map[string]string{"a@x.socket": sock("ListenStream=127.0.0.1:%i"), "a@x.service": app}, "no-address", Blocks},
		"an assignment":                    {run("NODE_ENV=production /usr/bin/node app.js"), "exec-syntax", Blocks},
		"a watchdog that never bites":      {reload("WatchdogSec=infinity\n"), "watchdog", ""},
		"node as a word":                   {run("/srv/app --role node\nMemoryDenyWriteExecute=yes"), "memory-deny-write-execute", ""},
		"node of a shell":                  {run("/bin/sh -c 'exec node app.js'\nMemoryDenyWriteExecute=yes"), "memory-deny-write-execute", Blocks},
		"a disconnected /tmp":              {map[string]string{"a.socket": sock("ListenStream=/tmp/a.sock"), "a.service": app + "PrivateTmp=disconnected\n"}, "hidden-path", Closes},
		"a mark of byte order":             {map[string]string{"a.socket": web, "a.service": "\ufeff" + needs + app}, "requires-socket", ""},
		"a signal, a wait and a signal":    {reload("ExecReload=/bin/sh -c 'kill -USR2 $MAINPID; until [ -s /run/new ]; do sleep 1; done; kill -QUIT $MAINPID'\n"), "reload", ""},
		"inetd's kind":                     {map[string]string{"a.socket": web + "[Socket]\nAccept=yes\n", "a@.service": app + "StandardInput=socket\n"}, "accept", ""},
		"inetd's kind on a path":           {map[string]string{"a.socket": sock("ListenStream=/run/a\nAccept=yes"), "a@.service": app}, "accept", ""},
		"a server for each connection":     {map[string]string{"a.socket": web + "[Socket]\nAccept=yes\n", "a@.service": app}, "accept", Loses},
		"one service for all connections":  {map[string]string{"a.socket": web + "[Socket]\nAccept=yes\nService=a.service\n", "a.service": app + "StandardInput=socket\n"}, "accept", Blocks},
		"a short option with its value":    {run("/usr/bin/puma -p5001"), "address-differs", Loses},
		"an abstract socket":               {map[string]string{"a.socket": sock("ListenStream=@a"), "a.service": start("/srv/app --listen unix:@a")}, "address-differs", ""},
		"something that builds":            {run("/usr/bin/mvn spring-boot:run"), "launcher", Loses},
		"a signal into a container":        {reload("ExecReload=/usr/bin/docker exec app kill -HUP 1\n"), "reload", Reload},
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

// A unit may be any file; the terminal is not to hear of it.
func TestTextIsPrintable(t *testing.T) {
	got := text(t, []Finding{{Unit: "a\x1b[2J\xff.service", What: "b\rc\u009b", Write: "d\ne"}})
	if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) || !utf8.ValidString(got) || strings.Count(got, "\n") != 4 {
		t.Errorf("%q", got)
	}
}
