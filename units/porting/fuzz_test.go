package porting

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzRead: whatever a text is, reading it ends without a panic, and what comes
// of it is whole.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden") || strings.HasPrefix(file, "testdata/fuzz/") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for kind := Auto; kind <= Crontab; kind++ {
			f.Add(text, int(kind))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, kind int) {
		services, err := Read(text, Source{Path: "/srv/app/file", Kind: Kind(kind)})
		if err == nil && len(services) == 0 {
			t.Fatal("neither a service nor an error")
		}
		for _, s := range services {
			check(t, s)
		}
	})
}

func check(t *testing.T, s Service) {
	t.Helper()
	if len(s.Options.Command) > 0 || s.Given == nil {
		t.Errorf("%+v", s)
	}
	if len(s.Command) == 0 && len(s.Missing) == 0 && !s.Options.Restart && !s.Options.Stop {
		t.Errorf("no command: %+v", s)
	}
	for _, m := range s.Missing {
		if m.Text == "" || m.Where == "" || m.Remedy == "" {
			t.Errorf("%+v", m)
		}
	}
	for _, u := range s.Unit {
		if u.Section == "" || u.Name == "" || u.Name == "ExecStart" {
			t.Errorf("%+v", u)
		}
	}
}

// calling makes n functions, of which each calls the next one.
func calling(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i, i+1)
	}
	return b.String()
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X%d=1\n", i)
	}
	return b.String()
}

func TestReadEndsOnHostileTexts(t *testing.T) {
	for name, text := range map[string]string{
		"nested substitutions": strings.Repeat("$(", 100_000) + "start_server",
		"nested subshells":     strings.Repeat("(", 200_000) + "start_server",
		"nested quotes":        "start_server --port " + strings.Repeat(`"$(`, 50_000),
		"doubling":             "X=start_server\\ --port\\ 1\n" + strings.Repeat("X=\"$X$X\"\n", 100) + "$X -- a\n",
		"doubling lists":       "X=(start_server)\n" + strings.Repeat("X=(\"${X[@]}\" \"${X[@]}\")\n", 100) + "\"${X[@]}\" -- a\n",
		"shells in shells":     strings.Repeat("eval sh -c 'eval ", 50) + "start_server" + strings.Repeat("'", 50),
		"make":                 "a:\n\tstart_server $(x)\nx = $(x)$(x)$(x)$(x)$(x)$(x)$(x)$(x)$(x)$(x)\n",
		"recursive function":   "f() { f; start_server --port 1 -- a; }\nf\n",
		"functions doubling":   calling(30, "f%d() { f%d; f%[2]d; X=\"$X$X$X\"; }\n") + "X=start_server\nf0\n$X --port 1 -- a\n",
		"arguments doubling":   calling(200, "f%d() { f%d \"$@\" \"$@\" \"$*$*\"; }\n") + "f0 start_server --port 1 -- a\n",
		"sourced a lot":        strings.Repeat("X=1\n. x\n", 2500) + manyNames(2000) + strings.Repeat(". x\n", 5000) + "start_server --port 1 -- a\n",
		"nothing":              "",
		"empty pattern":        "${0##}",
		"only a wrapper":       "start_server -- setuidgid www",
		"nameless section":     "[]\n0=\n[Service]\nExecStart=start_server a",
		"large":                strings.Repeat("a\n", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			services, err := Read([]byte(text), Source{})
			if err == nil && len(services) == 0 {
				t.Error("neither a service nor an error")
			}
		})
	}
}
