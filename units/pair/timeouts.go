package pair

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-systemd/v22/unit"
)

// timeout takes a time limit of the old unit over: of the start the longer one;
// that of the stop is the bridge's --drain-timeout, see drain.
func (m *maker) timeout(f *file, o *unit.UnitOption) {
	names := []string{o.Name}
	if o.Name == "TimeoutSec" {
		names = []string{"TimeoutStartSec", "TimeoutStopSec"}
	}
	for _, name := range names {
		i := f.index(service, name)
		if i < 0 { // the service of systemd alone: as it was
			f.add(old(unit.NewUnitOption(service, name, o.Value)))
			continue
		}
		was, ok := timeSpan(o.Value)
		mine, _ := timeSpan((*f)[i].Value)
		switch {
		case !ok:
			m.note("%s=%s is not carried over: the pair says %s", name, o.Value, (*f)[i].Value)
		case name == "TimeoutStopSec": // drain has it
		case was > mine:
			f.set(service, name, o.Value, "from the old unit: longer than needed")
		case was < mine:
			m.note("%s=%s is not carried over: the pair needs %s, for a start, and each reload, may take --start-timeout and --kill-old-delay; for less give --start-timeout, too", name, o.Value, (*f)[i].Value)
		}
	}
}

// drain is how long what served before may take to its end, as the old unit said
// by its stop timeout; not ok where it did not. The longest there is is for ever.
func (m *maker) drain() (d time.Duration, text string, ok bool) {
	for _, o := range slices.Backward(m.Unit) {
		if o.Section != service || o.Name != "TimeoutStopSec" && o.Name != "TimeoutSec" {
			continue
		}
		d, ok = timeSpan(o.Value)
		return d, o.Name + "=" + o.Value, ok
	}
	return 0, "", false
}

// drainFlag is --drain-timeout, "" for what the bridge takes without. A server that
// needs one of its own has it among its flags.
func (m *maker) drainFlag() string {
	d, text, ok := m.drain()
	own := slices.ContainsFunc(m.child.Flags, func(f string) bool { return strings.HasPrefix(f, "--drain-timeout") })
	switch {
	case !ok || d == drainTimeout:
		return ""
	case own:
		m.unlessNoted("%s is not carried over: %s needs %s", text, m.child.Name, strings.Join(m.child.Flags, " "))
		return ""
	case d == math.MaxInt64:
		return "0"
	case d < drainTimeout:
		m.unlessNoted("%s is --drain-timeout now, which also holds for what a reload replaces: for longer requests write more there, and into TimeoutStopSec=", text)
	}
	return secondsOf(d)
}

// stopTimeout is TimeoutStopSec=: more than --drain-timeout.
func (m *maker) stopTimeout(f *file) {
	value, why := f.value(service, "TimeoutStopSec"), "more than --drain-timeout (60 s where not given), after which what is left is killed; start_server waited for ever"
	if d, text, ok := m.drain(); ok && m.drainFlag() != "" {
		why = "more than --drain-timeout, which is the old unit's " + text + ": what is left then is killed"
		value = "infinity"
		if d != math.MaxInt64 {
			value = secondsOf(d + drainTimeout/2)
		}
	}
	f.set(service, "TimeoutStopSec", value, why)
}

// timeSpan reads the commoner forms of systemd.time(7).
func timeSpan(value string) (time.Duration, bool) {
	if value == "infinity" || value == "0" {
		return math.MaxInt64, true
	}
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	short := strings.NewReplacer(" ", "", "min", "m", "sec", "s", "hours", "h", "hour", "h", "hr", "h")
	d, err := time.ParseDuration(short.Replace(value))
	return d, err == nil
}
