package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

func TestReset(t *testing.T) {
	settings, _ := parse("f", "[Service]\nA=1\nA=2\nB=1\nA=\nA=3\nB=\n[Unit]\nAfter=a b\nAfter=\nAfter=c\n")
	f := &file{name: "app.service", settings: settings}
	var list []string
	for _, s := range append(f.all("Service.A"), f.units("After")...) {
		list = append(list, s.Value)
	}
	if !slices.Equal(list, []string{"3", "a", "b", "c"}) || len(f.all("Service.B")) != 0 {
		t.Errorf("%q", list)
	}
	if s, ok := f.last("Service.B"); ok || s.where != "f:7" {
		t.Errorf("%+v, %v", s, ok)
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90": 90 * time.Second, "1min 30s": 90 * time.Second, "1.5": 1500 * time.Millisecond, "250ms": 250 * time.Millisecond,
		"2h30min": 150 * time.Minute, "infinity": forever, " 5 s ": 5 * time.Second, "0": 0, "1w": 7 * 24 * time.Hour,
	} {
		if got, ok := span(text); !ok || got != want {
			t.Errorf("span(%q) = %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "s", "-1", "1x", "1e9", "99999999999999999999", "5 5 .", "9999w 9999999w 99999999w"} {
		if got, ok := span(text); ok {
			t.Errorf("span(%q) = %v", text, got)
		}
	}
}

func FuzzSpan(f *testing.F) {
	f.Add("1min 30s")
	f.Fuzz(func(t *testing.T, text string) {
		if d, ok := span(text); d < 0 || !ok && d != 0 {
			t.Errorf("%v, %v", d, ok)
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add(`-/bin/sh -c "exec 'a' \x41" ; @/bin/b c`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := commands(setting{UnitOption: unit.UnitOption{Value: text}})
		if err == nil {
			for _, c := range list {
				l := launched(c.argv)
				_, _, _ = l.name(), l.server(), l.addresses()
			}
		}
	})
}

func TestCommands(t *testing.T) {
	for text, want := range map[string]string{
		"/bin/a b":                      "|/bin/a b",
		"-/bin/a $$b":                   "-|/bin/a $b",
		"@/bin/a name b":                "@|/bin/a b",
		"-@:/bin/a name $$b":            "-@:|/bin/a $$b",
		"+/bin/a ; !!/bin/b c ; /bin/d": "+|/bin/a;!!|/bin/b c;|/bin/d",
		"":                              "",
	} {
		list, err := commands(setting{UnitOption: unit.UnitOption{Value: text}})
		var got []string
		for _, c := range list {
			got = append(got, c.prefix+"|"+strings.Join(c.argv, " "))
		}
		if err != nil || strings.Join(got, ";") != want {
			t.Errorf("commands(%s) = %q, %v", text, got, err)
		}
	}
}

func TestLaunched(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/bin/env -u A B=c nice -n 5 /bin/app x":           "/bin/app x; parent ; user ",
		"setuidgid www envdir /etc/app/env plackup -s Starlet": "plackup -s Starlet; parent ; user setuidgid www",
		"chpst -u www -e env app":                              "app; parent ; user chpst -u www",
		"bundle exec puma":                                     "puma; parent ; user ",
		"bundle exec --keep-file-descriptors puma":             "puma; parent ; user ",
		"/usr/local/bin/uv run --frozen gunicorn":              "gunicorn; parent uv; user ",
		"/opt/rvm/bin/rvm 3.3 do puma":                         "puma; parent rvm; user ",
		"tini -g -- app":                                       "app; parent tini; user ",
		"docker exec -i c app":                                 "docker exec -i c app; parent docker; user ",
		"podman $LOGGING system service":                       "podman $LOGGING system service; parent ; user ",
		"sh -c 'exec app 2>&1 | logger'":                       "app 2>&1; parent sh -c; user ",
		"sh -c 'exec app &'":                                   "app; parent sh -c; user ",
		"sh -c 'exec app --match \"a|b\" 2>&1'":                "app --match a|b 2>&1; parent ; user ",
		"sh -c 'exec app || exit 1'":                           "app; parent ; user ",
		"carton exec -- plackup":                               "plackup; parent ; user ",
		"/bin/sh -c 'cd /srv; exec nice ./app -v > log'":       "./app -v > log; parent ; user ",
		"bash -lc './app && true'":                             "true; parent bash -c; user ",
		"npm start":                                            "npm start; parent npm; user ",
		"sudo -u www app":                                      "app; parent sudo; user sudo -u www",
		"env":                                                  "; parent ; user ",
	} {
		list, err := unitfile.Words(line)
		if err != nil {
			t.Fatal(err)
		}
		l := launched(list)
		if got := strings.Join(l.argv, " ") + "; parent " + l.parent + "; user " + l.user; got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestServer(t *testing.T) {
	for line, want := range map[string]string{
		"plackup -s Starlet": "starlet", "plackup --server=Gazelle a.psgi": "gazelle", "plackup -sTwiggy": "twiggy", "plackup a.psgi": "plackup",
		"/usr/bin/perl -Ilib /usr/bin/starman": "starman", "python3.11 -m gunicorn a:b": "gunicorn", "nodejs a.js": "node",
		"ruby /opt/start_server.rb -- x": "start_server", "perl": "perl", "": "",
	} {
		if got := (launch{argv: strings.Fields(line)}).server(); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{"KilMode": "KillMode", "execstart": "ExecStart", "TimeOutStopSecs": "TimeoutStopSec", "Frobnicate": ""} {
		if got := nearest(name, keys()["Service"]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
