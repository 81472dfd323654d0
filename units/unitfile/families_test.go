package unitfile

import (
	"strings"
	"testing"
)

func TestReaches(t *testing.T) {
	for values, want := range map[string]bool{ // the values of AF_UNIX, with a bar between
		"":                         true,
		"AF_UNIX AF_INET":          true,
		"AF_INET|AF_UNIX":          true,
		"AF_INET":                  false,
		"none":                     false,
		"none|AF_UNIX":             true,
		"~AF_UNIX":                 false,
		"~AF_PACKET":               true,
		"AF_UNIX AF_INET|~AF_UNIX": false,
		"~AF_UNIX|AF_UNIX":         true,
		"AF_INET||~AF_PACKET":      true,
	} {
		if got := Reaches(strings.Split(values, "|"), "AF_UNIX"); got != want {
			t.Errorf("%q: %v", values, got)
		}
	}
}
