package main

import (
	"os"
	"os/user"
	"testing"

	"golang.org/x/sys/unix"
)

// The mode of the control socket is no matter of the umask.
func TestControlSocketFile(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Skip(err)
	}
	for name, c := range map[string]struct {
		flags []string
		mode  os.FileMode
	}{
		"alone": {nil, 0o600},
		"group": {[]string{"--control-group", group.Name}, 0o660},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t)
			argv := append([]string{"sh", "-c", `umask 0; exec "$@"`, "sh"}, l.argv(append(c.flags, "--port", freeAddr(t)))...)
			l.program = start(t, nil, argv...)
			l.up(1)
			info, err := os.Stat(l.control)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != c.mode {
				t.Errorf("mode %o, want %o", got, c.mode)
			}
			l.signal(unix.SIGTERM)
			l.wantExit(0)
			if _, err := os.Stat(l.control); err == nil {
				t.Error("it is left behind")
			}
		})
	}
}
