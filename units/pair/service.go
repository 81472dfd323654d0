package pair

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/units"
)

const (
	service = "Service" // sections
	install = "Install"
)

func (m *maker) service() (file, error) {
	f := parse(units.Service)
	f.set("Unit", "Description", m.name, "")
	f.set(service, "SyslogIdentifier", m.name, "")
	f.drop(service, "StateDirectory", "UMask") // systemd would take an old /var/lib/NAME from its owner
	m.setUser(&f)
	m.harden(&f)
	if err := m.run(&f); err != nil {
		return nil, err
	}
	if err := m.environment(&f); err != nil {
		return nil, err
	}
	if m.o.UserUnit {
		f = slices.DeleteFunc(f, func(s setting) bool { return s.Name == "After" && s.Value == "network.target" })
		f.set(install, "WantedBy", "default.target", "started with the user's session; at boot after loginctl enable-linger")
	}
	m.carry(&f)
	m.keepDirectory(&f)
	return f, nil
}

func (m *maker) setUser(f *file) {
	if m.user == "" {
		f.drop(service, "User")
	} else {
		f.set(service, "User", m.user, "")
		switch {
		case m.user == "root":
			f.set(service, "User", m.user, "no socket needs it: PID 1 binds")
		case len(m.listens) == 0:
			f.set(service, "User", m.user, "not root")
		}
	}
	if m.group != "" {
		f.after(service, f.anchor(), said(service, "Group", m.group, ""))
	}
	if m.UMask != "" {
		f.after(service, "LimitNOFILE", said(service, "UMask", m.UMask, "as it was"))
	}
}

// run writes what is started, and how: by the bridge, or by systemd alone.
func (m *maker) run(f *file) error {
	var words []string
	if m.bridged() {
		words = m.execStart()
		m.bridge(f)
	} else {
		words = m.plainWords()
		m.plain(f)
	}
	start, err := commandLine(words, m.Expanded)
	if err != nil {
		return err
	}
	f.set(service, "ExecStart", start, "")
	if m.bridged() {
		reload, _ := commandLine([]string{m.o.Binary, "reload"}, nil) // quoted above
		f.set(service, "ExecReload", reload, "")
	}
	return nil
}

// bridge is what a bridge needs.
func (m *maker) bridge(f *file) {
	f.set(service, "RuntimeDirectory", "sdbridge/"+m.name, "")
	if t := m.starts(); t > 90*time.Second {
		f.set(service, "TimeoutStartSec", secondsOf(t), "more than --start-timeout and --kill-old-delay")
	}
	m.stopTimeout(f)
	if len(m.listens) == 0 {
		m.alone(f)
		return
	}
	f.set("Unit", "Requires", m.name+".socket", "")
	f.set("Unit", "After", m.name+".socket", "")
}

// alone is for a service without a socket.
func (m *maker) alone(f *file) {
	f.drop("Unit", "Requires")
	i := f.index("Unit", "After") // that of the socket is the first
	*f = slices.Delete(*f, i, i+1)
	f.set("Unit", "StartLimitIntervalSec", "0", "never give up, as start_server did not")
}

// plain is a service without a bridge: nothing is handed on, so that a restart
// is all that start_server did.
func (m *maker) plain(f *file) {
	m.alone(f)
	f.drop(service, "NotifyAccess", "ExecReload", "TimeoutStartSec", "TimeoutStopSec", "WatchdogSec", "RuntimeDirectory", "RuntimeDirectoryPreserve")
	f.set(service, "Type", "exec", "started means executed")
	f.set(service, "KillMode", "mixed", "the child alone is told to stop, as start_server did; what is left is killed")
	f.set(service, "Restart", "always", "start_server started it again, whatever its end")
	f.set(service, "SyslogIdentifier", m.name, "the name of its lines in the journal")
	m.swapless()
	f.set(service, "ExecStart", "", "without a socket there is nothing to hand on: systemd alone keeps it running, and systemctl restart runs the new code")
	if m.dir != "" {
		f.after(service, "ExecStart", said(service, "WorkingDirectory", strings.ReplaceAll(m.dir, "%", "%%"), "looked up at each start"))
	}
	if s := m.signal("signal-on-term", m.Options.SignalOnTERM); s != "" {
		f.after(service, "ExecStart", said(service, "KillSignal", "SIG"+strings.TrimPrefix(s, "SIG"), "start_server's --signal-on-term"))
	}
}

// swapless names the options that were for a swap.
func (m *maker) swapless() {
	var names []string
	for _, name := range []string{"interval", "kill-old-delay", "signal-on-hup", "auto-restart-interval", "backlog"} {
		if m.Given[name] {
			names = append(names, "--"+name)
		}
	}
	if len(names) > 0 {
		m.note("%s: not carried over, since there is no swap without a socket; RestartSec= is the pause before it is started again", strings.Join(names, ", "))
	}
}

// plainWords: systemd looks for a program in a path of its own, not in that of
// the unit, which env(1) does.
func (m *maker) plainWords() []string {
	program := m.command[0]
	if strings.Contains(program, "/") && !strings.HasPrefix(program, "/") && m.dir != "" {
		program = m.dir + "/" + strings.TrimPrefix(program, "./")
	}
	words := append([]string{program}, m.command[1:]...)
	if !strings.HasPrefix(program, "/") || strings.ContainsAny(program, "$") {
		words = append([]string{"/usr/bin/env"}, words...)
	}
	return words
}

// environment writes what does not change at a reload.
func (m *maker) environment(f *file) error {
	var lines []setting
	for i, v := range m.Environment {
		value, err := assignment(v)
		if err != nil {
			return err
		}
		why := ""
		if i == 0 {
			why = "read once, at the start; what a deploy changes belongs into a file, for " + m.fileSetting()
		}
		lines = append(lines, said(service, "Environment", value, why))
	}
	reread, stay, why := m.environmentFiles()
	if len(m.others()) > 0 && len(reread) > 0 {
		why = strings.TrimPrefix(why+"; ", "; ") + "for the Exec lines beside ExecStart= as well; the child has --env-file, read anew at each reload, but what is taken out of the file goes at a restart alone"
		stay = slices.Concat(stay, reread)
	}
	for _, file := range stay {
		if strings.ContainsAny(file, "\n\\") {
			return fmt.Errorf("EnvironmentFile=%q: systemd takes neither a line break nor a backslash there; use another path", file)
		}
		lines = append(lines, said(service, "EnvironmentFile", file, why))
		why = ""
	}
	f.after(service, f.anchor(), lines...)
	return nil
}

// anchor is what stands before the environment and the command.
func (f file) anchor() string {
	for _, name := range []string{"Group", "User", "NotifyAccess"} {
		if f.index(service, name) >= 0 {
			return name
		}
	}
	return "Type"
}
