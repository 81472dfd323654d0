package main

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/programs"
)

// The tests run the real program: this test binary is sdbridge when it is
// called so, or start_server, or when it is a trampoline.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "sdbridge", "start_server", "(sdbridge trampoline)":
		main()
	}
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		_ = n.Value.Set("8") // they wait more than they work
	}
	status := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(status)
}

var binaries string // directory of what the tests run

// build makes the children and the stand-in for systemd, once.
var build = sync.OnceValue(func() (err error) {
	binaries, err = programs.Make([]string{"sdbridge", "start_server"},
		"../../testdata/children/kid", "../../testdata/children/plain", "../../testdata/tools/act")
	return err
})

// binary is the path of sdbridge, start_server, kid, plain or act.
func binary(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(binaries, name)
}
