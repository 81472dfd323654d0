package pair

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// What the bridge takes without a flag.
const (
	startTimeout = 60 * time.Second
	drainTimeout = 60 * time.Second
	probation    = 2 * time.Second
	spare        = 28 * time.Second // what systemd waits longer than the bridge
)

// bridged says whether the bridge is needed: for its sockets, or for what it does
// to a child without any. Else systemd alone is the better start_server.
func (m *maker) bridged() bool {
	return len(m.Options.Ports)+len(m.Options.Paths) > 0 || m.Options.EnvDir != nil && *m.Options.EnvDir != "" || m.auto()
}

func (m *maker) auto() bool {
	return m.Options.EnableAutoRestart != nil && *m.Options.EnableAutoRestart
}

// execStart is the command line of the bridge.
func (m *maker) execStart() []string {
	words := []string{m.o.Binary, "run"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, "--"+flag+"="+value)
		}
	}
	words = append(words, m.socketFlags()...)
	add("dir", m.dir)
	envFiles, _, _ := m.environmentFiles()
	for _, f := range envFiles {
		add("env-file", f)
	}
	if d := m.Options.EnvDir; d != nil && *d != "" {
		add("envdir", m.absolute(*d, "--envdir"))
	}
	words = append(words, m.delays()...)
	add("drain-timeout", m.drainFlag())
	add("signal-on-hup", m.signal("signal-on-hup", m.Options.SignalOnHUP))
	add("signal-on-term", m.signal("signal-on-term", m.Options.SignalOnTERM))
	if m.auto() {
		words = append(words, "--enable-auto-restart")
		if n := m.Options.AutoRestartInterval; n != nil {
			add("auto-restart-interval", strconv.Itoa(min(max(*n, 1), 1e6)))
		}
	}
	words = append(words, m.child.Flags...)
	if m.o.KeepPidFile && m.Options.PidFile != "" {
		add("pid-file", m.absolute(m.Options.PidFile, "--pid-file"))
	}
	if (m.o.KeepPidFile || m.child.Status) && m.Options.StatusFile != "" {
		add("status-file", m.absolute(m.Options.StatusFile, "--status-file"))
	}
	return slices.Concat(words, []string{"--"}, m.limited(), m.command)
}

// socketFlags: the addresses stand in the .socket alone, but where the child
// wants a certain descriptor. A socket that no flag takes would be refused, so
// that then all have theirs.
func (m *maker) socketFlags() (words []string) {
	if len(m.listens) == 0 {
		return []string{"--no-socket"}
	}
	for _, l := range m.listens {
		if l.entry != "" && !m.flagged() && !m.o.DualStack {
			words = append(words, "--rename="+l.value+"="+l.entry)
		}
		if m.flagged() {
			words = append(words, l.flag)
		}
	}
	for _, l := range m.namesakes() {
		words = append(words, "--rename="+l.asked+"="+l.asked)
		m.note("%s is there for TCP and for UDP, and start_server gave both one name, of which a child sees one: the UDP socket is %s in SERVER_STARTER_PORT now", l.value, l.asked)
	}
	return words
}

// flagged says whether each socket needs its flag.
func (m *maker) flagged() bool {
	return len(m.namesakes()) > 0 || slices.ContainsFunc(m.listens, func(l listen) bool { return l.placed })
}

// namesakes are the UDP sockets with the address of a TCP one: the bridge refuses
// two with one name, and only a flag tells these two apart.
func (m *maker) namesakes() (found []listen) {
	for _, l := range m.listens {
		if l.setting == "ListenDatagram" && slices.ContainsFunc(m.listens, func(o listen) bool { return o.setting != l.setting && o.value == l.value }) {
			found = append(found, l)
		}
	}
	return found
}

func (m *maker) delays() (words []string) {
	if m.Given["interval"] {
		words = append(words, "--interval="+secondsOf(m.Options.Interval))
	}
	if n := m.Options.KillOldDelay; n != nil {
		words = append(words, "--kill-old-delay="+strconv.Itoa(min(max(*n, 0), 1e6)))
	}
	if t := m.startTimeout(); t != startTimeout {
		words = append(words, "--start-timeout="+secondsOf(t))
	}
	return words
}

// startTimeout: the interval counts before a child can be ready.
func (m *maker) startTimeout() time.Duration {
	if m.Given["interval"] && m.Options.Interval >= startTimeout {
		return m.Options.Interval + startTimeout
	}
	return startTimeout
}

// starts is how long a start or a reload may take, the probation with it.
func (m *maker) starts() time.Duration {
	delay := probation
	if n := m.Options.KillOldDelay; n != nil {
		delay = time.Duration(min(*n, 1e6)) * time.Second
	}
	return m.startTimeout() + max(delay, probation) + spare
}

func (m *maker) signal(flag, value string) string {
	given := ""
	if m.Given[flag] {
		given = value
	}
	name, warning := signalOf(m.child, flag, given)
	if warning != "" {
		m.note("%s", warning)
	}
	if name == "USR1" && m.child.Name == "Starlet" && !strings.Contains(strings.Join(m.command, " "), "--spawn-interval") {
		m.note("--%s=USR1 cuts requests short with Starlet, but for one with --spawn-interval: --%[1]s=TERM lets it finish them", flag)
	}
	if name == "TERM" {
		return "" // what the bridge does
	}
	return name
}

func secondsOf(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}
