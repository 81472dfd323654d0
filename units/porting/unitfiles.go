package porting

import (
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/units/unitfile"
)

// unitLine is a setting and the file that it stands in.
type unitLine struct {
	unitfile.Setting

	path string
}

var catName = pattern(`(?m)^# /\S*/([^/\s]+)\.service$`)

// unitName is that of the file; systemctl cat says it in a comment.
func (r *reader) unitName() string {
	if m := catName().FindStringSubmatch(r.body); m != nil && r.source.Path == "" {
		return m[1]
	}
	return strings.TrimSuffix(base(r.source.Path), ".service")
}

// unitLines are the settings of the unit and of its drop-ins.
func (r *reader) unitLines() (all []unitLine) {
	settings, ignored := unitfile.Parse(r.body)
	bare := func(i unitfile.Ignored) bool { return strings.HasPrefix(i.Text, "ExecStart") }
	if len(settings) == 0 && slices.ContainsFunc(ignored, bare) {
		settings, _ = unitfile.Parse("[Service]\n" + r.body)
		for i := range settings {
			settings[i].Line--
		}
		r.note("no [Service] stands above ExecStart=: read as if it did; systemd ignores such lines")
	}
	for _, s := range settings {
		all = append(all, unitLine{s, r.source.Path})
	}
	var paths []string
	for _, d := range r.source.DropIns {
		settings, _ := unitfile.Parse(clean(d.Text))
		for _, s := range settings {
			all = append(all, unitLine{s, d.Path})
		}
		paths = append(paths, d.Path)
	}
	if paths != nil {
		r.note("what %s says is in the new unit: take it away before the start, for systemd reads it after the new unit, too, and an ExecStart= in it takes the place of the new one", strings.Join(paths, ", "))
	}
	return all
}

// others tells the services what the Exec lines beside ExecStart= had of the unit.
func (r *reader) others(sc *scope, lines []unitLine) {
	if !slices.ContainsFunc(sc.unit, func(o *unit.UnitOption) bool { return strings.HasPrefix(o.Name, "Exec") }) {
		return
	}
	user, dir := "", ""
	for _, l := range lines {
		switch {
		case l.Section != "Service":
		case l.Name == "User":
			user = l.Value
		case l.Name == "WorkingDirectory":
			dir = l.Value
		case l.Name == "DynamicUser" && unitfile.IsTrue(l.Value):
			user = "dynamic"
		}
	}
	for i := range r.services {
		r.services[i].AsRoot = slices.Contains([]string{"", "root", "0"}, user)
		if dir != "" {
			r.services[i].Unit = append(slices.Clone(r.services[i].Unit), unit.NewUnitOption("Service", "WorkingDirectory", dir))
		}
	}
}

// overridden is the value that Environment= gives a variable, where a file of
// EnvironmentFile= may give another: that beats it, systemd.exec(5).
func (u *unitSplitter) overridden(text, name string, v word) []piece {
	value, known := v.value()
	for _, file := range slices.Backward(u.sc.files) {
		env, readable := u.s.envFile(file)
		found, sets := env[name]
		switch {
		case readable && !sets:
			continue
		case readable:
			u.s.note("%s is %q in %s, as it stands here, and that beats Environment=", name, found, strings.TrimPrefix(file, "-"))
			value, known = found, true
		}
		switch {
		case !known:
			return unknown(text, name)
		case strings.ContainsAny(value, " \t\n"): // several words, or one: as the text has it
			return plain(value).doubted(name + " is set by Environment=, and " + strings.TrimPrefix(file, "-") + " may set it anew: --set " + name + "=VALUE gives another").pieces
		}
		return []piece{{state: defaulted, text: value, name: name}}
	}
	return v.pieces
}

// envFile are the variables of a file, where it can be read here.
func (r *reader) envFile(file string) (env map[string]string, readable bool) {
	path := strings.TrimPrefix(file, "-")
	if r.source.ReadFile == nil || strings.ContainsAny(path, "%*?[") {
		return nil, false
	}
	text, err := r.source.ReadFile(path)
	if err != nil {
		return nil, false
	}
	env, err = launch.EnvFile(string(text))
	return env, err == nil
}

// unitDecided says what is lost of a setting that the pair has its own of.
func (s *shell) unitDecided(name, value string) {
	switch name {
	case "ExecReload":
		if !strings.Contains(value, "HUP") && value != "" {
			s.note("ExecReload=%s is not carried over: the pair has its own", oneLine(value))
		}
	case "ExecStop", "KillSignal", "KillMode", "RestartKillSignal":
		if value != "" {
			s.note("%s=%s is not carried over: the pair has its own", name, oneLine(value))
		}
	case "RemainAfterExit":
		if unitfile.IsTrue(value) {
			s.note("RemainAfterExit=%s is not carried over: the bridge stays, and when it is gone the service is down", value)
		}
	case "NonBlocking":
		if unitfile.IsTrue(value) {
			s.note("NonBlocking=%s is not carried over: the flag is of the socket that all generations share; the child sets it if it wants it", value)
		}
	}
}

// prefixes says what became of those of ExecStart=, systemd.service(5).
func (s *shell) prefixes(prefix string) {
	if strings.Contains(prefix, "-") {
		s.note("the - before ExecStart= is not carried over: a service that fails is started again, and is failed while it is down")
	}
	if strings.ContainsAny(prefix, "+!") {
		s.note("the %s before ExecStart= is not carried over: start_server ran as root by it, whatever User= says; no socket needs that, and if the child does, --user root", strings.Trim(prefix, "-:@|"))
	}
}
