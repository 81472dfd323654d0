// Package seconds is how all programs here take a duration: a bare number is
// seconds, as start_server has it.
//
//	timeout := seconds.Duration(10 * time.Second)
//	flags.Var(&timeout, "timeout", "how long to wait")
package seconds

import (
	"errors"
	"flag"
	"strconv"
	"time"
)

// Duration is the value of a flag, a flag.Value and a pflag.Value: "2" and "1.5" are seconds,
// "500ms" and "2m" are as time.ParseDuration takes them.
type Duration time.Duration

// most is a century: enough for every purpose, and no overflow.
const most = 100 * 365 * 24 * 3600

// Set refuses what is negative, and more than a century of bare seconds.
func (d *Duration) Set(value string) error {
	set, err := time.ParseDuration(value)
	if n, e := strconv.ParseFloat(value, 64); e == nil {
		set, err = time.Duration(n*float64(time.Second)), nil
		if n > most || n != n {
			err = strconv.ErrRange
		}
	}
	if err != nil || set < 0 {
		return errors.New("write seconds (2, 1.5) or a number with a unit (500ms, 2m)")
	}
	*d = Duration(set)
	return nil
}

func (d *Duration) String() string { return time.Duration(*d).String() }

// Type is how --help calls the value.
func (d *Duration) Type() string { return "duration" }

// Flag defines a flag that is 0 by default, in a program without pflag.
func Flag(flags *flag.FlagSet, name, usage string) *time.Duration {
	d := new(time.Duration)
	flags.Var((*Duration)(d), name, usage)
	return d
}
