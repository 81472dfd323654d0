//go:build mutation

package machine

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMutation compiles the package with each mutant in turn; the walk or the
// table must object. It takes more than a minute: go test -tags mutation.
func TestMutation(t *testing.T) {
	source, err := os.ReadFile("machine.go")
	if err != nil {
		t.Fatal(err)
	}
	turns := make(chan struct{}, 2) // two at a time
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			if n := strings.Count(string(source), m.from); n != 1 {
				t.Fatalf("machine.go has %d times, not once: %s", n, m.from)
			}
			t.Parallel()
			turns <- struct{}{}
			defer func() { <-turns }()
			out, passed := testMutant(t, strings.Replace(string(source), m.from, m.to, 1))
			switch {
			case passed:
				t.Error("survived")
			case strings.Contains(out, "--- FAIL: "):
				t.Log(firstObjection(out))
			default:
				t.Errorf("did not run:\n%s", out)
			}
		})
	}
}

// testMutant runs the tests with another machine.go and returns what they
// print, and whether they pass.
func testMutant(t *testing.T, source string) (string, bool) {
	t.Helper()
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, "machine.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs("machine.go")
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {original: mutant}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string]string{mutant: source, overlay: string(replace)} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-vet=off", "-ldflags=-s -w",
		"-failfast", "-timeout=60s", "-run=^(TestTable|TestWalk)$", ".")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// firstObjection returns the line that says what is wrong.
func firstObjection(out string) string {
	for line := range strings.Lines(out) {
		if strings.Contains(line, "broken: ") || strings.Contains(line, "_test.go:") {
			return strings.TrimSpace(line)
		}
	}
	return out
}
