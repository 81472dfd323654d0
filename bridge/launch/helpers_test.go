package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree makes files below a new directory, which it returns without symbolic
// links. A value "-> x" makes a link; a name that ends in a slash makes a
// directory; a file below bin can be executed.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	for name, content := range files {
		path := filepath.Join(root, name)
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		target, link := strings.CutPrefix(content, "-> ")
		switch {
		case strings.HasSuffix(name, "/"):
			check(t, os.MkdirAll(path, 0o755))
		case link:
			check(t, os.Symlink(target, path))
		default:
			mode := os.FileMode(0o644)
			if filepath.Base(filepath.Dir(path)) == "bin" {
				mode = 0o755
			}
			check(t, os.WriteFile(path, []byte(content), mode))
		}
	}
	return root
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// replaceSystem lets calls fail until the test ends.
func replaceSystem(t *testing.T, change func(*sys)) {
	t.Helper()
	before := system
	t.Cleanup(func() { system = before })
	change(&system)
}

func prepare(t *testing.T, s Spec) Launch {
	t.Helper()
	l, err := s.Prepare()
	check(t, err)
	return l
}

// lookup is getenv(3).
func lookup(env []string, name string) (value string, ok bool) {
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// wantError compares a message in which ROOT stands for root; "" wants none.
func wantError(t *testing.T, err error, root, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = strings.ReplaceAll(err.Error(), root, "ROOT")
	}
	if got != want {
		t.Fatalf("error\n got %q\nwant %q", got, want)
	}
}
