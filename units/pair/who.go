package pair

import (
	"fmt"
	"strings"
)

// who finds the user: never root by default.
func (m *maker) who() error {
	if err := m.split(); err != nil {
		return err
	}
	rest, user, group := dropsTo(m.child, m.command)
	if user+group != "" {
		m.note("%s went down from root by itself; now systemd starts it as that user, and --user and --group are gone from its command", m.child.Name)
	}
	m.command = rest
	m.user, m.group = first(m.o.User, user, m.User), first(m.o.Group, group, m.Group)
	if m.o.User != "" && m.o.User != first(user, m.User) {
		m.group = m.o.Group // the text's group goes with the text's user
	}
	switch {
	case m.o.UserUnit:
		if m.user+m.group != "" {
			m.note("User=%s is not carried over: a unit of systemd --user runs as the user that it belongs to", m.user)
		}
		m.user, m.group = "", ""
	case m.user == "root" && m.o.User == "":
		m.unlessSaid("root is not needed", "User=root is as it was: no socket needs it, PID 1 binds; make a user for the service, and give --user")
	case m.user == "" && m.dynamic():
	case m.user == "":
		m.user = m.name
		m.note("the line does not say who runs it, and root need not: User=%s, or give --user%s", m.name, m.toMake())
	case m.toMake() != "":
		m.note("the user %s is not on this host%s", m.user, m.toMake())
	}
	return nil
}

// split reads --user as others do: USER:GROUP, and "#" before a number.
func (m *maker) split() error {
	user, group, both := strings.Cut(m.o.User, ":")
	if both && m.o.Group != "" && m.o.Group != group {
		return fmt.Errorf("--user %q and --group %q name two groups: leave one of them out", m.o.User, m.o.Group)
	}
	m.o.User, m.o.Group = user, first(m.o.Group, group)
	for _, name := range []*string{&m.o.User, &m.o.Group, &m.User, &m.Group} {
		*name = strings.TrimPrefix(*name, "#")
	}
	for _, name := range []string{m.o.User, m.o.Group} {
		if strings.ContainsAny(name, " \t:/") {
			return fmt.Errorf("%q is no name of a user or group for systemd: give another --user or --group", name)
		}
	}
	return nil
}

// toMake is how to make the user, "" if it is there.
func (m *maker) toMake() string {
	if _, err := m.host.account(m.user); err == nil || strings.Trim(m.user, "0123456789") == "" {
		return ""
	}
	return "; make it: useradd --system --shell /usr/sbin/nologin " + m.user
}

func (m *maker) dynamic() bool {
	for _, o := range m.Unit {
		if o.Section == "Service" && o.Name == "DynamicUser" {
			return strings.ContainsAny(o.Value[:min(1, len(o.Value))], "yYtT1oO")
		}
	}
	return false
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
