package check

import (
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
)

// bridge is a command line of `sdbridge run`.
type bridge struct {
	flags *pflag.FlagSet
	child []string
	wrong error // the command line is refused
}

// bridgeOf reads a command line of `sdbridge run`; nil where it is none.
func (h Host) bridgeOf(argv []string) *bridge {
	if len(argv) < 2 || filepath.Base(argv[0]) != "sdbridge" || argv[1] != "run" || h.RunFlags == nil {
		return nil
	}
	b := &bridge{flags: h.RunFlags()}
	b.flags.SetInterspersed(false)
	b.wrong = b.flags.Parse(argv[2:])
	b.child = b.flags.Args()
	return b
}

// text is the value of a flag.
func (b *bridge) text(flag string) string {
	if f := b.flags.Lookup(flag); f != nil {
		return f.Value.String()
	}
	return ""
}

// list is that of a flag that can be repeated.
func (b *bridge) list(flag string) []string {
	list, _ := b.flags.GetStringArray(flag)
	return list
}

// given tells whether a flag stands in the command line.
func (b *bridge) given(flag string) bool { return b.flags.Changed(flag) }

// span is the value of a flag that takes a duration.
func (b *bridge) span(flag string) time.Duration {
	d, _ := time.ParseDuration(b.text(flag))
	return d
}
