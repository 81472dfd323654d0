package porting

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sources are the cases that are read with more than the file's name.
var sources = map[string]Source{
	"c10/given":             {Set: map[string]string{"infra_user": "infra", "ENVDIR_APP": "/srv/env", "APP_BASE": "/srv/app"}},
	"c13/given":             {Set: map[string]string{"APP_HOME": "/usr/local/app", "APP_STORAGE_PORT": "8000"}},
	"c19/absolute":          {Path: "/srv/worker/start.sh"},
	"c24/given.mk":          {Path: "/srv/appd/Makefile", Set: map[string]string{"project": "appd"}},
	"c34/given.dockerfile":  {Kind: Dockerfile, Set: map[string]string{"$(nproc)": "4"}},
	"kinds/arguments-given": {Set: map[string]string{"$@": ""}},
	"c50/home":              {Set: map[string]string{"HOME": "/home/app"}},
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, _ := strings.CutPrefix(file, "testdata/")
		if strings.HasSuffix(name, ".golden") || strings.HasPrefix(name, "fuzz/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := sources[name]
			if o.Path == "" {
				o.Path = filepath.Base(name)
			}
			golden(t, file+".golden", show(Read(text, o)))
		})
	}
}

func golden(t *testing.T, file, have string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if have != string(want) {
		t.Errorf("%s (rewrite it with -update)\nhave:\n%s\nwant:\n%s", file, have, want)
	}
}

// show writes what is set in services, one thing a line.
func show(services []Service, err error) string {
	var b strings.Builder
	line := func(key string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "[]" {
			fmt.Fprintf(&b, "%s: %s\n", key, text)
		}
	}
	for i, s := range services {
		if i > 0 {
			b.WriteString("\n")
		}
		line("source", s.Source)
		line("name", s.Name)
		line("options", options(s))
		line("wrappers", quoted(s.Wrappers))
		line("command", quoted(s.Command))
		line("expanded", s.Expanded)
		for _, e := range s.Environment {
			line("environment", e)
		}
		for _, e := range s.Secrets {
			line("secret", e)
		}
		line("environment files", s.EnvironmentFiles)
		line("directory", s.Directory)
		line("user", s.User)
		line("group", s.Group)
		line("umask", s.UMask)
		if s.AsRoot {
			line("other Exec lines", "as root")
		}
		for _, u := range s.Unit {
			line("unit", "["+u.Section+"] "+u.Name+"="+u.Value)
		}
		for _, m := range s.Missing {
			line("missing", fmt.Sprintf("%s in %s: %s", m.Text, m.Where, m.Remedy))
		}
		for _, n := range s.Notes {
			line("note", n)
		}
	}
	if err != nil {
		line("error", err)
	}
	return b.String()
}

// options writes those that differ from the defaults, and names those that
// were given with a value that is not known.
func options(s Service) string {
	o, d := s.Options, starter.Defaults()
	var all []string
	add := func(name string, value any, set bool) {
		switch {
		case set:
			all = append(all, fmt.Sprintf("--%s=%v", name, value))
		case s.Given[name]:
			all = append(all, "--"+name+"?")
		}
	}
	for _, p := range o.Ports {
		add("port", p, true)
	}
	if len(o.Ports) == 0 {
		add("port", "", false)
	}
	for _, p := range o.Paths {
		add("path", p, true)
	}
	add("interval", o.Interval, o.Interval != d.Interval)
	add("backlog", o.Backlog, o.Backlog != 0)
	add("dir", o.Dir, o.Dir != "")
	add("log-file", o.LogFile, o.LogFile != "")
	add("pid-file", o.PidFile, o.PidFile != "")
	add("status-file", o.StatusFile, o.StatusFile != "")
	add("signal-on-hup", o.SignalOnHUP, s.Given["signal-on-hup"])
	add("signal-on-term", o.SignalOnTERM, s.Given["signal-on-term"])
	all = append(all, o.Environ()...)
	for name, on := range map[string]bool{"daemonize": o.Daemonize, "restart": o.Restart, "stop": o.Stop} {
		add(name, on, on)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func quoted(words []string) string {
	var all []string
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\"'") {
			w = fmt.Sprintf("%q", w)
		}
		all = append(all, w)
	}
	return strings.Join(all, " ")
}
