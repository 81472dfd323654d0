// Package seconds is the duration flag of the test programs: like the flags of
// sdbridge it takes a plain number of seconds too.
package seconds

import (
	"flag"
	"strconv"
	"time"
)

type value time.Duration

// Flag defines a duration flag of the given name: "2", "1.5", "500ms" or "2m".
func Flag(flags *flag.FlagSet, name, usage string) *time.Duration {
	d := new(time.Duration)
	flags.Var((*value)(d), name, usage)
	return d
}

// Set parses a number of seconds or a duration with its unit.
func (v *value) Set(s string) error {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		s += "s"
	}
	d, err := time.ParseDuration(s)
	*v = value(d)
	return err
}

func (v *value) String() string { return time.Duration(*v).String() }
