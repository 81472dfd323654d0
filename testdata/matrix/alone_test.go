package matrix

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// rounds is how often a loss is tried for: some are rare.
const rounds = 3

// A loss that the table calls the server's own happens under start_server, too:
// go test -v shows it.
func TestLosesUnderStartServer(t *testing.T) {
	for _, c := range wanted(t) {
		if c.loses == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range rounds {
				if lost := underStartServer(t, c); len(lost) > 0 {
					t.Logf("lost under start_server:\n%s", strings.Join(lost, "\n"))
					return
				}
			}
			t.Logf("lost nothing in %d swaps this time", rounds*swaps)
		})
	}
}

func underStartServer(t *testing.T, c child) (lost []string) {
	t.Helper()
	bind, clients := c.addresses(t, ipv4)
	argv := []string{need(t, "start_server", "apt-get install libserver-starter-perl"), "--interval=1", "--port=" + bind + "=3"}
	for flag := range strings.FieldsSeq(c.flags) {
		if strings.HasPrefix(flag, "--signal") { // what start_server has, too
			argv = append(argv, flag)
		}
	}
	argv = append(argv, "--")
	// LISTEN_FDS, for those that know nothing else, is true with the socket at 3.
	argv = append(argv, "sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`)
	p := start(t, append(argv, c.command(t, bind)...)...)
	p.await("starting new worker")
	lost = underLoad(t, clients, func(int) {
		before := p.count(isRunning)
		p.signal(unix.SIGHUP)
		await(t, "the swap", func() bool { return p.count(isRunning) > before })
	})
	p.stop()
	return lost
}

const isRunning = "new worker is now running"
