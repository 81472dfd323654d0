package launch

import (
	"slices"
	"strings"
	"testing"
)

var (
	web   = Descriptor{From: 7, To: 3, Entry: "0.0.0.0:8080", FDName: "web"}
	admin = Descriptor{From: 5, To: 4, Entry: "/run/app.sock", FDName: "admin"}
	fifo  = Descriptor{From: 6, To: 5}
	extra = Descriptor{From: 7, To: 9, Entry: "8081"}
	stdin = Descriptor{From: 8, To: 0, Entry: "8082"}
)

func TestAnnounce(t *testing.T) {
	cases := []struct {
		name    string
		export  Export
		sockets []Descriptor
		starter bool
		want    []string
	}{
		{"both", Both, []Descriptor{web, admin}, false, []string{
			"LISTEN_FDNAMES=web:admin", "LISTEN_FDS=2", "SERVER_STARTER_PORT=0.0.0.0:8080=3;/run/app.sock=4",
		}},
		{"starter", Starter, []Descriptor{web}, false, []string{"SERVER_STARTER_PORT=0.0.0.0:8080=3"}},
		{"systemd", Systemd, []Descriptor{web}, false, []string{"LISTEN_FDNAMES=web", "LISTEN_FDS=1"}},
		{"without an entry name", Both, []Descriptor{web, admin, fifo}, false, []string{
			"LISTEN_FDNAMES=web:admin:unknown", "LISTEN_FDS=3", "SERVER_STARTER_PORT=0.0.0.0:8080=3;/run/app.sock=4",
		}},
		{"a FIFO alone", Both, []Descriptor{{From: 9, To: 3}}, false, []string{"LISTEN_FDNAMES=unknown", "LISTEN_FDS=1"}},
		{"not in order", Both, []Descriptor{admin, web}, false, []string{
			"LISTEN_FDNAMES=web:admin", "LISTEN_FDS=2", "SERVER_STARTER_PORT=/run/app.sock=4;0.0.0.0:8080=3",
		}},
		{"beyond a gap and below 3", Both, []Descriptor{stdin, extra, web}, false, []string{
			"LISTEN_FDNAMES=web", "LISTEN_FDS=1", "SERVER_STARTER_PORT=8082=0;8081=9;0.0.0.0:8080=3",
		}},
		{"nothing at 3", Systemd, []Descriptor{extra}, false, nil},
		{"no socket", Both, nil, false, nil},
		{"no socket, start_server", Starter, nil, true, []string{"SERVER_STARTER_PORT="}},
		{"no socket, start_server, systemd", Systemd, nil, true, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, map[string]string{"bin/app": ""})
			l := prepare(t, Spec{
				Command: []string{root + "/bin/app"}, Export: c.export, Sockets: c.sockets, StarterRules: c.starter,
			})
			if !slices.Equal(l.Env, c.want) {
				t.Errorf("got %q, want %q", l.Env, c.want)
			}
			if _, ok := lookup(l.Env, "LISTEN_FDS"); l.ListenFDS != ok {
				t.Errorf("ListenFDS is %v", l.ListenFDS)
			}
			if !slices.Equal(l.Sockets, c.sockets) {
				t.Errorf("sockets %v", l.Sockets)
			}
		})
	}
}

// Nothing that was meant for the bridge, or left by an outer one, is seen by the
// child; and no file speaks for the bridge.
func TestScrub(t *testing.T) {
	root := tree(t, map[string]string{
		"app.env":                 "LISTEN_FDS=9\nLISTEN_PID=1\nSERVER_STARTER_PORT=1=2\nWATCHDOG_USEC=5\n",
		"env/LISTEN_FDNAMES":      "x\n",
		"env/LISTEN_PIDFDID":      "9\n",
		"env/SERVER_STARTER_PORT": "3=4\n",
		"bin/app":                 "",
	})
	s := Spec{
		Command: []string{root + "/bin/app"},
		Base: []string{
			"LISTEN_FDS=1", "LISTEN_PID=1", "LISTEN_PIDFDID=9", "LISTEN_FDNAMES=a", "NOTIFY_SOCKET=/run/n",
			"WATCHDOG_PID=1", "WATCHDOG_USEC=1", "FDSTORE=3", "MAINPID=1", "SYSTEMD_EXEC_PID=1",
			"LSS2_SOCKET_TYPES=tcp", "SERVER_STARTER_PORT=9=9", "SERVER_STARTER_GENERATION=4", "HOME=/root",
		},
		EnvFiles: []string{root + "/app.env"},
		EnvDir:   root + "/env",
		Sockets:  []Descriptor{web},
	}
	for _, c := range []struct {
		export Export
		want   []string
	}{
		{0, nil},
		{Starter, []string{"SERVER_STARTER_PORT=0.0.0.0:8080=3"}},
		{Systemd, []string{"LISTEN_FDNAMES=web", "LISTEN_FDS=1"}},
	} {
		s.Export = c.export
		want := append([]string{"HOME=/root"}, append(c.want, "WATCHDOG_USEC=5")...)
		slices.Sort(want)
		if l := prepare(t, s); !slices.Equal(l.Env, want) {
			t.Errorf("export %d: got %q, want %q", c.export, l.Env, want)
		}
	}
}

// As sockets get fewer, nothing of the former ones is left (php/php-src#6550).
func TestFewerSockets(t *testing.T) {
	root := tree(t, map[string]string{"bin/app": ""})
	s := Spec{Command: []string{root + "/bin/app"}, Export: Both, Sockets: []Descriptor{web, admin}}
	outer := prepare(t, s).For(1)
	s.Base, s.Sockets = outer.Env, []Descriptor{web}
	want := []string{"LISTEN_FDNAMES=web", "LISTEN_FDS=1", "SERVER_STARTER_PORT=0.0.0.0:8080=3"}
	if l := prepare(t, s); !slices.Equal(l.Env, want) {
		t.Errorf("got %q, want %q", l.Env, want)
	}
}

func TestAnnounceRefuses(t *testing.T) {
	long := Descriptor{To: 3, Entry: "/" + strings.Repeat("x", maxVariable)}
	for _, c := range []struct {
		name    string
		socket  Descriptor
		mention string
	}{
		{"entry name", Descriptor{To: 3, Entry: "/run/a;b"}, "SERVER_STARTER_PORT"},
		{"name", Descriptor{To: 3, FDName: "a:b"}, "LISTEN_FDNAMES"},
		{"longer than the kernel takes", long, "SERVER_STARTER_PORT"},
	} {
		_, err := Spec{Command: []string{"/bin/sh"}, Export: Both, Sockets: []Descriptor{c.socket}}.Prepare()
		if err == nil || !strings.Contains(err.Error(), c.mention) {
			t.Errorf("%s: got %v, want an error that names %s", c.name, err, c.mention)
		}
	}
}

func TestParseExport(t *testing.T) {
	for value, want := range map[string]Export{"both": Both, "starter": Starter, "systemd": Systemd} {
		if got, err := ParseExport(value); got != want || err != nil {
			t.Errorf("%s: got %v, %v", value, got, err)
		}
	}
	_, err := ParseExport("Both")
	wantError(t, err, "ROOT", `unknown convention --export "Both"; write both, starter or systemd`)
}
