package main

import (
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
