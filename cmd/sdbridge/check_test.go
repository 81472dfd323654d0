package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/units"
	"github.com/sdbridge/sdbridge/units/check"
)

// checked runs the command and returns its exit status.
func checked(t *testing.T, args ...string) (output string, exit int) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs(append([]string{"check"}, args...))
	err := root.Execute()
	var done exited
	switch {
	case err == nil:
		return out.String(), 0
	case errors.As(err, &done):
		return out.String(), int(done)
	}
	return err.Error(), statusOf(err)
}

// pairIn writes the pair that ships, with a change to its service.
func pairIn(t *testing.T, dir string, replace ...string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"app.socket": units.Socket, "app.service": strings.NewReplacer(replace...).Replace(units.Service)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCheck(t *testing.T) {
	root, empty := t.TempDir(), t.TempDir()
	dir := filepath.Join(root, "etc/systemd/system")
	pairIn(t, dir)
	service, socket := filepath.Join(dir, "app.service"), filepath.Join(dir, "app.socket")
	for _, args := range [][]string{
		{"--root", root, "app"}, {"--root", root, "app.socket", "app.service"}, {"--root", empty, service, socket}, {"--root", empty, dir},
	} {
		if out, exit := checked(t, args...); exit != 0 || out != "" {
			t.Errorf("%q: exit %d\n%s", args, exit, out)
		}
	}
	pairIn(t, dir, "KillMode=mixed", "KillMode=process", "sdbridge run", "sdbridge run --drain-timeout=2m --start-timeout 100")
	out, exit := checked(t, "--root", root, "app")
	for _, want := range []string{"[kill-mode]", "[timeout-stop]", "[timeout-start]", "1m42s", service + ":"} {
		if exit != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %s in\n%s", exit, want, out)
		}
	}
}

// systemd.unit(5): what the user wrote goes before what the machine has.
func TestCheckUserUnits(t *testing.T) {
	root := t.TempDir()
	for variable, value := range map[string]string{
		"HOME": "/home/www", "XDG_CONFIG_HOME": "", "XDG_RUNTIME_DIR": "", "XDG_CONFIG_DIRS": "", "XDG_DATA_HOME": "", "XDG_DATA_DIRS": "",
	} {
		t.Setenv(variable, value)
	}
	pairIn(t, filepath.Join(root, "usr/lib/systemd/user"), "KillMode=mixed", "KillMode=none")
	if out, exit := checked(t, "--root", root, "--user", "app"); exit != 1 || !strings.Contains(out, "usr/lib/systemd/user/app.service:") {
		t.Errorf("exit %d\n%s", exit, out)
	}
	pairIn(t, filepath.Join(root, "home/www/.config/systemd/user"))
	if out, exit := checked(t, "--root", root, "--user", "app"); exit != 0 || out != "" {
		t.Errorf("exit %d\n%s", exit, out)
	}
	if out, exit := checked(t, "--root", root, "app"); exit != exitUnavailable {
		t.Errorf("the system has it, too: exit %d\n%s", exit, out)
	}
}

func TestCheckHintsOnly(t *testing.T) {
	root := t.TempDir()
	pairIn(t, filepath.Join(root, "etc/systemd/system"), "OOMPolicy=continue", "")
	out, exit := checked(t, "--root", root, "app.service")
	if exit != 0 || !strings.Contains(out, "hint: no OOMPolicy=") {
		t.Errorf("exit %d\n%s", exit, out)
	}
}

func TestCheckJSON(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "etc/systemd/system")
	for change, want := range map[string]int{"KillMode=mixed": 0, "KillMode=none": 1} {
		pairIn(t, dir, "KillMode=mixed", change)
		out, exit := checked(t, "--json", "--root", root, "app")
		var list []check.Finding
		if err := json.Unmarshal([]byte(out), &list); err != nil || exit != want || len(list) != want || list == nil {
			t.Errorf("%s: exit %d, %v\n%s", change, exit, err, out)
		}
		if len(list) == 1 && (list[0].Rule != "kill-mode" || list[0].Severity != check.Loses || list[0].Line == "") {
			t.Errorf("%+v", list[0])
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "etc/systemd/system")
	pairIn(t, dir)
	if err := os.Symlink(os.DevNull, filepath.Join(dir, "masked.service")); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]struct {
		exit int
		text string
	}{
		"":                      {exitUsage, "name one"},
		"--no-such-flag":        {exitUsage, "no-such-flag"},
		"other":                 {exitUnavailable, "other.service"},
		"other.socket":          {exitUnavailable, "other.socket"},
		"./other.service":       {exitUnavailable, "./other.service"},
		"masked":                {exitUnavailable, "systemctl unmask masked.service"},
		"app missing@x.service": {exitUnavailable, "missing@x.service"},
	} {
		text, exit := checked(t, append([]string{"--root", root}, strings.Fields(line)...)...)
		if exit != want.exit || !strings.Contains(text, want.text) {
			t.Errorf("%q: exit %d: %s", line, exit, text)
		}
	}
}

// Where systemd answers it says which files make up a unit.
func TestCheckAsksSystemd(t *testing.T) {
	dir := t.TempDir()
	pairIn(t, dir, "Type=notify", "Type=notify-reload")
	onPath(t, "systemctl", `case $1 in
--version) echo "systemd 247 (247.3)" ;;
*) exit 1 ;;
esac`)
	out, exit := checked(t, filepath.Join(dir, "app.service"))
	if exit != 1 || !strings.Contains(out, "Type=notify-reload on systemd 247") {
		t.Errorf("exit %d\n%s", exit, out)
	}
}

func TestSystemdVersion(t *testing.T) {
	for text, want := range map[string]int{
		"systemd 252 (252.38-1~deb12u1)\n+PAM": 252, "systemd 262~rc1 (262~rc1-1)": 262, "": 0, "busybox": 0,
	} {
		if got := systemdVersion(text); got != want {
			t.Errorf("%q: %d", text, got)
		}
	}
}

// The rules read these flags by name.
func TestCheckKnowsTheFlags(t *testing.T) {
	set, _ := new(checkCommand).host().RunFlags()
	for _, name := range []string{
		"start-timeout", "kill-old-delay", "drain-timeout", "ready", "export", "control", "dir", "signal-on-hup",
		"signal-on-term", "port", "path", "select", "rename", "no-socket", "idle-exit", "daemonize",
	} {
		if set.Lookup(name) == nil {
			t.Errorf("run has no --%s", name)
		}
	}
}
