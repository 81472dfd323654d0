package porting

import (
	"regexp"
	"sync"
)

// pattern is compiled when it is needed: this package is linked into a program
// that runs for months without it.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
