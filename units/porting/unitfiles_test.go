package porting

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
)

const overriddenUnit = `[Service]
Environment=PORT=5000 W=4
EnvironmentFile=/etc/default/app
ExecStart=/usr/bin/start_server --port ${PORT} -- /usr/bin/starman --workers $W /a.psgi
`

// A file beats Environment=: where it can be read, it is known whether it does.
func TestEnvironmentFileBeats(t *testing.T) {
	for text, want := range map[string]struct{ port, command, note string }{
		"PORT=6000\n":  {"6000", "/usr/bin/starman --workers 4 /a.psgi", `PORT is "6000" in /etc/default/app`},
		"W='8'\n":      {"5000", "/usr/bin/starman --workers ${W} /a.psgi", `W is "8" in /etc/default/app`},
		"# nothing\n":  {"5000", "/usr/bin/starman --workers 4 /a.psgi", ""},
		"not readable": {"5000", "/usr/bin/starman --workers ${W} /a.psgi", "--set PORT=VALUE gives another"},
	} {
		services, err := Read([]byte(overriddenUnit), Source{Path: "app.service", ReadFile: func(path string) ([]byte, error) {
			if path != "/etc/default/app" || text == "not readable" {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		s := services[0]
		notes := strings.Join(s.Notes, "\n")
		if !slices.Equal(s.Options.Ports, []string{want.port}) || strings.Join(s.Command, " ") != want.command || !strings.Contains(notes, want.note) || want.note == "" && notes != "" {
			t.Errorf("%q: %q %q, notes %q", text, s.Options.Ports, s.Command, s.Notes)
		}
	}
}

// What the drop-ins say counts, and where it stands is said.
func TestDropIns(t *testing.T) {
	const unit = "[Service]\nEnvironment=A=1\nExecStart=/usr/bin/start_server --port 80 -- ./app\n"
	const dropIn = "[Service]\nEnvironment=\nEnvironment=B=2\nExecStart=\nExecStart=/usr/bin/start_server --port 81 -- ./app\n"
	for name, o := range map[string]Source{
		"beside the unit": {Path: "app.service", DropIns: []DropIn{{Path: "app.service.d/x.conf", Text: []byte(dropIn)}}},
		"systemctl cat":   {},
	} {
		text := unit
		if o.Path == "" {
			text = "# /lib/systemd/system/app.service\n" + unit + "\n# /etc/systemd/system/app.service.d/x.conf\n" + dropIn
		}
		services, err := Read([]byte(text), o)
		if err != nil || len(services) != 1 {
			t.Fatalf("%s: %d services, %v", name, len(services), err)
		}
		s := services[0]
		if s.Name != "app" || !slices.Equal(s.Options.Ports, []string{"81"}) || !slices.Equal(s.Environment, []string{"B=2"}) {
			t.Errorf("%s: %+v", name, s)
		}
		if said := strings.Contains(strings.Join(s.Notes, "\n"), "what app.service.d/x.conf says"); said != (o.Path != "") || o.Path != "" && s.Source != "app.service.d/x.conf:5" {
			t.Errorf("%s: %s, notes %q", name, s.Source, s.Notes)
		}
	}
}
