//go:build systemd

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

func TestMain(m *testing.M) {
	systemdtest.Stage()
	os.Exit(m.Run())
}

// TestInside has this program measure the services of a machine from within.
func TestInside(t *testing.T) {
	file := os.Getenv(outVariable)
	if file == "" {
		t.Skip("go run . -only systemd runs it")
	}
	m := systemdtest.Boot(t, systemdtest.Roots()[0])
	m.Install(t, ".", "./child")
	bridge, err := os.ReadFile(os.Getenv(bridgeVariable)) // the one that is measured
	if err != nil {
		t.Fatal(err)
	}
	m.Write(t, "/usr/bin/sdbridge", string(bridge))
	m.Must(t, "chmod", "755", "/usr/bin/sdbridge")
	child := "/usr/bin/child -boot=" + lostBoot.String()
	for _, s := range services {
		m.Write(t, "/etc/systemd/system/"+s.Name+".socket", fmt.Sprintf("[Socket]\nListenStream=%s\n", s.Addr))
		unit := fmt.Sprintf("[Service]\nType=notify\nExecStart=%s -notify\n", child)
		if s.Name == "bridge" {
			unit = fmt.Sprintf("[Service]\nType=notify\nExecStart=/usr/bin/sdbridge run %s -- %s\nExecReload=/usr/bin/sdbridge reload\nRuntimeDirectory=sdbridge/%s\nKillMode=mixed\n",
				strings.Join(atOnce, " "), child, s.Name)
		}
		m.Write(t, "/etc/systemd/system/"+s.Name+".service", "[Unit]\nStartLimitIntervalSec=0\n"+unit)
	}
	m.Systemctl(t, "daemon-reload")
	for _, s := range services {
		m.Systemctl(t, "start", s.Name+".socket")
	}
	found := m.Must(t, append([]string{"/usr/bin/bench", insideArgument}, strings.Fields(os.Getenv(sizeVariable))...)...)
	if err := os.WriteFile(file, []byte(found), 0o644); err != nil {
		t.Fatal(err)
	}
}
