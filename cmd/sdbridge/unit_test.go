package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestUnitOf(t *testing.T) {
	for _, c := range []struct{ cgroup, unit, manager string }{
		{"0::/system.slice/app.service\n", "app.service", "--system"},
		{"0::/system.slice/system-app.slice/app@1.service/child\n", "app@1.service", "--system"},
		{"0::/user.slice/user-1000.slice/user@1000.service/app.slice/app.service\n", "app.service", "--user"},
		{"0::/user.slice/user-1000.slice/user@1000.service/init.scope\n", "", ""},
		{"0::/user.slice/user-1000.slice/session-2.scope\n", "", ""},
		{"12:cpu:/x.service\n1:name=systemd:/system.slice/app.service\n0::/\n", "app.service", "--system"},
		{"0::/", "", ""},
		{"", "", ""},
	} {
		unit, manager := unitOf(c.cgroup)
		if unit != c.unit || (unit != "" && manager != c.manager) {
			t.Errorf("unitOf(%q) = %q, %q", c.cgroup, unit, manager)
		}
	}
}

func TestDiffers(t *testing.T) {
	show := func(command string) string {
		return "{ path=/usr/bin/sdbridge ; argv[]=" + command + " ; ignore_errors=no ; start_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n"
	}
	running := []string{"/usr/bin/sdbridge", "run", "--", "sh", "-c", "a  b"}
	for text, want := range map[string]bool{
		show("/usr/bin/sdbridge run -- sh -c a  b"):             false,
		show(`/usr/bin/sdbridge run -- sh -c "a  b"`):           false,
		show("/usr/bin/sdbridge run --port 1 -- sh -c a  b"):    true,
		show("/opt/sdbridge run -- ./other"):                    true,
		show("/bin/sh -c 'exec sdbridge run -- app'"):           false,
		show("/usr/bin/sdbridge run --port ${PORT} -- ./app"):   false,
		show("/usr/bin/sdbridge a") + show("/usr/bin/sdbridge"): false,
		"{ path= ; argv[]=/usr/bin/sdbridge":                    false,
		"":                                                      false,
	} {
		if got := differs(running, text); got != want {
			t.Errorf("differs(%q) = %v", text, got)
		}
	}
}

func TestAskHost(t *testing.T) {
	onPath(t, "answers", `echo "$1"; read -r line || echo nothing to read`)
	onPath(t, "fails", "echo text; exit 1")
	onPath(t, "hangs", "echo text; exec sleep 600")
	for program, want := range map[string]string{
		"answers": "word\nnothing to read\n", "fails": "", "hangs": "", "missing": "",
	} {
		began := time.Now()
		if got := askHost(program, "word"); got != want {
			t.Errorf("%s: %q, want %q", program, got, want)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %v", program, took)
		}
	}
}

// A process that belongs to no unit has no command line to compare.
func TestCommandUnchanged(t *testing.T) {
	onPath(t, "systemctl", "exit 1")
	for _, pid := range []int{0, -1, os.Getpid()} {
		if got := commandChanged(pid); got != "" {
			t.Errorf("pid %d: %s", pid, got)
		}
	}
}

func FuzzUnitOf(f *testing.F) {
	f.Add("0::/system.slice/app.service")
	f.Add("1:name=systemd:/user@1.service/a.service/b")
	f.Fuzz(func(t *testing.T, cgroup string) {
		if unit, _ := unitOf(cgroup); unit != "" && !strings.HasSuffix(unit, ".service") {
			t.Errorf("%q is in %q", cgroup, unit)
		}
	})
}

// onPath puts a shell script before all other programs of that name.
func onPath(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}
