package main

import (
	"fmt"
	"strconv"
	"time"
)

// seconds is a flag's duration: "2" and "1.5" are seconds, "500ms" and "2m" are
// as time.ParseDuration takes them.
type seconds time.Duration

func (s *seconds) Set(value string) error {
	d, err := time.ParseDuration(value)
	if n, e := strconv.ParseFloat(value, 64); e == nil {
		d, err = time.Duration(n*float64(time.Second)), nil
		if n > maxSeconds || n != n {
			err = fmt.Errorf("out of range")
		}
	}
	if err != nil || d < 0 {
		return fmt.Errorf("write seconds (2, 1.5) or a number with a unit (500ms, 2m)")
	}
	*s = seconds(d)
	return nil
}

// maxSeconds is a century: enough for every purpose, and no overflow.
const maxSeconds = 100 * 365 * 24 * 3600

func (s *seconds) String() string { return time.Duration(*s).String() }
func (s *seconds) Type() string   { return "duration" }
