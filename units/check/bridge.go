package check

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// bridge is a command line of `sdbridge run`.
type bridge struct {
	flags *pflag.FlagSet
	child []string
	wrong error // the command line is refused

	vague map[string]bool // flags with a variable in their value that is not known
	open  bool            // a variable may be any flags
	after map[string]bool // flags behind that, whose values count
}

// bridgeOf reads a command line of `sdbridge run`; nil where it is none.
func (h Host) bridgeOf(argv []string) *bridge {
	if len(argv) < 2 || filepath.Base(argv[0]) != "sdbridge" || argv[1] != "run" || h.RunFlags == nil {
		return nil
	}
	flags, refuse := h.RunFlags()
	b := &bridge{flags: flags, vague: map[string]bool{}, after: map[string]bool{}}
	b.flags.SetInterspersed(false)
	b.wrong = b.flags.Parse(b.plain(argv[2:]))
	b.child = b.flags.Args()
	if b.wrong == nil && len(b.child) > 0 && !b.open && len(b.vague) == 0 {
		b.wrong = refuse(b.child)
	}
	return b
}

// plain leaves out the flags that have a variable in them.
func (b *bridge) plain(args []string) (list []string) {
	for i := 0; i < len(args); i++ {
		word := args[i]
		if word == "--" || !strings.HasPrefix(word, "-") && !vague(word) {
			return append(list, args[i:]...)
		}
		name, value, joined := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		words := []string{word}
		if flag := b.flags.Lookup(name); flag != nil && !joined && flag.NoOptDefVal == "" && i+1 < len(args) {
			i++
			value = args[i]
			words = append(words, value)
		}
		switch {
		case !strings.HasPrefix(word, "-") || vague(name):
			b.open, b.after = true, map[string]bool{}
		case vague(value):
			b.vague[name] = true
		default:
			b.after[name] = true
			list = append(list, words...)
		}
	}
	return list
}

// knows tells whether it is known what the command line says of these flags, or
// that it says nothing.
func (b *bridge) knows(flags ...string) bool {
	for _, name := range flags {
		f := b.flags.Lookup(name)
		last := f != nil && f.Value.Type() != "stringArray" && b.after[name] // which counts
		if b.vague[name] || b.open && !last {
			return false
		}
	}
	return true
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
