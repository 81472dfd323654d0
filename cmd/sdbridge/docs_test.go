package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

// notOurs are flags of other programs that the pages name.
var notOurs = []string{
	"--fd", "--max-workers", "--now", "--property", "--socket-property", "--time", "--unit", "--unix-socket", "--workers",
}

// TestPagesNameFlagsThatAreThere keeps the pages from showing what was renamed.
func TestPagesNameFlagsThatAreThere(t *testing.T) {
	known := slices.Clone(notOurs)
	root := newRoot()
	for _, c := range append(commands(root), root) {
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	}
	flag := regexp.MustCompile(`(?:^|[\s"(\x60])(--[a-z][a-z-]*[a-z])`)
	drill, err := os.ReadFile(filepath.Join(docs, "man/sdbridge-drill.1")) // the man pages' test keeps it true
	if err != nil {
		t.Fatal(err)
	}
	for _, help := range []string{starter.Help(), strings.NewReplacer(`\-`, "-", `\fB`, " ").Replace(string(drill))} {
		for _, match := range flag.FindAllStringSubmatch(help, -1) {
			known = append(known, match[1])
		}
	}
	pages, _ := filepath.Glob(filepath.Join(docs, "*.md"))
	for _, page := range append(pages, "../../README.md", "../../HACKING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			for _, match := range flag.FindAllStringSubmatch(line, -1) {
				if !slices.Contains(known, match[1]) {
					t.Errorf("%s:%d: there is no flag %s", page, i+1, match[1])
				}
			}
		}
	}
}
