package starter

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	defaultAutoRestartInterval = 360 * time.Second
	defaultKillOldDelay        = 5 * time.Second // with auto-restart; else none
)

// Overrides is what start_server takes from environment variables, anew at
// each turn of its loop: a file in the environment directory thus beats the
// option, and the option the environment that start_server was started with.
type Overrides struct {
	EnvDir              string        // ENVDIR; empty when unset
	AutoRestart         bool          // ENABLE_AUTO_RESTART
	AutoRestartInterval time.Duration // AUTO_RESTART_INTERVAL, at least 1 s; 0 without AutoRestart
	KillOldDelay        time.Duration // KILL_OLD_DELAY
}

// Environ gives the variables that the options set, as NAME=value. Children
// see them too.
func (o *Options) Environ() []string {
	var env []string
	if o.EnvDir != nil {
		env = append(env, "ENVDIR="+*o.EnvDir)
	}
	if o.EnableAutoRestart != nil {
		env = append(env, "ENABLE_AUTO_RESTART="+map[bool]string{false: "0", true: "1"}[*o.EnableAutoRestart])
	}
	if o.KillOldDelay != nil {
		env = append(env, "KILL_OLD_DELAY="+strconv.Itoa(*o.KillOldDelay))
	}
	if o.AutoRestartInterval != nil {
		env = append(env, "AUTO_RESTART_INTERVAL="+strconv.Itoa(*o.AutoRestartInterval))
	}
	return env
}

// ReadOverrides evaluates a finished environment, NAME=value with the last one
// valid, as Perl would: "" and "0" are false, and a number ends where digits
// do, so "5s" is 5 and "abc" is 0.
func ReadOverrides(env []string) Overrides {
	dir, _ := variable(env, "ENVDIR")
	enable, _ := variable(env, "ENABLE_AUTO_RESTART")
	o := Overrides{EnvDir: dir, AutoRestart: truth(enable)}
	if o.AutoRestart {
		o.AutoRestartInterval = defaultAutoRestartInterval
		o.KillOldDelay = defaultKillOldDelay
		if v, _ := variable(env, "AUTO_RESTART_INTERVAL"); truth(v) {
			o.AutoRestartInterval = max(seconds(numeric(v)), time.Second)
		}
	}
	if v, ok := variable(env, "KILL_OLD_DELAY"); ok {
		o.KillOldDelay = seconds(numeric(v))
	}
	return o
}

func variable(env []string, name string) (value string, ok bool) {
	for _, v := range env {
		if n, rest, found := strings.Cut(v, "="); found && n == name {
			value, ok = rest, true
		}
	}
	return value, ok
}

// truth is a string as a condition in Perl.
func truth(s string) bool { return s != "" && s != "0" }

var numericPrefix = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t\n\r\f]*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)`)
})

// numeric is a string as a number in Perl.
func numeric(s string) float64 {
	m := numericPrefix().FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(m[1], 64) // beyond the range: infinity
	return n
}
