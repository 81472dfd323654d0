package check

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// form is what systemd takes for a setting. Of another value it warns and goes on:
// the assignment before counts, or the default.
type form struct {
	takes  func(value string) bool
	words  []string // those that it takes, where there are few
	write  string   // one that it takes, or what that is
	resets bool     // an empty value takes back those before it
	fatal  bool     // systemd refuses the unit for another one
}

// forms are those of the settings that the rules judge by, as far as an empty
// value does not simply reset them. Words of all versions are among them.
var forms = sync.OnceValue(func() map[string]form {
	yesNo, span, number := yesOr(), form{takes: isSpan, write: "a time span, as 250ms, 90 or infinity"}, form{takes: isNumber, write: "5"}
	mode := form{takes: isMode, write: "0027"}
	names := form{takes: func(v string) bool { return v != "" && !strings.Contains(v, ":") }, write: "web", resets: true}
	killMode, dynamic := oneOf("control-group", "process", "mixed", "none"), yesOr()
	killMode.resets, dynamic.fatal = true, true
	all := map[string]form{
		"Service.Type":                     oneOf("simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"),
		"Service.KillMode":                 killMode,
		"Service.Restart":                  oneOf("no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"),
		"Service.NotifyAccess":             oneOf("none", "main", "exec", "all"),
		"Service.OOMPolicy":                oneOf("continue", "stop", "kill"),
		"Service.ProtectProc":              oneOf("noaccess", "invisible", "ptraceable", "default"),
		"Service.ProcSubset":               oneOf("all", "pid"),
		"Service.ProtectHome":              yesOr("read-only", "tmpfs"),
		"Service.PrivateTmp":               yesOr("disconnected"),
		"Service.RuntimeDirectoryPreserve": yesOr("restart"),
		"Service.DynamicUser":              dynamic,
		"Service.UMask":                    mode,
		"Service.BusName":                  {takes: func(v string) bool { return v != "" }, write: "a name"},
		"Service.KillSignal":               {takes: isSignal, write: "SIGTERM"},
		"Service.StandardInput":            {takes: isInput, write: "null"},
		"Socket.BindIPv6Only":              yesOr("default", "both", "ipv6-only"),
		"Socket.SocketMode":                mode,
		"Socket.FileDescriptorName":        names,
		"Socket.Service":                   {takes: func(v string) bool { return path.Ext(v) == ".service" }, write: "the name of a .service unit"},
		"Socket.TriggerLimitBurst":         number,
		"Socket.TriggerLimitIntervalSec":   span,
		"Unit.StartLimitBurst":             number,
		"Service.StartLimitBurst":          number,
		"Unit.DefaultDependencies":         yesNo,
	}
	for _, key := range append(slices.Clone(startLimitKeys), "Service.RestartSec", "Service.TimeoutSec", "Service.TimeoutStartSec", "Service.TimeoutStopSec", "Service.WatchdogSec") {
		all[key] = span
	}
	for _, key := range []string{"Service.MemoryDenyWriteExecute", "Service.NoNewPrivileges", "Service.NonBlocking", "Service.RemainAfterExit", "Socket.Accept", "Socket.FlushPending", "Socket.FreeBind", "Socket.ReusePort"} {
		all[key] = yesNo
	}
	return all
})

func oneOf(words ...string) form {
	return form{takes: func(v string) bool { return slices.Contains(words, v) }, words: words, write: words[0]}
}

// yesOr is a boolean, or one of the words.
func yesOr(words ...string) form {
	return form{
		takes: func(v string) bool { return unitfile.IsTrue(v) || unitfile.IsFalse(v) || slices.Contains(words, v) },
		words: append([]string{"yes", "no"}, words...), write: "yes or no",
	}
}

func isSpan(v string) bool {
	_, ok := span(strings.TrimPrefix(v, "+"))
	return ok
}

func isNumber(v string) bool {
	_, err := strconv.ParseUint(strings.TrimPrefix(v, "+"), 0, 32)
	return err == nil
}

func isMode(v string) bool {
	n, err := strconv.ParseUint(v, 8, 32)
	return err == nil && n <= 0o7777
}

// isSignal: signals have names, with SIG or without, and numbers up to SIGRTMAX.
func isSignal(v string) bool {
	name := strings.TrimPrefix(v, "SIG")
	n, err := strconv.Atoi(v)
	realTime := strings.HasPrefix(name, "RTMIN") || strings.HasPrefix(name, "RTMAX")
	return err == nil && n > 0 && n <= 64 || realTime || unix.SignalNum("SIG"+name) > 0
}

func isInput(v string) bool {
	return slices.Contains([]string{"null", "tty", "tty-force", "tty-fail", "data", "socket", "fd"}, v) ||
		strings.HasPrefix(v, "fd:") || strings.HasPrefix(v, "file:")
}

// counts tells whether systemd takes the value of the assignment.
func (s setting) counts() bool {
	f, known := forms()[s.Section+"."+s.Name]
	return !known || f.takes(s.Value) || s.Value == "" && f.resets
}

// ignoredValue: what systemd does not take is often a comment behind the value.
func ignoredValue(p *pair) (found []Finding) {
	for _, f := range p.files() {
		for i, s := range f.settings {
			if s.counts() || !fits(f, s.Section) {
				continue
			}
			key := s.Section + "." + s.Name
			stays, set := f.last(key)
			same := func(one setting) bool { return one.Section+"."+one.Name == key && one.counts() }
			switch {
			case forms()[key].fatal:
				found = append(found, f.finding(Blocks, s.where, fmt.Sprintf("%q is no value of %s=", s.Value, s.Name), "systemd refuses the unit for it", forms()[key].instead(s))...)
			case s.Value != "":
				found = append(found, f.finding(Hint, s.where, s.Name+"="+s.Value+" is not understood", "systemd ignores the line: what stands before it counts, or the default; a comment needs a line of its own", forms()[key].instead(s))...)
			case set && !slices.ContainsFunc(f.settings[i+1:], same):
				found = append(found, f.finding(Hint, s.where, s.Name+"= resets nothing", "systemd ignores an empty value of this setting: "+s.Name+"="+stays.Value+" stays", s.Name+"= with the value that is meant")...)
			}
		}
	}
	return found
}

// instead is the line that was probably meant.
func (f form) instead(s setting) string {
	value, comment := s.Value, ""
	if at := strings.IndexAny(value, "#;"); at > 0 {
		value, comment = strings.TrimSpace(value[:at]), "# "+strings.TrimSpace(strings.TrimLeft(value[at:], "#; "))+"\n"
	}
	value = strings.Trim(value, `"'`)
	for _, v := range []string{value, strings.ToLower(value), strings.ToUpper(value), value + ".service", nearest(value, f.words), f.write} {
		if v != "" && f.takes(v) {
			return comment + s.Name + "=" + v
		}
	}
	return comment + s.Name + "= with " + f.write
}
