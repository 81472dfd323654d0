package pair

import (
	"fmt"
	"slices"
	"strings"
)

// files has the files of start_server, and says what becomes of them.
func (m *maker) files() error {
	o := m.Options
	if o.LogFile != "" {
		m.logFile(o.LogFile)
	}
	if o.Daemonize {
		m.note("--daemonize falls away: systemd keeps the bridge in the foreground, and knows its pid")
	}
	verb, status, keep := "reload ", "sdbridge ", " (--keep-pid-file keeps it)"
	if !m.bridged() {
		verb, status, keep = "restart ", "systemctl ", ""
	}
	switch {
	case o.PidFile == "":
	case m.o.KeepPidFile && m.bridged():
		m.note("--pid-file stays: its directory must be writable for User=%s", m.user)
	default:
		m.note("--pid-file %s falls away: what sends HUP to the pid in it calls %s%s", o.PidFile, m.systemctl(verb+m.name), keep)
	}
	switch {
	case o.StatusFile == "":
	case m.child.Status && m.bridged():
		m.note("--status-file stays: hooks of Unicorn find the old pid in it; its directory must be writable for User=%s", m.user)
	case !m.o.KeepPidFile || !m.bridged():
		m.note("--status-file %s falls away: %sstatus %s says more%s", o.StatusFile, status, m.name, keep)
	}
	m.environmentPaths()
	m.secrets()
	return nil
}

func (m *maker) logFile(path string) {
	if strings.HasPrefix(strings.TrimSpace(path), "|") {
		m.note("--log-file %q falls away: the journal keeps and rotates the lines (journalctl -u %s); to keep the pipe, write --log-file with it before the -- of ExecStart=", path, m.name)
		return
	}
	if m.directory != "" {
		path = m.absolute(path, "--log-file")
	}
	m.note("--log-file %s falls away: the journal has the lines (journalctl -u %s); for a file add StandardOutput=append:%s and StandardError=inherit", path, m.name, path)
}

// environmentPaths makes the paths absolute, but where systemd is to put
// something in.
func (m *maker) environmentPaths() {
	m.EnvironmentFiles = slices.Clone(m.EnvironmentFiles)
	for i, file := range m.EnvironmentFiles {
		path, optional := strings.CutPrefix(file, "-")
		if strings.HasPrefix(path, "%") {
			continue
		}
		path = m.absolute(path, "the environment's file")
		if optional {
			path = "-" + path
		}
		m.EnvironmentFiles[i] = path
	}
}

// secrets names a file for what all users of the host could read in the unit: it
// is not written, and without it the service does not start.
func (m *maker) secrets() {
	if len(m.Secrets) == 0 {
		return
	}
	var names []string
	for _, v := range m.Secrets {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	all := strings.Join(names, ", ")
	if m.o.UserUnit {
		m.note("put %s into a file of mode 0600, for %s", all, m.fileSetting())
		return
	}
	file := m.secretFile()
	m.EnvironmentFiles = append([]string{file}, m.EnvironmentFiles...)
	m.note("put %s into %s, which the unit names and which is to be made: install -m 0640 -g %s /dev/null %s", all, file, first(m.group, m.user, "root"), file)
}

// fileSetting is what takes a file of variables.
func (m *maker) fileSetting() string {
	if m.bridged() {
		return "--env-file"
	}
	return "EnvironmentFile="
}

// environmentFiles splits the files of the old unit: those that the bridge reads,
// anew at each reload, and those that systemd must read, once, with the reason.
// One that stays keeps those before it: the later file wins, and the bridge reads
// its own after systemd's.
func (m *maker) environmentFiles() (bridge, systemd []string, why string) {
	last := -1
	for i, file := range m.EnvironmentFiles {
		if w := m.mustStay(file); w != "" {
			last, why = i, w
		}
	}
	if !m.bridged() {
		last, why = len(m.EnvironmentFiles)-1, ""
	}
	return m.EnvironmentFiles[last+1:], m.EnvironmentFiles[:last+1], why
}

func (m *maker) mustStay(file string) string {
	path := strings.TrimPrefix(file, "-")
	if strings.ContainsAny(path, "%*?[") {
		return "read once, at the start: --env-file has neither patterns nor specifiers; name each file there, and a reload reads it anew"
	}
	if m.expands(path) {
		return "read once, at the start, for systemd puts its variables into ExecStart="
	}
	if m.user == "" {
		return ""
	}
	if at := m.host.closed(path, m.user); at != "" {
		mode := "0640"
		if at != path {
			mode = "0750" // a directory above it
		}
		return fmt.Sprintf("read once, at the start: %s cannot read %s; chgrp %s and chmod %s it and write --env-file=%s before the --, or hand it over by LoadCredential=, and a reload reads it anew",
			m.user, at, first(m.group, m.user), mode, file)
	}
	return ""
}

// expands says whether the command has a variable that systemd is to take from the
// file: one that Environment= does not set, or that a file of the old unit may set
// anew. Of the file of secrets it is known what it sets.
func (m *maker) expands(file string) bool {
	ours := len(m.Secrets) > 0 && file == m.secretFile()
	return slices.ContainsFunc(m.Expanded, func(name string) bool {
		return !ours || !slices.ContainsFunc(m.Environment, func(e string) bool { return strings.HasPrefix(e, strings.TrimPrefix(name, "$")+"=") })
	})
}

func (m *maker) secretFile() string { return "/etc/" + m.name + ".env" }
