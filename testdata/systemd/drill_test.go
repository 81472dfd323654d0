//go:build systemd

package systemd

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// The drill of a unit finds its address and its bridge, whatever the socket: with
// a child that drains nothing is lost, with one that does not the drill fails.
func TestDrillStory(t *testing.T) {
	m := systemdtest.Boot(t, systemdtest.Roots()[0])
	m.Install(t, "../../cmd/sdbridge", "../../cmd/sdbridge-drill", "../children/kid", "../children/plain")
	m.Write(t, "/etc/sysusers.d/app.conf", "u app -\n")
	m.Must(t, "systemd-sysusers")
	for name, listen := range map[string]string{
		"port":     "ListenStream=8032",
		"path":     "ListenStream=/run/drill.sock",
		"abstract": "ListenStream=@drill",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := install(t, m, "drill-"+name, listen, "-- plain")
			a.start()
			said, err := m.Run("sdbridge", "drill", "--swaps=2", "--unit="+a.name)
			if err != nil || !strings.Contains(said, "0 of ") {
				t.Errorf("%v\n%s", err, said)
			}
			a.command("-- kid -work 0.1 -on-term quick")
			m.Systemctl(t, "restart", a.service())
			said, err = m.Run("sdbridge", "drill", "--swaps=2", "--unit="+a.service())
			if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 {
				t.Errorf("with requests lost it should exit 1: %v\n%s", err, said)
			}
		})
	}
}
