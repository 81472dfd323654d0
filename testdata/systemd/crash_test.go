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
	systemdtest.Await(t, "a status that says when the next try is", func() bool {
		return strings.Contains(a.show("StatusText"), "failed; the next try in ")
	})
	m.Remove(t, "/run/crash.fail")
	clients.end(t)
	a.want("NRestarts", "0")
}

// A service that systemd starts again and again keeps its socket, too, while
// clients knock; it recovers when its command is mended.
func serviceCrashLoop(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "failing", "ListenStream=127.0.0.1:8004", "-- /bin/false")
	m.Systemctl(t, "start", a.socket())
	clients := startClients(t, m, a.addr)
	systemdtest.Await(t, "six restarts", func() bool {
		restarts, _ := strconv.Atoi(a.show("NRestarts"))
		return restarts >= 6 // the default limits end it at five
	})
	a.socketLives()
	a.command("-- plain")
	a.is("active")
	clients.end(t)
}

// A bridge that hangs is replaced. What its child had in hand is cut, but the
// socket refuses nobody.
func watchdogReplaces(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "hang", "ListenStream=127.0.0.1:8005", "-- plain")
	// TimeoutStopSec=: a daemon-reload of another story while the rest is killed
	// makes systemd 247 miss the end of that.
	a.set("User=app", "WatchdogSec=2s", "TimeoutStopSec=10")
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

// The loop goes on and pings while a file system does not answer: a pipe without
// a writer hangs whoever opens it.
func environmentHangs(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "fifo", "ListenStream=127.0.0.1:8015", "--env-file=/run/fifo.env --start-timeout=6s -- plain")
	a.set("User=app", "WatchdogSec=3s")
	m.Write(t, "/run/fifo.env", "")
	a.start()
	clients := startClients(t, m, a.addr)
	m.Remove(t, "/run/fifo.env")
	m.Must(t, "mkfifo", "-m", "644", "/run/fifo.env")
	a.reloadFails("not ready after 6s")
	m.Remove(t, "/run/fifo.env")
	m.Write(t, "/run/fifo.env", "")
	m.Systemctl(t, "reload", a.service())
	clients.end(t)
	a.want("NRestarts", "0")
}
