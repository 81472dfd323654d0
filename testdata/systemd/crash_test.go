//go:build systemd

package systemd

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// The bridge stays, and so does the socket; clients wait for the child.
func childCrashLoop(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "crash", "ListenStream=127.0.0.1:8003", "-- kid -fail-if /run/crash.fail")
	a.start()
	m.Write(t, "/run/crash.fail", "")
	a.signal("KILL", a.child())
	systemdtest.Await(t, "three generations that failed", func() bool {
		return strings.Count(a.Journal(t, a.service()), "/run/crash.fail exists") >= 3
	})
	clients := startClients(t, m, a.addr, one...)
	m.Remove(t, "/run/crash.fail")
	clients.await(t)
	a.want("NRestarts", "0")
}

// A service that systemd starts again and again keeps its socket, too.
func serviceCrashLoop(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "failing", "ListenStream=127.0.0.1:8004", "--interval=2s -- kid -fail-if /run/failing.fail")
	m.Write(t, "/run/failing.fail", "")
	m.Systemctl(t, "start", a.socket())
	clients := startClients(t, m, a.addr, one...)
	systemdtest.Await(t, "eight restarts", func() bool {
		restarts, _ := strconv.Atoi(a.show("NRestarts"))
		return restarts >= 8 // the default limits end it at five
	})
	if state := m.Show(t, a.socket(), "ActiveState"); state != "active" {
		t.Errorf("the socket is %s", state)
	}
	m.Remove(t, "/run/failing.fail")
	clients.await(t)
}

// A bridge that hangs is replaced. What its child had in hand is cut, but the
// socket refuses nobody.
func watchdogReplaces(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "hang", "ListenStream=127.0.0.1:8005", "-- plain")
	a.dropIn(a.service(), "watchdog", "[Service]", "WatchdogSec=2s")
	m.Systemctl(t, "daemon-reload")
	a.start()
	startClients(t, m, a.addr, "-duration=5s").await(t)
	a.want("NRestarts", "0") // it has outlived its watchdog
	clients := startClients(t, m, a.addr, "-duration=5s")
	a.signal("STOP", a.show("MainPID"))
	systemdtest.Await(t, "another bridge", func() bool { return a.show("NRestarts") == "1" })
	if result := clients.result(t); result.Refused > 0 {
		t.Errorf("the socket refused: %+v", result)
	}
	ask(t, m, a.addr)
}
