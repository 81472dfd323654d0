package pair

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"
)

// Hardening is how much the sandbox takes away.
type Hardening int

const (
	Default Hardening = iota // what the shipped unit takes from every network service
	None                     // nothing
	Strict                   // all files read-only but /var/lib/NAME, and few system calls
)

// ParseHardening reads a level: default, none or strict.
func ParseHardening(value string) (Hardening, error) {
	i := slices.Index([]string{"default", "none", "strict"}, value)
	if i < 0 {
		return Default, fmt.Errorf("hardening %q is not known: write default, none or strict", value)
	}
	return Hardening(i), nil
}

// sandboxed says whether a setting of the shipped service is of its sandbox.
func sandboxed(f file) (first, end int) {
	first = slices.IndexFunc(f, func(s setting) bool { return strings.Contains(s.above, "The sandbox") })
	end = slices.IndexFunc(f, func(s setting) bool { return s.Section == install })
	return first, end
}

// harden leaves of the sandbox what the service can have. A manager of a user
// can take away by seccomp alone; root without capabilities is less than a user.
func (m *maker) harden(f *file) {
	from, to := sandboxed(*f)
	switch {
	case m.o.Hardening == None:
		*f = slices.Delete(*f, from, to)
		return
	case m.o.UserUnit:
		kept := []string{"NoNewPrivileges", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "SystemCallArchitectures"}
		part := slices.DeleteFunc(slices.Clone((*f)[from:to]), func(s setting) bool { return !slices.Contains(kept, s.Name) })
		*f = slices.Concat((*f)[:from], part, (*f)[to:])
		return
	case m.user == "root":
		f.drop(service, "CapabilityBoundingSet", "AmbientCapabilities")
	}
	if m.o.Hardening == Strict {
		m.strict(f)
	}
	m.loosen(f)
}

func (m *maker) strict(f *file) {
	f.set(service, "ProtectSystem", "strict", "all is read-only but /dev, /proc, /sys, /tmp and StateDirectory=")
	f.set(service, "SystemCallFilter", "@system-service", "what services call, and nothing else")
	f.after(service, "ProtectSystem", said(service, "StateDirectory", m.name, "/var/lib/"+m.name+", for what the child stores; systemd makes it the user's"))
	if m.UMask == "" {
		f.after(service, "LimitNOFILE", said(service, "UMask", "0027", "others need not read what the child writes"))
	}
}

// loosen gives back what the line is seen to need.
func (m *maker) loosen(f *file) {
	if dir := m.open(); dir != "" && m.o.Hardening == Default {
		if value, err := pathValue("--dir", dir); err == nil && !strings.ContainsAny(value, " \t\"'") {
			f.after(service, "ProtectHome", said(service, "ReadWritePaths", "-"+value, "but where the child runs: it may write there, as it could"))
		}
	}
	switch at := m.inTmp(); {
	case slices.ContainsFunc(m.listens, func(l listen) bool { return inTmp(l.path) }):
		f.set(service, "PrivateTmp", "no", "the socket lies in the common /tmp, where the bridge watches it; better /run/"+m.name+".sock")
	case at != "":
		f.set(service, "PrivateTmp", "no", "the common /tmp, as it was: "+at+" lies there")
		if !slices.ContainsFunc(m.Unit, func(o *unit.UnitOption) bool { return o.Name == "PrivateTmp" }) {
			m.note("PrivateTmp=no, for %s: without it the service would have a /tmp of its own; files that others reach lie better in /run or /var/lib", at)
		}
	}
}

var tmpText = regexp.MustCompile(`(?:^|^-[A-Za-z]|[^\w./-]|//)(/(?:var/)?tmp/+[^/\s"',;:)]+)`)

func inTmp(path string) bool { return under(path, "/tmp") || under(path, "/var/tmp") }

// inTmp is what the line names below /tmp, where PrivateTmp= would hide it, ""
// for nothing.
func (m *maker) inTmp() string {
	if inTmp(m.dir) {
		return m.dir
	}
	texts := slices.Concat(m.command, m.Environment, m.Secrets, m.EnvironmentFiles)
	for _, path := range []*string{&m.Options.PidFile, &m.Options.StatusFile} {
		if m.o.KeepPidFile || m.child.Status {
			texts = append(texts, *path)
		}
	}
	if d := m.Options.EnvDir; d != nil {
		texts = append(texts, *d)
	}
	for _, o := range m.Unit {
		if o.Section == service {
			texts = append(texts, o.Value)
		}
	}
	for _, text := range texts {
		_, value, _ := strings.Cut(text, "=")
		for _, t := range []string{text, value} {
			if found := tmpText.FindStringSubmatch(t); found != nil {
				return found[1]
			}
		}
	}
	return ""
}
