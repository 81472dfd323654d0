package main

import (
	"slices"
	"strings"
	"testing"
)

func TestChildCause(t *testing.T) {
	t.Parallel()
	quit := []string{"sdbridge", "run", "--signal-on-hup=QUIT"}
	for _, test := range []struct {
		command string
		flags   []string
		want    string
	}{
		{"starman app.psgi", []string{}, "starman stops gracefully on QUIT, and is told TERM: write sdbridge run --signal-on-hup=QUIT --signal-on-term=QUIT"},
		{"carton exec -- plackup -s Starman app.psgi", quit, "Starman: at QUIT its workers close"},
		{"/usr/bin/starman app.psgi", nil, "see that the bridge runs with --signal-on-hup=QUIT"},
		{"bundle exec unicorn", nil, "--signal-on-term=QUIT"},
		{"bundle exec puma", quit, "puma stops gracefully on TERM, and is told QUIT"},
		{"plackup -s Starlet app.psgi", []string{"--signal-on-hup", "sigterm"}, "known to lose nothing"},
		{"gunicorn -k uvicorn.workers.UvicornWorker app", nil, "gunicorn stops gracefully on TERM"},
		{"python3 -m uvicorn app:app", nil, "it closes connections that it has accepted and not read"},
		{"node server.js", nil, "process.on('SIGTERM'"},
		{"/no/such/app", quit, "on another signal than QUIT"},
		{"", nil, "on another signal than TERM"},
	} {
		if got := childCause(strings.Fields(test.command), test.flags); !strings.Contains(got, test.want) {
			t.Errorf("%q, %q: %s; want %q", test.command, test.flags, got, test.want)
		}
	}
	if got := childCause([]string{binary(t, "plain")}, nil); got != ofGo {
		t.Errorf("a Go program: %s", got)
	}
}

func TestBridgeAndChild(t *testing.T) {
	t.Parallel()
	for show, want := range map[string][2]string{
		"{ path=/usr/bin/sdbridge ; argv[]=/usr/bin/sdbridge run --ready=notify -- starman a.psgi ; ignore_errors=no }": {"/usr/bin/sdbridge run --ready=notify", "starman a.psgi"},
		"{ path=/usr/bin/app ; argv[]=/usr/bin/app --port 80 ; ignore_errors=no }":                                      {"", "/usr/bin/app --port 80"},
		"": {"", ""},
	} {
		flags, command := bridgeAndChild([]string{show})
		if !slices.Equal(flags, strings.Fields(want[0])) || !slices.Equal(command, strings.Fields(want[1])) {
			t.Errorf("%s: %q and %q", show, flags, command)
		}
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"tcp 0.0.0.0:80":          "127.0.0.1:80",
		"tcp 127.0.0.2:80":        "127.0.0.2:80",
		"tcp [::1]:80":            "[::1]:80",
		"tcp [::]:1 (dual-stack)": "[::1]:1", // nobody is there
		"unix /run/app.sock":      "/run/app.sock",
		"unix @app":               "@app",
		"unix-datagram /run/log":  "",
		"udp 0.0.0.0:80":          "",
	} {
		if got := reachable(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
