package pair

import (
	"slices"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/units/porting"
)

// kept is an old unit's settings, and what becomes of them. What begins with "!"
// must not be in the units.
type kept struct {
	name  string
	unit  string // lines of [Service]
	words string
	with  func(*porting.Service)
	o     Options
	want  []string // whole lines, of both files
	notes []string
}

var rooted = func(s *porting.Service) { s.AsRoot = true }

func TestKept(t *testing.T) {
	for _, tt := range slices.Concat(otherLines, limitsKept, timesKept, addresses, hidden, users) {
		t.Run(tt.name, func(t *testing.T) {
			s := line(t, split(tt.words)...)
			for text := range strings.Lines(tt.unit) {
				name, value, _ := strings.Cut(strings.TrimSpace(text), "=")
				section, name, inUnit := strings.Cut(name, ".")
				if !inUnit {
					section, name = "Service", section
				}
				s.Unit = append(s.Unit, unit.NewUnitOption(section, name, value))
			}
			if tt.with != nil {
				tt.with(&s)
			}
			p, err := aHost.make(s, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			text := "\n" + strings.ReplaceAll(p.Socket+p.Service, "\\\n    ", "")
			for _, want := range tt.want {
				bare, not := strings.CutPrefix(want, "!")
				if strings.Contains(text, "\n"+bare+"\n") == not {
					t.Errorf("want %s in\n%s", want, text)
				}
			}
			for _, want := range tt.notes {
				if !strings.Contains(strings.Join(p.Notes, "\n"), want) {
					t.Errorf("no note has %q: %q", want, p.Notes)
				}
			}
		})
	}
}

const (
	bridged = "--port=80 -- /usr/bin/starman a.psgi"
	quit    = " --signal-on-hup=QUIT --signal-on-term=QUIT"
	start   = "ExecStart=/usr/bin/sdbridge run --dir=/srv/app"
	starman = " -- /usr/bin/starman a.psgi"
)

var otherLines = []kept{
	{
		name: "directory and files", words: bridged, o: Options{User: "www"},
		unit: "WorkingDirectory=-/srv/%p\nExecStartPre=/usr/bin/migrate --db ${DB}",
		with: func(s *porting.Service) { s.EnvironmentFiles = []string{"/etc/default/app"} },
		want: []string{"WorkingDirectory=-/srv/%p", "EnvironmentFile=/etc/default/app", "ExecStartPre=/usr/bin/migrate --db ${DB}", start + " --env-file=/etc/default/app" + quit + starman},
	},
	{
		name: "secrets", words: bridged, o: Options{User: "www"}, unit: "ExecStartPost=/usr/bin/warm",
		with: func(s *porting.Service) { s.Secrets = []string{"DB_PASSWORD=x"} },
		want: []string{"EnvironmentFile=/etc/app.env"},
	},
	{
		name: "nothing beside ExecStart=", words: bridged, o: Options{User: "www"}, unit: "WorkingDirectory=/srv/app",
		with: func(s *porting.Service) { s.EnvironmentFiles = []string{"/etc/default/app"} },
		want: []string{"!WorkingDirectory=/srv/app", "!EnvironmentFile=/etc/default/app"},
	},
	{
		name: "systemd alone", words: "--dir=web -- /usr/bin/worker", o: Options{User: "www"}, unit: "WorkingDirectory=/srv/app\nExecStartPre=/usr/bin/migrate",
		want: []string{"WorkingDirectory=/srv/app/web"}, notes: []string{"write env --chdir=/srv/app before their commands"},
	},
	{
		name: "ran as root", words: "--port=80 -- /usr/bin/starman --user app /a.psgi", with: rooted,
		unit:  "ExecStartPre=/bin/mkdir -p /run/app\nExecStartPre=-/bin/chown app /run/app\nExecStartPost=!/bin/true",
		want:  []string{"User=app", "ExecStartPre=+/bin/mkdir -p /run/app", "ExecStartPre=+-/bin/chown app /run/app", "ExecStartPost=!/bin/true"},
		notes: []string{"its other Exec lines ran as root"},
	},
	{name: "a new user", words: bridged, with: rooted, unit: "ExecStopPost=/bin/true", want: []string{"User=app", "ExecStopPost=+/bin/true"}},
	{name: "still root", words: bridged, with: rooted, o: Options{User: "root"}, unit: "ExecStopPost=/bin/true", want: []string{"ExecStopPost=/bin/true"}},
	{name: "ran as a user", words: bridged, o: Options{User: "www"}, unit: "ExecStartPre=/bin/true", want: []string{"ExecStartPre=/bin/true"}},
}

var limitsKept = []kept{
	{
		name: "address space", words: bridged, o: Options{User: "www"}, unit: "LimitAS=500M\nLimitDATA=40M:infinity",
		want:  []string{"!LimitAS=500M", start + quit + " -- /usr/bin/prlimit --as=524288000:524288000 --data=41943040:unlimited -- /usr/bin/starman a.psgi"},
		notes: []string{"LimitAS=500M is in front of the child"},
	},
	{name: "enough", words: bridged, o: Options{User: "www"}, unit: "LimitAS=8G\nLimitDATA=infinity", want: []string{"LimitAS=8G", "LimitDATA=infinity", start + quit + starman}},
	{name: "no bridge", words: "-- /usr/bin/worker", o: Options{User: "www"}, unit: "LimitAS=500M", want: []string{"LimitAS=500M", "ExecStart=/usr/bin/worker"}},
	{
		name: "families", words: bridged, o: Options{User: "www"}, unit: "RestrictAddressFamilies=AF_INET AF_INET6",
		want:  []string{"RestrictAddressFamilies=AF_INET AF_INET6", "RestrictAddressFamilies=AF_UNIX AF_NETLINK"},
		notes: []string{"AF_UNIX AF_NETLINK more now"},
	},
	{name: "forbidden family", words: bridged, o: Options{User: "www"}, unit: "RestrictAddressFamilies=~AF_NETLINK AF_PACKET", want: []string{"RestrictAddressFamilies=AF_NETLINK"}},
	{name: "no family", words: bridged, o: Options{User: "www"}, unit: "RestrictAddressFamilies=none", want: []string{"RestrictAddressFamilies=AF_UNIX AF_NETLINK"}},
	{name: "families enough", words: bridged, o: Options{User: "www"}, unit: "RestrictAddressFamilies=~AF_PACKET", want: []string{"!RestrictAddressFamilies=AF_UNIX AF_NETLINK"}},
	{
		name: "start limits", words: bridged, o: Options{User: "www"}, unit: "StartLimitInterval=60\nStartLimitBurst=5\nUnit.StartLimitInterval=9\nUnit.StartLimitAction=reboot",
		want:  []string{"StartLimitIntervalSec=0", "!StartLimitInterval=60", "!StartLimitBurst=5", "!StartLimitInterval=9", "!StartLimitAction=reboot"},
		notes: []string{"StartLimitInterval=60 is not carried over", "StartLimitBurst=5 is not carried over", "StartLimitAction=reboot is not carried over"},
	},
	{name: "jail", words: bridged, o: Options{User: "www"}, unit: "RootDirectory=/srv/jail", want: []string{"RootDirectory=/srv/jail"}, notes: []string{"without /usr/bin/sdbridge in it the service does not start"}},
}

var timesKept = []kept{
	{name: "long stop", words: bridged, o: Options{User: "www"}, unit: "TimeoutStopSec=300", want: []string{start + " --drain-timeout=300" + quit + starman, "TimeoutStopSec=330"}},
	{name: "short stop", words: bridged, o: Options{User: "www"}, unit: "TimeoutStopSec=20", want: []string{start + " --drain-timeout=20" + quit + starman, "TimeoutStopSec=50"}, notes: []string{"TimeoutStopSec=20 is --drain-timeout now"}},
	{name: "no end", words: bridged, o: Options{User: "www"}, unit: "TimeoutSec=infinity", want: []string{start + " --drain-timeout=0" + quit + starman, "TimeoutStopSec=infinity", "TimeoutStartSec=infinity"}},
	{name: "of the server", words: "--port=80 -- plackup -s FCGI", o: Options{User: "www"}, unit: "TimeoutStopSec=20", want: []string{start + " --drain-timeout=5 -- plackup -s FCGI", "TimeoutStopSec=90"}, notes: []string{"FCGI needs --drain-timeout=5"}},
	{name: "short start", words: bridged, o: Options{User: "www"}, unit: "TimeoutStartSec=10", want: []string{"TimeoutStartSec=90"}, notes: []string{"TimeoutStartSec=10 is not carried over"}},
	{name: "stop without a bridge", words: "-- /usr/bin/worker", o: Options{User: "www"}, unit: "TimeoutStopSec=20", want: []string{"TimeoutStopSec=20"}},
	{name: "for a swap alone", words: "--interval=5 --kill-old-delay=3 -- /usr/bin/worker", o: Options{User: "www"}, notes: []string{"--interval, --kill-old-delay: not carried over"}},
}

var addresses = []kept{
	{
		name: "TCP and UDP", words: "--port=53 --port=u53 --path=/run/a.sock -- /usr/bin/dns", o: Options{User: "www"},
		want:  []string{"ListenStream=0.0.0.0:53", "ListenDatagram=0.0.0.0:53", "ExecStart=/usr/bin/sdbridge run --port=53 --port=u53 --path=/run/a.sock --rename=u53=u53 --dir=/srv/app -- /usr/bin/dns"},
		notes: []string{"the UDP socket is u53"},
	},
	{name: "of one host", words: "--port=127.0.0.1:53 --port=127.0.0.1:u53=7 -- /usr/bin/dns", o: Options{User: "www"}, want: []string{"ExecStart=/usr/bin/sdbridge run --port=127.0.0.1:53 --port=127.0.0.1:u53=7 --rename=127.0.0.1:u53=127.0.0.1:u53 --dir=/srv/app -- /usr/bin/dns"}},
	{
		name: "uvicorn", words: "--port=80 -- uvicorn app:app --host 0.0.0.0 --port=80 --workers 2", o: Options{User: "www"},
		with:  func(s *porting.Service) { s.Notes = []string{"the child's own --port=80 is passed on"} },
		want:  []string{start + " -- uvicorn --fd=3 app:app --workers 2", "!# - the child's own --port=80 is passed on"},
		notes: []string{"--fd=3 stands for --host 0.0.0.0 --port=80"},
	},
	{name: "uvicorn by --fd", words: "--port=80 -- python3 -m uvicorn --fd 3 app:app", o: Options{User: "www"}, want: []string{start + " -- python3 -m uvicorn --fd 3 app:app"}},
	{name: "uvicorn in a shell", words: "--port=80 -- x", o: Options{User: "www"}, with: func(s *porting.Service) { s.Command = []string{"/bin/sh", "-c", "exec uvicorn app:app"} }, notes: []string{"write --fd=3"}},
	{name: "uvicorn alone", words: "-- uvicorn app:app --port 80", o: Options{User: "www"}, want: []string{"ExecStart=/usr/bin/env uvicorn app:app --port 80"}},
}

var hidden = []kept{
	{name: "directory", words: "--port=80 --dir=/tmp/app -- /usr/bin/a", o: Options{User: "www"}, want: []string{"PrivateTmp=no"}, notes: []string{"PrivateTmp=no, for /tmp/app"}},
	{name: "argument", words: "--port=80 -- /usr/bin/a --dsn=dbi:mysql:mysql_socket=/tmp/mysql.sock", o: Options{User: "www"}, want: []string{"PrivateTmp=no"}, notes: []string{"for /tmp/mysql.sock"}},
	{name: "URL", words: "--port=80 -- /usr/bin/a unix:///var/tmp/x", o: Options{User: "www"}, want: []string{"PrivateTmp=no"}},
	{name: "log", words: "--port=80 -- /usr/bin/a", o: Options{User: "www"}, unit: "StandardOutput=append:/tmp/log", want: []string{"PrivateTmp=no"}},
	{name: "not there", words: "--port=80 -- /usr/bin/a /srv/tmp/x tmp/y /tmpfs/z TMPDIR=/tmp", o: Options{User: "www"}, want: []string{"PrivateTmp=yes"}},
	{name: "as it was", words: "--port=80 -- /usr/bin/a /tmp/x", o: Options{User: "www"}, unit: "PrivateTmp=true", want: []string{"PrivateTmp=true"}},
}

var users = []kept{
	{name: "user and group", words: bridged, o: Options{User: "1000:100"}, want: []string{"User=1000", "Group=100"}},
	{name: "number", words: bridged, with: func(s *porting.Service) { s.User = "#1000" }, want: []string{"User=1000"}},
}
