package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// These tell machine_test.go where its findings go, how much to do, and which
// sdbridge to run.
const (
	outVariable    = "SDBRIDGE_BENCH_OUT"
	sizeVariable   = "SDBRIDGE_BENCH_SIZE"
	bridgeVariable = "SDBRIDGE_BENCH_BRIDGE"
)

// besideSystemd boots a systemd (by machine_test.go) and compares a restart of a
// socket-activated service with a reload of the bridge in its place.
func besideSystemd(b *bench, out *section) error {
	if os.Getuid() != 0 {
		out.note("Not measured: only root can boot a machine.")
		return nil
	}
	file := filepath.Join(b.programs.dir, "systemd.json")
	_ = os.Remove(file)
	cmd := exec.CommandContext(b, "go", "test", "-tags", "systemd", "-count=1", "-run", "TestInside", ".")
	cmd.Env = append(os.Environ(), outVariable+"="+file, bridgeVariable+"="+b.programs.sdbridge, "SDBRIDGE_SYSTEMD=host",
		fmt.Sprintf("%s=%d %d %.0f", sizeVariable, b.size.cold, b.size.machineSwaps, b.size.lostRate))
	if err := run(cmd); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var all map[string]*seen
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	out.note("Socket-activated services of a booted systemd: to the first answer from the first connection on; and %d deploys under the load of *Requests lost*, with a child that boots in %v and drains. Across a restart the connections wait in the socket's queue: nobody is refused, but everybody waits for the old one's end and the new one's boot.",
		b.size.machineSwaps, lostBoot)
	t := table{Columns: []string{"", "cold: first answer, ms", "ratio", "systemctl takes, ms", "answered", "lost", "longest stall, ms", "p99, ms"}}
	for _, s := range services {
		saw := all[s.Name]
		lost := (&outcome{lost: saw.Lost}).lostAll()
		out.value(s.Title, "cold", spreadOf(saw.Cold))
		out.value(s.Title, "lost", one(float64(lost)))
		out.value(s.Title, "longest stall", one(saw.Longest))
		t.add(s.Title, spreadOf(saw.Cold).format("%.0f"), spreadOf(ratios(saw.Cold, all[services[0].Name].Cold)).format("%.2f"),
			spreadOf(saw.Deploy).format("%.0f"), fmt.Sprint(saw.Answered), fmt.Sprint(lost),
			fmt.Sprintf("%.0f", saw.Longest), fmt.Sprintf("%.1f", saw.P99))
	}
	out.Tables = append(out.Tables, t)
	return nil
}
