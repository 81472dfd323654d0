//go:build systemd

package systemd

import (
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// The bridge asks for more time than TimeoutStartSec= and TimeoutStopSec= while
// its child boots and drains. It runs alone: a daemon-reload sets the manager's
// timers back to the unit's.
func slowlyUpAndDown(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "slow", "ListenStream=127.0.0.1:8016", "-- kid -boot 8s -work 8s")
	a.set("User=app", "TimeoutStartSec=4", "TimeoutStopSec=4")
	a.start()
	clients := startClients(t, m, a.addr, append(one, "-clients=1")...)
	systemdtest.Await(t, "a request", func() bool { return accepted(m, "1F50") == 1 }) // 8016
	m.Systemctl(t, "stop", a.service())
	if result := clients.end(t); result.Total() != 1 {
		t.Errorf("answered: %+v", result)
	}
	a.want("Result", "success")
	a.want("NRestarts", "0")
}
