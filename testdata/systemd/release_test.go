//go:build systemd

package systemd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// current is what the link of the newest release leads to.
func current(name string) string { return "/opt/" + name + "/current/app" }

// deploy makes a release of one script and switches the link to it.
func (a *app) deploy(release, script string) {
	a.t.Helper()
	dir := "/opt/" + a.name
	a.Write(a.t, dir+"/"+release+"/app", script+"\n")
	a.Must(a.t, "chmod", "755", dir+"/"+release+"/app")
	a.Must(a.t, "ln", "-sfn", release, dir+"/current")
}

// good is the script of a release that serves, and can be told from others.
func (a *app) good(release string) string {
	return "#!/bin/sh\nRELEASE=" + release + " exec kid -env " + a.file("env")
}

// serves checks which release answers.
func (a *app) serves(release string) {
	a.t.Helper()
	ask(a.t, a.Machine, a.addr)
	if got := a.environment()["RELEASE"]; got != release {
		a.t.Errorf("release %s serves, want %s", got, release)
	}
}

// The old one is never touched, and the next good reload works. The one that
// dies on probation finishes what it has accepted: what a crash cuts is lost.
func reloadsFail(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "bad", "ListenStream=127.0.0.1:8023", "--kill-old-delay=3s --start-timeout=5s -- "+current("bad"))
	a.deploy("good", a.good("good"))
	a.start()
	clients := startClients(t, m, a.addr)
	for _, bad := range []struct{ name, script, reason string }{
		{"exits", "#!/bin/sh\nexit 3", "exited 3"},
		{"no-interpreter", "#!/nope", "the interpreter that it names is not there"},
		{"deaf", "#!/bin/sh\nexec sleep 600", "no process waits on 127.0.0.1:8023"},
		{"dies", "#!/bin/sh\nkid & sleep 1; kill $!; wait; exit 1", "while it was proving itself"},
	} {
		serving := a.current()
		a.deploy(bad.name, bad.script)
		a.reloadFails(bad.reason)
		systemdtest.Await(t, "the end of "+bad.name, func() bool { return a.current() == serving })
		a.serves("good")
		a.deploy("good", a.good("good"))
		a.reload()
	}
	clients.end(t)
	a.want("NRestarts", "0")
}

func releaseSwitched(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "release", "ListenStream=127.0.0.1:8024", "--dir=/opt/release/current -- ./app")
	a.deploy("1", a.good("1"))
	a.start()
	a.serves("1")
	clients := startClients(t, m, a.addr)
	a.deploy("2", a.good("2"))
	m.Must(t, "rm", "-r", "/opt/release/1")
	a.reload()
	a.serves("2")
	clients.end(t)
}

// A crash does not start what a deploy could not: the release that has served is
// started again.
func crashAfterFailedDeploy(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "repeat", "ListenStream=127.0.0.1:8025", "-- "+current("repeat"))
	a.deploy("1", a.good("1"))
	a.start()
	a.deploy("2", "#!/bin/sh\nexit 3")
	a.reloadFails("exited 3")
	m.Remove(t, a.file("env"))
	a.signal("KILL", a.child())
	a.becomes(3)
	a.serves("1")
}

func environmentChanged(t *testing.T, m *systemdtest.Machine) {
	const file = "/run/environment.env"
	a := install(t, m, "environment", "ListenStream=127.0.0.1:8026",
		fmt.Sprintf("--env-file=%s -- kid -env /run/sdbridge/environment/env", file))
	m.Write(t, file, "RELEASE=1\nGONE=1\n")
	a.start()
	a.serves("1")
	m.Write(t, file, "RELEASE=2\n")
	a.reload()
	a.serves("2")
	if _, still := a.environment()["GONE"]; still {
		t.Error("a variable that was removed is still there")
	}
}

// systemctl reload runs the old command line, and says so: what it compares with
// is asked of systemd, for a second at most, so that one reload may say nothing.
func commandLineChanged(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "edited", "ListenStream=127.0.0.1:8027", "-- plain")
	a.start()
	a.command("-- plain -boot 10ms")
	systemdtest.Await(t, "the warning", func() bool {
		a.reload()
		return strings.Contains(a.Journal(t, a.service()), "a reload runs the old one: systemctl restart edited ")
	})
	a.want("NRestarts", "0")
}
