//go:build systemd

package systemd

import (
	"strconv"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func twentySwaps(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "swaps", "ListenStream=127.0.0.1:8002", "-- plain")
	a.start()
	pid := a.show("MainPID")
	clients := startClients(t, m, a.addr, "-clients=4", "-keep-alive=both")
	for swap := range 20 {
		a.signal("HUP", pid)
		generation := strconv.Itoa(swap + 2)
		systemdtest.Await(t, "generation "+generation, func() bool { return a.current() == generation })
	}
	ask(t, m, a.addr)
	result := clients.end(t)
	if len(result.Answered) != 21 {
		t.Errorf("%d generations answered, want 21: %+v", len(result.Answered), result)
	}
	a.want("MainPID", pid)
	a.want("NRestarts", "0")
	a.want("ActiveState", "active")
}

func reloadCommits(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "reload", "ListenStream=127.0.0.1:8013", "-- plain")
	a.start()
	clients := startClients(t, m, a.addr)
	m.Systemctl(t, "reload", a.service())
	if generation := ask(t, m, a.addr); generation != "2" {
		t.Errorf("generation %s answered after the reload", generation)
	}
	clients.end(t)
}

func reloadFails(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "noreload", "ListenStream=127.0.0.1:8014", "-- kid -fail-if /run/noreload.fail")
	a.start()
	clients := startClients(t, m, a.addr)
	m.Write(t, "/run/noreload.fail", "")
	if _, err := m.Run("systemctl", "reload", a.service()); err == nil {
		t.Error("the reload succeeded with a child that fails")
	}
	if generation := ask(t, m, a.addr); generation != "1" {
		t.Errorf("generation %s answered after the failed reload", generation)
	}
	clients.end(t)
	a.want("ActiveState", "active")
	a.want("NRestarts", "0")
}
