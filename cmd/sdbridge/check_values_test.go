package main

import (
	"strings"
	"testing"
)

// What run refuses with exit 64, check finds; what only the host can tell it does
// not judge.
func TestCheckRefusedValues(t *testing.T) {
	for flags, want := range map[string]string{
		"--ready=bogus":                         `--ready "bogus" is not known`,
		"--ready=accept:":                       `leaves a socket without a name`,
		"--signal-on-hup=BOGUS":                 `--signal-on-hup: unknown signal "BOGUS"`,
		"--signal-on-term=99":                   `--signal-on-term: unknown signal "99"`,
		"--export=foo":                          `foo`,
		"--port bogus":                          `--port "bogus" is not a port`,
		"--rename nope":                         `--rename "nope" has no name`,
		"--drain-timeout=soon":                  `soon`,
		"--start-timeout=1 --interval=2":        `--start-timeout 1s is not longer than --interval 2s`,
		"--backlog=-1":                          `--backlog -1 is negative`,
		"--no-such-flag":                        `no-such-flag`,
		"--signal-on-hup=3 --rename web=80":     "",
		"--ready=accept:web --select web":       "",
		"--control-group=no-such-group-here":    "",
		"--start-timeout=1 --interval=$SECONDS": "",
	} {
		root := t.TempDir()
		pairIn(t, root, "sdbridge run", "sdbridge run "+flags)
		out, exit := checked(t, "--root", t.TempDir(), root)
		refused := strings.Contains(out, "refuses its command line") && strings.Contains(out, want)
		if refused != (want != "") || exit != map[bool]int{true: exitFailed}[want != ""] {
			t.Errorf("%s: exit %d\n%s", flags, exit, out)
		}
	}
}
