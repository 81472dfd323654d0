//go:build systemd

package systemd

import (
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// What a child waits on is seen without privileges, through the whole sandbox.

func asNobody(t *testing.T, m *systemdtest.Machine) {
	seesReady(install(t, m, "nobody", "ListenStream=127.0.0.1:8028", "-- plain"), "User=nobody")
}

func asDynamicUser(t *testing.T, m *systemdtest.Machine) {
	settings := []string{"DynamicUser=yes"}
	if m.Version < 252 {
		// 247 keeps it below a directory that UMask=0027 closes to the service.
		settings = append(settings, "RuntimeDirectoryPreserve=no")
	}
	seesReady(install(t, m, "dynamic", "ListenStream=127.0.0.1:8029", "-- plain"), settings...)
}

func seesReady(a *app, settings ...string) {
	a.set(settings...)
	a.start()
	a.reload()
	a.logs("generation is ready: seen waiting on " + a.addr)
	ask(a.t, a.Machine, a.addr)
}

// asUser has a manager of its own, of user app.
func asUser(t *testing.T, m *systemdtest.Machine) {
	const units = "/run/user-app/systemd/user/"
	m.Write(t, units+"mine.socket", "[Socket]\nListenStream=127.0.0.1:8030\n")
	m.Write(t, units+"mine.service", `[Unit]
Requires=mine.socket
After=mine.socket
[Service]
Type=notify
RuntimeDirectory=sdbridge/mine
ExecStart=/usr/bin/sdbridge run --interval=100ms --kill-old-delay=100ms -- kid -fail-if /run/mine.fail
ExecReload=/usr/bin/sdbridge reload
KillMode=mixed
`)
	m.Must(t, "chown", "-R", "app", "/run/user-app")
	m.Must(t, "systemd-run", "--unit=user-app", "--uid=app", "-p", "Delegate=yes", "-p", "Type=notify",
		"-E", "XDG_RUNTIME_DIR=/run/user-app", "/lib/systemd/systemd", "--user")
	t.Cleanup(func() { m.Systemctl(t, "stop", "user-app") })
	user := func(command ...string) (string, error) {
		return m.Run(append(strings.Fields("setpriv --reuid=app --clear-groups env XDG_RUNTIME_DIR=/run/user-app"), command...)...)
	}
	steps := []string{
		"systemctl --user start mine.socket mine.service",
		"systemctl --user reload mine.service",
		"sdbridge status mine",
	}
	for _, step := range steps {
		if out, err := user(strings.Fields(step)...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	clients := startClients(t, m, "127.0.0.1:8030")
	m.Write(t, "/run/mine.fail", "")
	if _, err := user("systemctl", "--user", "reload", "mine.service"); err == nil {
		t.Error("the reload succeeded with a child that fails")
	}
	clients.end(t)
}
