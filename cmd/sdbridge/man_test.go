package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

var update = flag.Bool("update", false, "rewrite the man pages and the completions in docs")

const docs = "../../docs"

func TestManPages(t *testing.T) {
	root := newRoot()
	pages := map[string]string{}
	for _, c := range append(commands(root), root) {
		own := ""
		switch c.Name() {
		case "start_server":
			_, own, _ = strings.Cut(starter.Help(), "\n\n")
		case "drill":
			own = fromDrill(t, c)
		}
		pages[manName(c)+".1"] = manPage(c, own)
	}
	golden(t, filepath.Join(docs, "man"), pages)
}

// fromDrill gives c the texts of the program that it becomes, and returns the
// list of its flags.
func fromDrill(t *testing.T, c *cobra.Command) (flags string) {
	t.Helper()
	text, err := exec.Command("go", "run", "../sdbridge-drill", "--help").Output()
	if err != nil {
		t.Fatalf("sdbridge-drill --help: %v", err)
	}
	long, rest, _ := strings.Cut(string(text), "\n\nUsage:\n")
	_, rest, _ = strings.Cut(rest, "Examples:\n")
	examples, rest, found := strings.Cut(rest, "\n\nFlags:\n")
	if !found {
		t.Fatalf("sdbridge-drill --help is not as cobra writes it:\n%s", text)
	}
	c.Long, c.Example = long, examples
	flag := regexp.MustCompile(`(?m)^ +((?:-\w, )?--\S+(?: \w+)?)  +`)
	return strings.ReplaceAll(flag.ReplaceAllString(rest, "  $1  "), " stringArray  ", " string  ")
}

// TestManPagesAreClean has them read by the formatters that are there.
func TestManPagesAreClean(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(docs, "man", "*.1"))
	if err != nil || len(pages) == 0 {
		t.Fatal("no pages", err)
	}
	readers := [][]string{
		{"groff", "-man", "-ww", "-z", "-Tutf8"},
		{"mandoc", "-T", "lint", "-W", "warning"},
	}
	found := false
	for _, reader := range readers {
		if _, err := exec.LookPath(reader[0]); err != nil {
			continue
		}
		found = true
		for _, page := range pages {
			text, err := exec.Command(reader[0], append(reader[1:], page)...).CombinedOutput()
			if err != nil || len(text) > 0 {
				t.Errorf("%s: %v\n%s", reader[0], err, text)
			}
		}
	}
	if !found {
		t.Skip("neither groff nor mandoc is installed")
	}
}

// golden compares the files of a directory, which are all that is in it.
func golden(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if *update {
		rewrite(t, dir, files)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := files[e.Name()]; !ok {
			t.Errorf("%s is of no use; go test -update removes it", filepath.Join(dir, e.Name()))
		}
	}
	for name, want := range files {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s is not what the commands say; make man writes it anew", filepath.Join(dir, name))
		}
	}
}

func rewrite(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
