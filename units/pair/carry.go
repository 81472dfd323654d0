package pair

import (
	"path"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// What the pair decides, whatever the old unit said. The reader has taken the
// settings of the first line into other fields.
var (
	fielded = []string{"ExecStart", "User", "Group", "UMask", "Environment", "EnvironmentFile", "WorkingDirectory"}
	limits  = []string{"StartLimitIntervalSec", "StartLimitInterval", "StartLimitBurst", "StartLimitAction"}
	decided = []string{"Type", "PIDFile", "GuessMainPID", "ExecReload", "ExecStop", "KillMode", "KillSignal", "RestartKillSignal", "NotifyAccess", "Restart", "WatchdogSec", "RuntimeDirectoryPreserve", "RemainAfterExit", "Sockets", "NonBlocking"}
	lists   = []string{"After", "Before", "Wants", "Requires", "BindsTo", "PartOf", "Conflicts", "WantedBy", "RequiredBy", "Alias", "Also"}
)

// carry takes over the other lines of the old unit. Where the pair has the same
// setting the old one wins: it was what the service needed.
func (m *maker) carry(f *file) {
	replaced := map[string]bool{}
	for _, o := range m.Unit {
		key := o.Section + "." + o.Name
		switch {
		case strings.ContainsAny(o.Name, "\n=") || o.Name == "":
		case o.Section == service && slices.Contains(fielded, o.Name):
		case key == "Service.Restart" && o.Value == "always": // no --idle-exit here that it would undo
			f.set(service, "Restart", "always", "as it was: also after an end that was asked for by a signal")
		case m.Options.LogFile != "" && (key == "Service.StandardOutput" || key == "Service.StandardError"):
			m.note("%s=%s is not carried over: start_server wrote to its --log-file, and here the lines would go there", o.Name, o.Value)
		case o.Section == service && slices.Contains(decided, o.Name):
			m.refuse(f, o)
		case slices.Contains(limits, o.Name): // of [Service] in older units
			m.startLimit(o)
		case strings.HasPrefix(o.Name, "Exec") && m.removes(o.Value):
			m.note("%s=%s is not carried over: PID 1 holds the socket, and without its file no client finds it", o.Name, o.Value)
		case slices.Contains(m.others(), o):
			f.add(m.asRoot(o))
		case m.bridged() && m.starves(o):
			m.note("%s=%s is in front of the child, as prlimit: the bridge itself may not start with so little", o.Name, o.Value)
		case key == "Service.RestartSec" && strings.Trim(o.Value, "0ms") == "":
			m.refuse(f, o) // it would keep a CPU busy
		case o.Section == service && (o.Name == "TimeoutStartSec" || o.Name == "TimeoutStopSec" || o.Name == "TimeoutSec"):
			m.timeout(f, o)
		case key == "Service.RuntimeDirectory":
			m.runtimeDirectory(f, o.Value)
		case slices.Contains(lists, o.Name):
			if !slices.ContainsFunc(*f, func(s setting) bool { return s.Match(o) }) {
				f.after(o.Section, o.Name, old(o))
			}
		case replaced[key] || f.index(o.Section, o.Name) < 0:
			f.add(old(o))
		default:
			f.replace(o)
		}
		replaced[key] = true
	}
	m.needs(f)
}

// startLimit: the limit would close the socket.
func (m *maker) startLimit(o *unit.UnitOption) {
	if o.Value != "0" {
		m.note("%s=%s is not carried over: the pair needs StartLimitIntervalSec=0, for who gives up closes the socket, too", o.Name, o.Value)
	}
}

// removes is a command that takes a socket's file away, as start_server needed.
func (m *maker) removes(command string) bool {
	words := strings.FieldsFunc(command, func(r rune) bool { return strings.ContainsRune(" \t'\";&", r) })
	rm := slices.ContainsFunc(words, func(w string) bool {
		return slices.Contains([]string{"rm", "unlink"}, path.Base(strings.TrimLeft(w, "-@:+!")))
	})
	return rm && slices.ContainsFunc(m.listens, func(l listen) bool {
		return l.path != "" && slices.ContainsFunc(words, func(w string) bool {
			return path.Clean(w) == l.path || strings.HasPrefix(w, "/var/run/") && path.Clean(strings.TrimPrefix(w, "/var")) == l.path
		})
	})
}

func old(o *unit.UnitOption) setting {
	return said(o.Section, o.Name, o.Value, "from the old unit")
}

// add puts a setting behind the last of its name, or before the sandbox.
func (f *file) add(s setting) {
	if i := f.index(s.Section, s.Name); i >= 0 {
		if s.above == (*f)[i].above {
			s.above = ""
		}
		f.after(s.Section, s.Name, s)
		return
	}
	at := len(*f)
	if from, _ := sandboxed(*f); s.Section == service && from >= 0 {
		at = from
	}
	*f = slices.Insert(*f, at, s)
}

// replace puts the old setting where the pair's were.
func (f *file) replace(o *unit.UnitOption) {
	i := f.index(o.Section, o.Name)
	above := (*f)[i].above
	f.drop(o.Section, o.Name)
	s := old(o)
	if j := strings.LastIndex(strings.TrimSuffix(above, "\n"), "\n"); strings.Contains(above, "The sandbox") && j >= 0 {
		s.above = above[:j+1] + s.above // the heading stays
	}
	*f = slices.Insert(*f, i, s)
}

// refuse says what was not taken over, where it would have made a difference.
func (m *maker) refuse(f *file, o *unit.UnitOption) {
	mine := f.value(o.Section, o.Name)
	switch {
	case o.Value == mine || o.Name == "Type" || o.Name == "PIDFile" || o.Name == "GuessMainPID" || o.Name == "ExecReload" || o.Name == "Restart":
	case o.Name == "ExecStop":
		m.note("ExecStop=%s is not carried over: systemd tells the bridge, and that its child", o.Value)
	case mine == "":
		m.note("%s=%s is not carried over", o.Name, o.Value)
	default:
		m.note("%s=%s is not carried over: the pair needs %s=%s", o.Name, o.Value, o.Name, mine)
	}
}

// runtimeDirectory keeps the old ones, but for one that holds a socket of the
// pair: it is removed when the service stops, the socket unit stays.
func (m *maker) runtimeDirectory(f *file, value string) {
	kept := strings.Fields(f.value(service, "RuntimeDirectory"))
	for dir := range strings.FieldsSeq(value) {
		name, _, _ := strings.Cut(dir, ":")
		holds := slices.ContainsFunc(m.listens, func(l listen) bool { return under(l.path, path.Join("/run", name)) })
		if holds {
			m.note("RuntimeDirectory=%s is not carried over: it goes when the service stops, and the socket in it would go, too, while its unit stays; PID 1 makes /run/%s, as root: if the child writes there, make it by tmpfiles.d(5)", dir, name)
		} else if !slices.Contains(kept, dir) {
			kept = append(kept, dir)
		}
	}
	switch {
	case len(kept) == 0:
	case f.index(service, "RuntimeDirectory") < 0:
		f.add(old(unit.NewUnitOption(service, "RuntimeDirectory", strings.Join(kept, " "))))
	default:
		f.set(service, "RuntimeDirectory", strings.Join(kept, " "), "")
	}
}
