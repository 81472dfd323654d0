package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestDrillBecomesItsProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Symlink("/bin/sh", filepath.Join(dir, drillProgram)); err != nil {
		t.Fatal(err)
	}
	p := start(t, []string{"PATH=" + dir + ":" + os.Getenv("PATH")},
		binary(t, "sdbridge"), "drill", "-c", `echo "$$ has $*"; exit 7`, "it", "--swaps", "3", "--", "./app", "--help")
	p.wantExit(7)
	p.await(fmt.Sprintf("%d has --swaps 3 -- ./app --help", p.pid()))
}

func TestDrillIsNotThere(t *testing.T) {
	t.Parallel()
	p := start(t, []string{"PATH=" + t.TempDir()}, binary(t, "sdbridge"), "drill")
	p.wantExit(exitUnavailable)
	p.await("install it beside sdbridge")
}

func TestFindDrill(t *testing.T) {
	t.Parallel()
	prefix := t.TempDir()
	bin, libexec, other := filepath.Join(prefix, "bin"), filepath.Join(prefix, "libexec/sdbridge"), filepath.Join(prefix, "other")
	for _, dir := range []string{other, libexec, bin} { // each is preferred to those before
		want := filepath.Join(dir, drillProgram)
		writeProgram(t, want, "")
		if got, err := findDrill(bin, other); got != want {
			t.Errorf("found %q, %v, want %q", got, err, want)
		}
	}
}

func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o777); err != nil {
		t.Fatal(err)
	}
}
