//go:build systemd

package pair

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
	"github.com/sdbridge/sdbridge/units/porting"
)

func TestMain(m *testing.M) {
	systemdtest.Stage()
	os.Exit(m.Run())
}

// hard are words that a unit has to quote.
var hard = []string{
	"", "a b", "a'b", `c"d`, `e\f`, `\n`, `\`, ";", "50%", "%h %l", "$HOME", "${HOME}", "$$", "-@:+!", "ü",
	"two\nlines\t.", "\x01\x7f", "*?{}~#", "# no comment", " edge ", "${MAX}/x",
}

// A pair as it was written, on a real systemd: what the child is told, and that
// the pair starts, is reloaded and stops.
func TestOnSystemd(t *testing.T) {
	for _, root := range systemdtest.Roots() {
		t.Run(root, func(t *testing.T) {
			m := systemdtest.Boot(t, root)
			m.Install(t, "../../cmd/sdbridge", "../../testdata/children/kid")
			m.Write(t, "/etc/sysusers.d/app.conf", "u app -\n")
			m.Must(t, "systemd-sysusers")
			for name, options := range map[string]string{"bridged": "--port=127.0.0.1:8080 --path=/run/bridged.sock --interval=0 --kill-old-delay=0", "plain": "--interval=2"} {
				t.Run(name, func(t *testing.T) { wordsArrive(t, m, name, options) })
			}
			t.Run("ported", func(t *testing.T) { portedStarts(t, m) })
		})
	}
}

func wordsArrive(t *testing.T, m *systemdtest.Machine, name, options string) {
	heard, last := "/run/"+name+".heard", "exec kid"
	if name == "plain" {
		last = "exec sleep 600"
	}
	script := `printf '%s\0' "$@" "$GREETING" "$HOME" > ` + heard + ` && ` + last
	s := line(t, slices.Concat(strings.Fields(options), []string{"--", "/bin/sh", "-c", script, "sh"}, hard)...)
	s.Expanded, s.Environment = []string{"MAX"}, []string{"MAX=100", `GREETING=say "100%" for $5 \o/`, "HOME=/srv/it's"}
	s.Directory = "/run"
	p, err := Make(s, Options{Name: name, User: "root"})
	if err != nil {
		t.Fatal(err)
	}
	units := []string{name + ".service"}
	m.Write(t, "/etc/systemd/system/"+name+".service", p.Service)
	if p.Socket != "" {
		m.Write(t, "/etc/systemd/system/"+name+".socket", p.Socket)
		units = append(units, name+".socket")
	}
	m.Systemctl(t, "daemon-reload")
	m.Systemctl(t, append([]string{"enable", "--now"}, units...)...)
	want := strings.Join(append(slices.Clone(hard[:len(hard)-1]), "100/x", `say "100%" for $5 \o/`, "/srv/it's"), "\x00") + "\x00"
	systemdtest.Await(t, "the child's words", func() bool { return strings.HasSuffix(m.Read(heard), "/srv/it's\x00") })
	if got := m.Read(heard); got != want {
		t.Errorf("the child has\n%q, want\n%q", got, want)
	}
	if p.Socket != "" {
		m.Systemctl(t, "reload", name+".service")
	}
	m.Systemctl(t, append([]string{"stop"}, units...)...)
	if state := m.Show(t, name+".service", "Result"); state != "success" {
		t.Errorf("the service ends with %s\n%s", state, m.Journal(t, name+".service"))
	}
}

// oldUnit had root, a directory and a file for all its Exec lines, limits that the
// bridge does not start with, and one port for TCP and UDP.
const oldUnit = `[Unit]
StartLimitInterval=60
[Service]
WorkingDirectory=/srv
EnvironmentFile=/etc/default/ported
ExecStartPre=/bin/mkdir -p /run/ported
ExecStartPre=/bin/chown app /run/ported
ExecStartPre=/bin/sh -c 'echo "$$(id -u) $$PWD $$GREETING" > /run/ported/pre'
LimitAS=3000M
RestrictAddressFamilies=AF_INET
TimeoutStopSec=20
StartLimitBurst=5
ExecStart=/usr/bin/start_server --port 127.0.0.1:8081 --port 127.0.0.1:u8081 -- setuidgid app /bin/sh -c 'echo "$$(id -un) $$PWD $$GREETING $$(ulimit -v) $$SERVER_STARTER_PORT" > /run/ported/child; exec kid'
`

func portedStarts(t *testing.T, m *systemdtest.Machine) {
	services, err := porting.Read([]byte(oldUnit), porting.Source{Path: "ported.service"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := Make(services[0], Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Write(t, "/etc/default/ported", "GREETING=hello\n")
	m.Write(t, "/etc/systemd/system/ported.service", p.Service)
	m.Write(t, "/etc/systemd/system/ported.socket", p.Socket)
	m.Systemctl(t, "daemon-reload")
	if out, err := m.Run("systemctl", "enable", "--now", "ported.socket", "ported.service"); err != nil {
		t.Fatalf("%v %s\n%s\n%s", err, out, m.Journal(t, "ported.service"), p.Service)
	}
	m.Systemctl(t, "reload", "ported.service")
	for file, want := range map[string]string{
		"pre":   "0 /srv hello\n",
		"child": "app /srv hello 3072000 127.0.0.1:8081=3;127.0.0.1:u8081=4\n",
	} {
		if got := m.Read("/run/ported/" + file); got != want {
			t.Errorf("the %s has %q, want %q", file, got, want)
		}
	}
	m.Systemctl(t, "stop", "ported.socket", "ported.service")
}
