//go:build systemd

package systemdtest_test

import (
	"os"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func TestMain(m *testing.M) {
	systemdtest.Stage()
	os.Exit(m.Run())
}

// A machine is apart: what it writes, binds and is called is not seen outside.
func TestMachineIsApart(t *testing.T) {
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range systemdtest.Roots() {
		t.Run(root, func(t *testing.T) {
			m := systemdtest.Boot(t, root)
			m.Write(t, "/usr/lib/sdbridge-test", "x")
			if got := m.Read("/usr/lib/sdbridge-test"); got != "x" {
				t.Errorf("read %q, written was x", got)
			}
			m.Must(t, "hostname", "sdbridge-test")
			if _, err := m.Run("sh", "-c", "echo 1 >/proc/sys/kernel/panic"); err == nil {
				t.Error("it can write the kernel's settings")
			}
			if out := m.Must(t, "sh", "-c", "cat /proc/1/comm; ls /sys/class/net"); out != "systemd\nlo" {
				t.Errorf("PID 1 and the network interfaces are %q", out)
			}
		})
	}
	if _, err := os.Stat("/usr/lib/sdbridge-test"); err == nil {
		t.Error("its files are on the host's disk")
	}
	if now, _ := os.Hostname(); now != name {
		t.Errorf("the host is called %s now", now)
	}
}
