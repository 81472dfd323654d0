package starter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Word begins an option on a command line that is read without being run:
// what Parse refuses as a whole is here seen word by word.
type Word struct {
	Option   string // the full name: "kill-old-delay" also for "--kill"
	Takes    bool   // the option has a value
	Value    string // what stands behind "="
	Attached bool   // there is an "="
}

// ReadWord reads one word by the rules of Parse. It is not ok if word begins no
// option: "--", "-" and plain words. The error is a *UsageError for an option
// that start_server does not have, or cannot tell from others.
func ReadWord(word string) (w Word, ok bool, err error) {
	starter, body, ok := cutStarter(word)
	if !ok || word == "--" {
		return Word{}, false, nil
	}
	name, value, attached := cutValue(body)
	o, err := lookUp(starter, strings.ToLower(name))
	if err != nil {
		return Word{}, true, err
	}
	takes := o.kind == text || o.kind == integer
	return Word{Option: o.name, Takes: takes, Value: value, Attached: attached}, true, nil
}

// Give sets the option that has this full name; the value of one that takes
// none is "". Other than Parse it takes what any start_server took: `=1` behind
// a flag, and fractions of a second. Those that Options holds as whole seconds
// are rounded up. The error is a *UsageError.
func (o *Options) Give(name, value string) error {
	switch name {
	case "interval":
		n, err := fraction(name, value)
		if err != nil {
			return err
		}
		o.Interval = seconds(n)
		return nil
	case "auto-restart-interval", "kill-old-delay", "backlog":
		n, err := fraction(name, value)
		if err != nil {
			return err
		}
		value = strconv.FormatFloat(math.Ceil(min(n, math.MaxInt32)), 'f', 0, 64)
	case "enable-auto-restart":
		if value == "" {
			value = "1"
		}
	}
	o.set(name, value)
	return o.validateSignals()
}

func fraction(name, value string) (float64, error) {
	n, err := strconv.ParseFloat(strings.ReplaceAll(value, "_", ""), 64)
	if err != nil || n < 0 || math.IsNaN(n) {
		return 0, &UsageError{
			Reason: fmt.Sprintf("Value %q invalid for option %s (number expected)", value, name),
			Remedy: fmt.Sprintf("write --%s with a number", name),
		}
	}
	return n, nil
}
