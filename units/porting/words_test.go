package porting

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	for _, tc := range []struct {
		line                string
		wrappers, command   string
		environment, ports  string
		directory, user, is string // is: the error
	}{
		{line: "start_server|--port=80|--|plackup|-s|Starlet|app.psgi", command: "plackup -s Starlet app.psgi", ports: "80"},
		{line: "A=1|carton|exec|--|start_server|--port|80|--|script/a b", wrappers: "carton exec --", command: "script/a b", environment: "A=1", ports: "80"},
		{line: "setuidgid|www|/usr/bin/start_server.rb|--port|80|--|puma|$HOME", command: "puma $HOME", ports: "80", user: "www"},
		{line: "sh|-c|cd /srv && exec start_server --port 80 -- ./a", command: "./a", ports: "80", directory: "/srv"},
		{line: "perl|-x|/usr/share/h2o/start_server|--port=0.0.0.0:443|--|h2o|-c|h2o.conf", command: "h2o -c h2o.conf", ports: "0.0.0.0:443"},
		{line: "plackup|app.psgi", is: "no start_server here"},
		{line: "start_server|--port=80", is: "start_server has no program to run"},
		{line: "start_server|--port", is: "--port has no value"},
		{line: "", is: "no start_server here"},
	} {
		s, err := Words(strings.Split(tc.line, "|"), Source{})
		if tc.is != "" {
			if err == nil || !strings.Contains(err.Error(), tc.is) {
				t.Errorf("Words(%q): %v", tc.line, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("Words(%q): %v", tc.line, err)
			continue
		}
		have := []string{strings.Join(s.Wrappers, " "), strings.Join(s.Command, " "), strings.Join(s.Environment, " "), strings.Join(s.Options.Ports, " "), s.Directory, s.User}
		want := []string{tc.wrappers, tc.command, tc.environment, tc.ports, tc.directory, tc.user}
		if !slices.Equal(have, want) {
			t.Errorf("Words(%q) = %q, want %q", tc.line, have, want)
		}
	}
}

func TestWordsTakesOneLine(t *testing.T) {
	if _, err := Words(nil, Source{}); err == nil {
		t.Error("nothing is accepted")
	}
	_, err := Words([]string{"sh", "-c", "start_server --port 1 -- /a & start_server --port 2 -- /b"}, Source{})
	if err == nil || !strings.Contains(err.Error(), "one by one") {
		t.Error(err)
	}
}

// What the user gave beats the text.
func TestSet(t *testing.T) {
	text := "PORT=80\ncd app\nexport KEY_FILE=$KEYS/a\nexec start_server --port $PORT -- ./app $(nproc) `nproc` $EMPTY\n"
	services, err := Read([]byte(text), Source{Set: map[string]string{
		"PORT": "8080", "PWD": "/srv", "$(nproc)": "4", "EMPTY": "", "KEYS": "/etc",
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := services[0]
	if s.Options.Ports[0] != "8080" || s.Directory != "/srv/app" || len(s.Missing) != 0 ||
		!slices.Equal(s.Command, []string{"./app", "4", "4"}) || !slices.Equal(s.Environment, []string{"KEY_FILE=/etc/a"}) {
		t.Errorf("%+v", s)
	}
}

func TestDetect(t *testing.T) {
	for _, tc := range []struct {
		path, text string
		want       Kind
	}{
		{"/etc/sv/app/run", "#!/bin/sh\nexec start_server\n", Shell},
		{"run", "start_server -- a", Shell},
		{"app.service", "", Unit},
		{"", "# a unit\n[Unit]\nDescription=a\n", Unit},
		{"Procfile.dev", "", Procfile},
		{"", "web: start_server -- a\nredis: redis-server\n", Procfile},
		{"app.ini", "[program:app]\ncommand=a\n", Supervisor},
		{"build/Dockerfile.web", "", Dockerfile},
		{"", "FROM perl\nCMD start_server -- a\n", Dockerfile},
		{"GNUmakefile", "", Makefile},
		{"", "run: build\n\tstart_server -- a\n", Makefile},
		{"docker-compose.yaml", "", Compose},
		{"", "services:\n  a:\n    command: start_server -- a\n", Compose},
		{"", "start on runlevel [2345]\nexec start_server -- a\n", Upstart},
		{"", "@reboot start_server -- a\n", Crontab},
		{"", "0 4 * * 1-5 start_server -- a\n", Crontab},
	} {
		if got := detect(tc.path, tc.text); got != tc.want {
			t.Errorf("detect(%q, %q) = %d, want %d", tc.path, tc.text, got, tc.want)
		}
	}
}
