package porting

import (
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
			w.sc.option("Nice", o.value.text())
		case "o":
			w.sc.option("LimitNOFILE", o.value.text())
		case "p":
			w.sc.option("LimitNPROC", o.value.text())
		case "c":
			w.sc.option("LimitCORE", o.value.text())
		case "m", "d":
			w.sc.option("LimitDATA", o.value.text())
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
	names := map[string]string{
		"o": "LimitNOFILE", "p": "LimitNPROC", "c": "LimitCORE", "d": "LimitDATA", "s": "LimitSTACK",
		"f": "LimitFSIZE", "t": "LimitCPU", "l": "LimitMEMLOCK", "r": "LimitRSS", "a": "LimitAS", "m": "LimitAS",
	}
	for _, o := range w.options("acdflmoprst", "") {
		if n, ok := names[o.name]; ok && o.value.text() != "" {
			w.sc.option(n, o.value.text())
		}
	}
	return true
}

func prLimit(w *wrapping) bool {
	w.next()
	for _, o := range w.options("", "") {
		if o.name == "nofile" || o.name == "n" {
			w.sc.option("LimitNOFILE", o.value.text())
		}
	}
	return true
}

func nice(w *wrapping) bool {
	w.next()
	value := "10"
	if len(w.rest) > 0 {
		if n, ok := strings.CutPrefix(w.rest[0].text(), "-"); ok {
			if _, err := strconv.Atoi(n); err == nil {
				value = n
				w.next()
			}
		}
	}
	for _, o := range w.options("n", "adjustment") {
		value = o.value.text()
	}
	w.sc.option("Nice", value)
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
			w.sc.option("IOSchedulingPriority", o.value.text())
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
	w.sc.option("CPUAffinity", w.rest[2].text())
	w.rest = w.rest[3:]
	return true
}
