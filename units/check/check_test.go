package check

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/units"
)

var update = flag.Bool("update", false, "write the golden files")

// testSpan is a duration flag of the bridge, as far as these tests write them.
type testSpan time.Duration

func (s *testSpan) Set(text string) error {
	d, _ := span(text)
	*s = testSpan(d)
	return nil
}
func (s *testSpan) String() string { return time.Duration(*s).String() }
func (s *testSpan) Type() string   { return "duration" }

// runFlags are those of `sdbridge run` that the rules look at.
func runFlags() (*pflag.FlagSet, func([]string) error) {
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	for name, value := range map[string]time.Duration{
		"start-timeout": time.Minute, "kill-old-delay": 2 * time.Second, "drain-timeout": time.Minute,
	} {
		v := testSpan(value)
		set.Var(&v, name, "")
	}
	for name, value := range map[string]string{
		"ready": "auto", "export": "both", "control": "", "dir": "", "signal-on-hup": "TERM", "signal-on-term": "TERM",
	} {
		set.String(name, value, "")
	}
	for _, name := range []string{"port", "path", "select", "rename", "env-file"} {
		set.StringArray(name, nil, "")
	}
	for _, name := range []string{"no-socket", "idle-exit", "daemonize"} {
		set.Bool(name, false, "")
	}
	return set, func([]string) error { return nil }
}

// host knows the files of root alone.
func host(root string) Host { return Host{Root: root, Version: 252, RunFlags: runFlags} }

// sound are the pairs under testdata in which nothing is wrong.
var sound = []string{"01-tutorial", "21-flock", "23-sound", "24-sound-others"}

func TestPairs(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) < 15 {
		t.Fatalf("%d pairs, %v", len(dirs), err)
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			findings, err := host(t.TempDir()).Check(dir)
			if err != nil {
				t.Fatal(err)
			}
			if Faulty(findings) == slices.Contains(sound, name) {
				t.Errorf("faulty: %v", Faulty(findings))
			}
			golden(t, filepath.Join(dir, "want"), text(t, findings))
		})
	}
}

func text(t *testing.T, findings []Finding) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, findings); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant %s:\n%s", got, path, want)
	}
}

// write makes files of a txtar-like map.
func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			if err := os.Symlink(target, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestShippedPairIsQuiet(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"etc/systemd/system/app.socket":  units.Socket,
		"etc/systemd/system/app.service": units.Service,
	})
	for _, version := range []int{0, 247, 252, 257} {
		h := host(root)
		h.Version = version
		for _, arg := range []string{"app", "app.socket", "app.service", filepath.Join(root, "etc/systemd/system")} {
			findings, err := h.Check(arg)
			if err != nil || len(findings) > 0 {
				t.Errorf("%s: %v\n%s", arg, err, text(t, findings))
			}
		}
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
