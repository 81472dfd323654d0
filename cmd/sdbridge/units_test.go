package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unitsOf runs the command in this process.
func unitsOf(t *testing.T, args ...string) (out, errs string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	root := newRoot()
	root.SetArgs(append([]string{"units", "--sdbridge=/usr/bin/sdbridge"}, args...))
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err = root.Execute()
	return stdout.String(), stderr.String(), err
}

func words(text string) []string { return strings.Fields(text) }

func TestUnitsPrints(t *testing.T) {
	out, errs, err := unitsOf(t, words("--name app --user root --directory /srv/app -- start_server --port=80 --path=/run/app.sock --pid-file=p -- /usr/bin/plackup -s Starlet app.psgi")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# app.socket\n# Written by", "\nListenStream=0.0.0.0:80\n", "\nListenStream=/run/app.sock\n", "\n\n# app.service\n", "\nExecStart=/usr/bin/sdbridge run --dir=/srv/app -- /usr/bin/plackup -s Starlet app.psgi\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if !strings.Contains(errs, "app: --pid-file p falls away") {
		t.Errorf("stderr has %q", errs)
	}
}

// Every flag that says what is in the units.
func TestUnitsFlags(t *testing.T) {
	out, _, err := unitsOf(t, words(`--name app --user root --group daemon --socket-user nobody --socket-group mail --socket-mode 0660
		--dual-stack --keep-pid-file --hardening none --directory /srv
		-- start_server --port=80 --path=/run/app.sock --pid-file=/run/app.pid -- /usr/bin/env`)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Group=daemon", "SocketUser=nobody", "SocketGroup=mail", "SocketMode=0660", "ListenStream=80",
		"ExecStart=/usr/bin/sdbridge run --dir=/srv --pid-file=/run/app.pid -- /usr/bin/env",
	} {
		if !strings.Contains(out, "\n"+want+"\n") {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if strings.Contains(out, "\nProtectSystem=") {
		t.Errorf("with --hardening none there is a sandbox in\n%s", out)
	}
}

func TestUnitsAnswers(t *testing.T) {
	out, _, err := unitsOf(t, words("--name app -- start_server --restart --pid-file=p --status-file=s")...)
	if err != nil || out != "systemctl reload app.service\n" {
		t.Errorf("printed %q, %v", out, err)
	}
}

func TestUnitsRefusals(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"", "no command line"},
		{"--from x -- start_server", "--from and a command line exclude each other"},
		{"-o x --install -- start_server", "--output and --install exclude each other"},
		{"--user-unit --user www -- start_server", "for the system's units"},
		{"--socket-mode 999 -- start_server", `--socket-mode "999" is not a mode`},
		{"--hardening most -- start_server", `--hardening "most" is not known`},
		{"--set PORT -- start_server", `--set "PORT" has no value`},
		{"-- start_server --port=80 -- ./app", "the name of the units: give --name NAME\n"},
		{"--name app --directory / -- start_server --port=www:80 -- ./app", "systemd binds no name"},
	} {
		out, _, err := unitsOf(t, words(tt.args)...)
		if err == nil || !strings.Contains(err.Error()+"\n", tt.want) || statusOf(err) != exitUsage || out != "" {
			t.Errorf("units %s: printed %q; %v\nwant: %s", tt.args, out, err, tt.want)
		}
	}
	_, _, err := unitsOf(t, "--from", filepath.Join(t.TempDir(), "none"))
	if statusOf(err) != exitUnavailable {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestUnitsFrom(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unit := file("web.service", "[Service]\nUser=root\nWorkingDirectory=/srv/app\nLimitNOFILE=1000\nExecStart=/usr/bin/start_server --port 80 -- /usr/bin/env\n")
	procfile := file("Procfile", "web: start_server --port $PORT -- /usr/bin/env\njobs: start_server -- /usr/bin/env\nhook: start_server --restart --pid-file p --status-file s\n")
	script := file("run", "cd /srv\nexec start_server --port $PORT -- /usr/bin/env\n")
	for _, tt := range []struct{ args, want string }{
		{"--from " + unit, "# web.socket web.service LimitNOFILE=1000 --dir=/srv/app"},
		{"--from " + procfile + " --set PORT=80", "# web.socket web.service jobs.service systemctl+reload+hook.service"},
		{"--from " + procfile + " --name jobs", "# jobs.service"},
		{"--from " + script + " --name app --set PORT=80", "# app.socket app.service ListenStream=0.0.0.0:80"},
	} {
		out, _, err := unitsOf(t, words(tt.args)...)
		if err != nil {
			t.Errorf("units %s: %v", tt.args, err)
		}
		for _, want := range words(tt.want) {
			if want = strings.ReplaceAll(want, "+", " "); !strings.Contains(out, want) {
				t.Errorf("units %s: %s is not in\n%s", tt.args, want, out)
			}
		}
	}
	for _, tt := range []struct{ args, want string }{
		{"--from " + script + " --name app", `--port "$PORT": give --set PORT=`},
		{"--from " + procfile + " --name other", `none of that name: "web" (`},
	} {
		if _, _, err := unitsOf(t, words(tt.args)...); err == nil || statusOf(err) != exitUsage || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("units %s: %v", tt.args, err)
		}
	}
}

// Lines without names get that of --name, with numbers; a request goes with the
// one service.
func TestUnitsNumbersLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes")
	for _, tt := range []struct{ text, want string }{
		{"start_server --port 80 -- /usr/bin/env\nstart_server --port 81 -- /usr/bin/env\n", "# app.socket\n# app.service\n# app-2.socket\n# app-2.service\n"},
		{"web: start_server --port 80 --pid-file p -- /usr/bin/env\nhook: start_server --restart --pid-file p --status-file s\n", "systemctl reload app.service\n# app.socket\n# app.service\n"},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, _, err := unitsOf(t, "--name=app", "--user=root", "--from="+path)
		if err != nil {
			t.Errorf("%s%v", tt.text, err)
		}
		for want := range strings.Lines(tt.want) {
			if !strings.Contains("\n"+out, "\n"+want) {
				t.Errorf("%s is not in\n%s", want, out)
			}
		}
	}
}

// A refusal comes with the notes, which say where a value may be.
func TestUnitsRefusesWithNotes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "start.sh")
	if err := os.WriteFile(path, []byte(". /etc/app.rc\nexec start_server --port $PORT -- /usr/bin/env\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, errs, err := unitsOf(t, "--name=app", "--from="+path)
	if err == nil || !strings.Contains(errs, "/etc/app.rc is shell code and is not read") {
		t.Errorf("%v; stderr has %q", err, errs)
	}
}

const simpleLine = "--name app --user root --directory /srv -- start_server --port=80 -- /usr/bin/env"

func TestUnitsWritesNothingOver(t *testing.T) {
	dir := t.TempDir()
	service := filepath.Join(dir, "app.service")
	write := func(args ...string) (string, error) {
		out, _, err := unitsOf(t, append(append(args, "-o", dir), words(simpleLine)...)...)
		return out, err
	}
	if out, err := write(); err != nil || out != "wrote "+dir+"/app.socket\nwrote "+service+"\n" {
		t.Fatalf("printed %q, %v", out, err)
	}
	if out, err := write(); err != nil || out != "unchanged: "+dir+"/app.socket\nunchanged: "+service+"\n" {
		t.Errorf("printed %q, %v", out, err)
	}
	written, err := os.ReadFile(service)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(service, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "app.socket")); err != nil {
		t.Fatal(err)
	}
	_, err = write()
	if err == nil || !strings.Contains(err.Error(), service+" is there and differs; nothing was written") || statusOf(err) != 1 {
		t.Errorf("over a file that differs: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("it wrote %v", left)
	}
	if _, err := write("--force"); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(service)
	info, statErr := os.Stat(service)
	if err != nil || statErr != nil || !bytes.Equal(text, written) || info.Mode() != 0o644 {
		t.Errorf("with --force it is %v %q", info, text)
	}
	made := filepath.Join(dir, "made")
	if _, _, err := unitsOf(t, append([]string{"-o", made}, words(simpleLine)...)...); err != nil || !same(filepath.Join(made, "app.service"), string(written)) {
		t.Errorf("into a directory that was not there: %v", err)
	}
}

func TestUnitsInstallsForAUser(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	out, _, err := unitsOf(t, words("--install --user-unit --name app --directory /srv -- start_server --port=8080 -- ./app")...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(config, "systemd/user/app.socket")); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"\n  systemctl --user daemon-reload\n  systemctl --user enable --now app.socket app.service\n", "each deploy: systemctl --user reload app.service"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestUnitsInstallDirectory(t *testing.T) {
	if dir, err := (&unitsCommand{install: true}).dir(); dir != "/etc/systemd/system" || err != nil {
		t.Errorf("the system's units go to %q, %v", dir, err)
	}
}

func TestUnitsInitScripts(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "app")
	if err := os.WriteFile(script, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := initScripts(dir, []string{"app.service", "web.service"}); len(got) != 1 || got[0] != script {
		t.Errorf("found %q, want %q", got, script)
	}
}

func TestUnitsReadsDropIns(t *testing.T) {
	root := t.TempDir()
	etc, lib := filepath.Join(root, "etc"), filepath.Join(root, "lib")
	for path, text := range map[string]string{
		lib + "/app.service":            "[Service]\nUser=root\nEnvironment=A=1\nEnvironmentFile=" + root + "/env\nExecStart=/usr/bin/start_server --port ${PORT} -- /usr/bin/env\n",
		lib + "/app.service.d/20.conf":  "[Service]\nEnvironment=PORT=81\n",
		etc + "/app.service.d/20.conf":  "[Service]\nEnvironment=PORT=82\n",
		etc + "/app.service.d/10.conf":  "[Service]\nEnvironment=PORT=83 B=2\n",
		etc + "/app.service.d/30.other": "[Service]\nEnvironment=PORT=84\n",
		root + "/env":                   "A=2\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		systems []string
		want    string
	}{
		{nil, "lib/app.service.d/20.conf"},
		{[]string{etc, lib}, "etc/app.service.d/10.conf etc/app.service.d/20.conf"},
	} {
		found, err := dropIns(lib+"/app.service", tt.systems)
		var paths []string
		for _, d := range found {
			paths = append(paths, strings.TrimPrefix(d.Path, root+"/"))
		}
		if err != nil || strings.Join(paths, " ") != tt.want {
			t.Errorf("of %q: %q, %v; want %s", tt.systems, paths, err, tt.want)
		}
	}
	out, errs, err := unitsOf(t, "--from", lib+"/app.service")
	if err != nil || !strings.Contains(out, "\nListenStream=0.0.0.0:81\n") || !strings.Contains(errs, "app.service.d/20.conf says is in the new unit") {
		t.Errorf("%v %s\n%s", err, errs, out)
	}
	if found, err := dropIns("/srv/app/run", nil); found != nil || err != nil {
		t.Errorf("of a script: %v, %v", found, err)
	}
}

// A request names the units of --name.
func TestUnitsAnswersBoth(t *testing.T) {
	out, errs, err := unitsOf(t, words("--name web -- start_server --stop --restart --pid-file=p --status-file=s")...)
	if err != nil || out != "systemctl reload web.service\n" || !strings.Contains(errs, "systemctl reload web,") || strings.Contains(errs, "NAME") {
		t.Errorf("printed %q, %q, %v", out, errs, err)
	}
}
