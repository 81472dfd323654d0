//go:build systemd

package systemd

import (
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
	"github.com/sdbridge/sdbridge/units"
)

// What verify says of other units is left out.
func shippedPairIsClean(t *testing.T, m *systemdtest.Machine) {
	m.Write(t, "/run/verify/app.socket", units.Socket)
	m.Write(t, "/run/verify/app.service", strings.ReplaceAll(units.Service, "/usr/bin/app", "/usr/bin/plain"))
	out, err := m.Run("sh", "-c", "systemd-analyze verify /run/verify/app.socket /run/verify/app.service 2>&1")
	if err != nil || strings.Contains(out, "app.") {
		t.Errorf("verify says %q, %v", out, err)
	}
	if m.Version < 250 {
		return // it has no --offline
	}
	out, err = m.Run("systemd-analyze", "security", "--offline=true", "--threshold=30", "/run/verify/app.service")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func firstConnectionStarts(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "first", "ListenStream=8001", "-- plain")
	m.Systemctl(t, "start", a.socket())
	a.want("ActiveState", "inactive")
	if generation := ask(t, m, a.addr); generation != "1" {
		t.Errorf("generation %s answered", generation)
	}
	m.Systemctl(t, "start", a.service()) // waits for READY=1
	a.want("ActiveState", "active")
}

// The line is the one of the documentation.
func quickStart(t *testing.T, m *systemdtest.Machine) {
	m.Must(t, strings.Fields("systemd-run --unit=quick --socket-property=ListenStream=8012 --property=Type=notify sdbridge run -- plain")...)
	t.Cleanup(func() { m.Systemctl(t, "stop", "quick.socket", "quick.service") })
	if generation := ask(t, m, "127.0.0.1:8012"); generation != "1" {
		t.Errorf("generation %s answered", generation)
	}
	if got := m.Show(t, "quick.service", "Type"); got != "notify" {
		t.Errorf("Type=%s", got)
	}
}
