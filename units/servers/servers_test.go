package servers

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	for line, want := range map[string]string{
		"plackup -s Starlet app.psgi":                       "Starlet",
		"carton exec -- plackup -E prod -sStarman app.psgi": "Starman",
		"plackup --server=Gazelle app.psgi":                 "Gazelle",
		"plackup --server Twiggy app.psgi":                  "Twiggy",
		"plackup app.psgi":                                  "",
		"/usr/bin/starman --workers 4":                      "starman",
		`sh -c 'exec carton exec -- "starman" app.psgi'`:    "starman",
		"bundle exec --keep-file-descriptors unicorn -c x":  "unicorn",
		"gunicorn -k uvicorn.workers.UvicornWorker app:app": "gunicorn",
		"./app": "",
		"":      "",
	} {
		if got := Find(strings.Fields(line)).Name; got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]string{"starlet": "TERM", "STARMAN": "QUIT", "h2o": "TERM"} {
		if s := Named(name); s.Name == "" || s.Graceful() != want || s.CutBy(want) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if s := Named("app"); s.Name != "" || s.CutBy("QUIT") {
		t.Errorf("of an unknown one: %+v", s)
	}
}
