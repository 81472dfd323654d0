package porting

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

func chpst(w *wrapping) bool {
	name := w.next()
	var kept []word
	for _, o := range w.options("uUbenopdmcftlLC/", "") {
		switch o.name {
		case "u":
			w.sc.setUser(o.value)
			w.rooted("chpst -u")
		case "e":
			if w.behind || w.sc.envDir != nil {
				kept = append(kept, plain("-e"), o.value)
				continue
			}
			w.sc.envDir = &o.value
		case "n":
			w.sc.setting("Nice", o.value)
		case "o", "p", "c", "d", "f", "t", "m":
			w.softly(o)
		case "C":
			w.sc.chdir(o.value)
		default:
			w.note("chpst -" + o.name + " is not carried over")
		}
	}
	if kept != nil {
		w.keep = append(append(w.keep, name), kept...)
	}
	return true
}

func softLimit(w *wrapping) bool {
	w.next()
	for _, o := range w.options("acdflmoprst", "") {
		w.softly(o)
	}
	return true
}

// softLimits are the letters of softlimit and chpst; -m is four of them,
// softlimit(8), chpst(8).
var softLimits = map[string][]string{
	"o": {"LimitNOFILE"}, "p": {"LimitNPROC"}, "c": {"LimitCORE"}, "d": {"LimitDATA"}, "s": {"LimitSTACK"},
	"f": {"LimitFSIZE"}, "t": {"LimitCPU"}, "l": {"LimitMEMLOCK"}, "r": {"LimitRSS"}, "a": {"LimitAS"},
	"m": {"LimitDATA", "LimitSTACK", "LimitMEMLOCK", "LimitAS"},
}

func (w *wrapping) softly(o option) {
	for _, name := range softLimits[o.name] {
		w.sc.limit(name, o.value, "")
	}
}

// prLimits are the letters of prlimit(1).
var prLimits = map[string]string{
	"c": "CORE", "d": "DATA", "e": "NICE", "f": "FSIZE", "i": "SIGPENDING", "l": "MEMLOCK", "m": "RSS", "n": "NOFILE",
	"q": "MSGQUEUE", "r": "RTPRIO", "s": "STACK", "t": "CPU", "u": "NPROC", "v": "AS", "y": "RTTIME",
}

// prLimit is prlimit SOFT:HARD; of a limit without a side the other is as it was.
func prLimit(w *wrapping) bool {
	w.next()
	for _, o := range w.options("cdefilmnqrstuvxy", "") {
		name := orElse(prLimits[o.name], strings.ToUpper(o.name))
		if !slices.Contains(slices.Collect(maps.Values(prLimits)), name) {
			continue
		}
		w.sc.limit("Limit"+name, o.value.changed(func(text string) string { return strings.Trim(text, "=:") }), "")
	}
	return true
}

// setting is a line of the unit, if its value is known.
func (sc *scope) setting(name string, value word) {
	if !value.known() {
		sc.want(value, name+"=")
		return
	}
	sc.tell(value)
	sc.option(name, value.text())
}

func nice(w *wrapping) bool {
	w.next()
	value := plain("10")
	if len(w.rest) > 0 {
		if n, ok := strings.CutPrefix(w.rest[0].text(), "-"); ok {
			if _, err := strconv.Atoi(n); err == nil {
				value = plain(n)
				w.next()
			}
		}
	}
	for _, o := range w.options("n", "adjustment") {
		value = o.value
	}
	w.sc.setting("Nice", value)
	return true
}

func ionice(w *wrapping) bool {
	w.next()
	for _, o := range w.options("cn", "class classdata") {
		switch o.name {
		case "c", "class":
			classes := map[string]string{"1": "realtime", "2": "best-effort", "3": "idle"}
			w.sc.option("IOSchedulingClass", orElse(classes[o.value.text()], o.value.text()))
		case "n", "classdata":
			w.sc.setting("IOSchedulingPriority", o.value)
		}
	}
	return true
}

// chrt is chrt(1), POLICY in letters and a priority.
func chrt(w *wrapping) bool {
	policies := map[string]string{"f": "fifo", "r": "rr", "b": "batch", "i": "idle", "o": "other", "fifo": "fifo", "rr": "rr", "batch": "batch", "idle": "idle", "other": "other"}
	policy := "rr"
	w.next()
	for _, o := range w.options("TPD", "sched-runtime sched-period sched-deadline") {
		policy = orElse(policies[o.name], policy)
	}
	w.sc.option("CPUSchedulingPolicy", policy)
	if len(w.rest) > 0 {
		if n := w.next().text(); policy == "fifo" || policy == "rr" {
			w.sc.option("CPUSchedulingPriority", n)
		}
	}
	return true
}

// taskSet is taskset -c LIST; a mask stays before the child.
func taskSet(w *wrapping) bool {
	if len(w.rest) < 3 || w.rest[1].text() != "-c" && w.rest[1].text() != "--cpu-list" {
		return false
	}
	w.sc.setting("CPUAffinity", w.rest[2])
	w.rest = w.rest[3:]
	return true
}
