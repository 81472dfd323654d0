package matrix

import (
	"os"
	"strings"
	"testing"
)

// child is a server, a row of the table.
type child struct {
	name    string // its folder or, where it has none, what SDBRIDGE_MATRIX calls it
	title   string // as the table has it
	core    bool   // part of `make check`
	flags   string // of `sdbridge run`, which it needs
	several []kind // what it is given in the column of that name

	// command makes it, where it must be made, and returns its command line for
	// the addresses that it is handed.
	command func(t *testing.T, bind string) []string
	// front, where the child speaks no HTTP, starts what does before a socket,
	// and returns its address.
	front func(t *testing.T, socket string) string
	// cannot holds the kinds of socket that it cannot serve.
	cannot map[kind]failure
	// loses says how it loses requests by itself, at a swap by anybody. "": it
	// loses none.
	loses string
}

// failure is why a kind of socket cannot be served.
type failure struct {
	reason string // for the table
	says   string // what the server writes then; "": nothing
}

// wanted are the children that SDBRIDGE_MATRIX names.
func wanted(t *testing.T) []child {
	t.Helper()
	value := os.Getenv("SDBRIDGE_MATRIX")
	var chosen []child
	for _, c := range children {
		if value == "all" || value == "core" && c.core || strings.Contains(","+value+",", ","+c.name+",") {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		t.Skip("builds and downloads servers: set SDBRIDGE_MATRIX to all, core, or names joined by commas")
	}
	return chosen
}
