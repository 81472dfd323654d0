//go:build systemd

package systemd

import (
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func twentySwaps(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "swaps", "ListenStream=127.0.0.1:8002", "-- plain")
	twenty(a, func(generation int) {
		a.signal("HUP", a.show("MainPID"))
		a.becomes(generation)
	})
}

func twentyReloads(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "reloads", "ListenStream=127.0.0.1:8013", "-- plain")
	twenty(a, func(int) { a.reload() })
}

// twenty times a swap under load: each generation answers, and no request is
// lost.
func twenty(a *app, swap func(generation int)) {
	a.start()
	pid := a.show("MainPID")
	clients := startClients(a.t, a.Machine, a.addr, "-keep-alive=both", "-pause=5ms")
	for i := range 20 {
		swap(i + 2)
	}
	ask(a.t, a.Machine, a.addr)
	result := clients.end(a.t)
	if len(result.Answered) != 21 {
		a.t.Errorf("%d generations answered, want 21: %+v", len(result.Answered), result)
	}
	a.want("MainPID", pid)
	a.want("NRestarts", "0")
	a.want("ActiveState", "active")
}

// Even with no interval at all, clients are left to the old one until the new
// one has booted: none waits for as long as that takes.
func slowBoot(t *testing.T, m *systemdtest.Machine) {
	const boot = 5 * time.Second
	a := install(t, m, "boot", "ListenStream=127.0.0.1:8022", "--interval=0 --kill-old-delay=0 -- kid -boot "+boot.String())
	began := time.Now()
	a.start()
	if took := time.Since(began); took < boot {
		t.Errorf("the start took %v, the child needs %v", took, boot)
	}
	clients := startClients(t, m, a.addr, "-timeout=4s")
	a.reload()
	ask(t, m, a.addr)
	clients.end(t)
}

func hupByHand(t *testing.T, m *systemdtest.Machine) {
	const boot = "until test -e /run/hup.boot; do sleep 0.1; done; exec plain"
	a := install(t, m, "hup", "ListenStream=127.0.0.1:8014", "-- sh -c '"+boot+"'")
	m.Write(t, "/run/hup.boot", "")
	a.start()
	clients := startClients(t, m, a.addr)
	m.Remove(t, "/run/hup.boot")
	a.signal("HUP", a.show("MainPID"))
	a.is("reloading")
	m.Write(t, "/run/hup.boot", "")
	a.is("active")
	a.becomes(2)
	clients.end(t)
}
