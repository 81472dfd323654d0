package matrix

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// O_NONBLOCK is the socket's, not the process': a Go generation sets it for the
// Starlet that follows, which has to get along with that.
func TestBlockingChildAfterANonblockingOne(t *testing.T) {
	t.Parallel()
	all := map[string]child{}
	for _, c := range wanted(t) {
		all[c.name] = c
	}
	first, hasFirst := all["nethttp"]
	second, hasSecond := all["starlet"]
	if !hasFirst || !hasSecond {
		t.Skip("SDBRIDGE_MATRIX leaves nethttp or starlet out")
	}
	script := t.TempDir() + "/child"
	become := func(c child) {
		text := "#!/bin/sh\nexec '" + strings.Join(c.command(t, ""), "' '") + "'\n"
		writeFile(t, script+".new", text)
		if err := os.Chmod(script+".new", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(script+".new", script); err != nil {
			t.Fatal(err)
		}
	}
	become(first)
	mixed := child{command: func(*testing.T, string) []string { return []string{script} }}
	bind, clients := first.addresses(t, ipv4)
	p := bridge(t, mixed, bind)
	p.await("generation is current")
	lost := underLoad(t, clients, func(generation int) {
		become([]child{first, second}[1-generation%2])
		p.signal(unix.SIGHUP)
		p.await(fmt.Sprintf("swap committed: generation %d is current", generation))
	})
	if len(lost) > 0 {
		t.Errorf("requests were lost:\n%s", strings.Join(lost, "\n"))
	}
}
