//go:build systemd

package systemd

import (
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func stopAnswers(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "stop", "ListenStream=127.0.0.1:8006", "-- kid -work 5s")
	a.start()
	clients := startClients(t, m, a.addr, append(one, "-clients=3")...)
	systemdtest.Await(t, "three requests", func() bool { return accepted(m, "1F46") == 3 }) // 8006
	m.Systemctl(t, "stop", a.service())
	if result := clients.end(t); result.Total() != 3 {
		t.Errorf("answered: %+v", result)
	}
	a.want("Result", "success")
}

func stopEndsStubborn(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "stubborn", "ListenStream=127.0.0.1:8007", "--drain-timeout=1s -- kid -on-term=ignore -workers=2 -helper")
	a.start()
	if n := len(a.processes()); n != 5 {
		t.Errorf("%d processes, want the bridge, the child, its two workers and its helper", n)
	}
	began := time.Now()
	m.Systemctl(t, "stop", a.service())
	if took := time.Since(began); took < time.Second || took > 10*time.Second {
		t.Errorf("the stop took %v, with a drain timeout of 1s", took)
	}
	if left := a.processes(); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
	a.want("Result", "success")
}

// The unit ends with its child, and the next connection starts it again.
func idleExit(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "idle", "ListenStream=127.0.0.1:8018", "--idle-exit -- plain")
	a.start()
	a.signal("TERM", a.child())
	a.is("inactive")
	a.want("Result", "success")
	ask(t, m, a.addr)
	a.is("active")
}

// A child that calls shutdown(2) on the socket ends it for all. The bridge has
// put it back before systemd looks at it, which would let the socket unit fail.
// (Who takes EINVAL from accept for the end is deaf from then on; this one tries
// again, as prefork servers do.)
func childShutsDown(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "shutdown", "ListenStream=127.0.0.1:8019", "-- kid -mode=block -on-term=shutdown")
	a.start()
	a.reload()
	a.logs("is listening again")
	ask(t, m, a.addr)
	m.Systemctl(t, "stop", a.service())
	a.socketLives()
	ask(t, m, a.addr)
}
