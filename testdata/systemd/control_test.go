//go:build systemd

package systemd

import (
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// systemd's own client of varlink sees and calls the bridge.
func varlinkctl(t *testing.T, m *systemdtest.Machine) {
	if m.Version < 255 {
		return // it has no varlinkctl
	}
	a := install(t, m, "varlink", "ListenStream=127.0.0.1:8031", "-- plain")
	a.start()
	out := m.Must(t, "varlinkctl", "introspect", a.file("control"), "io.github.sdbridge.Bridge")
	if !strings.Contains(out, "method Reload") {
		t.Errorf("introspect says %s", out)
	}
	m.Must(t, "varlinkctl", "call", a.file("control"), "io.github.sdbridge.Bridge.Reload", "{}")
	out = m.Must(t, "varlinkctl", "call", a.file("control"), "io.github.sdbridge.Bridge.Status", "{}")
	if !strings.Contains(out, `"committed"`) {
		t.Errorf("Status says %s", out)
	}
	a.becomes(2)
}
