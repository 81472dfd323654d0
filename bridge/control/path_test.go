package control

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func env(values map[string]string) Lookup {
	return func(name string) (string, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func TestPath(t *testing.T) {
	for _, c := range []struct{ variable, value, flag, want string }{
		{"", "", "", ""},
		{"SDBRIDGE_CONTROL", "/a/c", "", "/a/c"},
		{"SDBRIDGE_CONTROL", "/a/c", "/b", "/b"},
		{"RUNTIME_DIRECTORY", "/run/app", "", "/run/app/control"},
		{"RUNTIME_DIRECTORY", "/run/app:/run/sdbridge/app", "", "/run/sdbridge/app/control"},
		{"RUNTIME_DIRECTORY", "/run/sdbridge/app", "/b", "/b"},
		{"RUNTIME_DIRECTORY", "/run/a:/run/b", "", ""},
		{"RUNTIME_DIRECTORY", "/run/a:/run/sdbridge", "", ""},
		{"RUNTIME_DIRECTORY", ":", "", ""},
	} {
		if got := Path(env(map[string]string{c.variable: c.value}), c.flag); got != c.want {
			t.Errorf("%s=%s, --control %q: %q, want %q", c.variable, c.value, c.flag, got, c.want)
		}
	}
}

func TestFind(t *testing.T) {
	system, user := t.TempDir(), t.TempDir()
	put := func(dir string) string {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "control")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	app, own := put(filepath.Join(system, "app")), put(filepath.Join(user, "sdbridge", "own"))
	missing := filepath.Join(system, "no", "control")
	lookup := map[string]string{"XDG_RUNTIME_DIR": user}
	inUnit := map[string]string{"RUNTIME_DIRECTORY": filepath.Dir(app)}

	for _, c := range []struct {
		name, flag string
		env        map[string]string
		want       []Place // nil: an error
	}{
		{"app", "", lookup, []Place{{"app", app}}},
		{"app.service", "", nil, []Place{{"app", app}}},
		{"own", "", lookup, []Place{{"own", own}}},
		{"no", "", lookup, []Place{{"no", missing}}},
		{"own", "", inUnit, []Place{{"own", filepath.Join(system, "own", "control")}}},
		{"", "/x", lookup, []Place{{"", "/x"}}},
		{"", "", inUnit, []Place{{"", app}}},
		{"", "", lookup, []Place{{"app", app}, {"own", own}}},
		{"app", "/x", lookup, nil},
		{"../app", "", lookup, nil},
		{"..", "", lookup, nil},
		{".service", "", lookup, nil},
	} {
		got, err := find(env(c.env), c.name, c.flag, system)
		if (err != nil) != (c.want == nil) || !slices.Equal(got, c.want) {
			t.Errorf("%q --control %q: %v, %v, want %v", c.name, c.flag, got, err, c.want)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("/run/app:/run/sdbridge/app")
	f.Add("::sdbridge/")
	f.Fuzz(func(t *testing.T, list string) {
		got := Path(env(map[string]string{"RUNTIME_DIRECTORY": list}), "")
		if got != "" && filepath.Base(got) != fileName {
			t.Errorf("%q leads to %q", list, got)
		}
	})
}

func timeout(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), 50*time.Millisecond)
}
