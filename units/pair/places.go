package pair

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
)

// places finds the command, and where it runs.
func (m *maker) places() error {
	if len(m.Command) == 0 {
		return errors.New("the line has no program: write it behind start_server's --")
	}
	m.command = slices.Concat(m.Wrappers, m.Command)
	m.child = servers.Find(m.command)
	m.directory = m.Directory
	if m.o.Directory != "" {
		m.directory = m.o.Directory
	}
	if m.directory != "" && !filepath.IsAbs(m.directory) {
		m.ask(m.directory, "the directory", "--directory with an absolute path")
		m.directory = ""
		return nil
	}
	m.dir = m.directory
	if m.Options.Dir != "" {
		m.dir = m.absolute(m.Options.Dir, "--dir")
	} else if r := m.relative(); m.dir == "" && r != "" {
		m.note("%q is relative, and the line does not say where start_server ran: give --directory DIR, or write --dir=DIR into ExecStart=; without it the child starts in /", r)
	}
	if m.child.Note != "" {
		m.unlessSaid("configuration has user:", "%s", m.child.Note)
	}
	m.lookPath()
	m.shell()
	return nil
}

// shell: a signal for the leader stops at a shell that did not become the server.
func (m *maker) shell() {
	name := path.Base(m.command[0])
	script := strings.HasSuffix(name, ".sh")
	inline := slices.Contains([]string{"sh", "bash", "dash", "zsh"}, name) && !strings.Contains(strings.Join(m.command, " "), "exec ")
	if script || inline {
		m.unlessSaid("must end in exec", "%s must exec the server: a shell that stays before it gets the signals in its place", name)
	}
}

// relative is a word of the command that means something in one directory only,
// "" if none does.
func (m *maker) relative() string {
	files := []string{".psgi", ".ru", ".rb", ".pl", ".py", ".js", ".conf", ".sh", ".yml", ".yaml", ".toml"}
	plackup, psgi := false, false
	for i, word := range m.command {
		if _, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "-") {
			word = value
		}
		plackup = plackup || path.Base(word) == "plackup"
		psgi = psgi || strings.HasSuffix(word, ".psgi") || word == "-e"
		switch {
		case strings.HasPrefix(word, "-") || strings.HasPrefix(word, "/") || strings.HasPrefix(word, "~") || strings.ContainsAny(word, " \t\n$%"):
		case strings.Contains(word, "://"):
		case strings.Contains(word, "/") || i > 0 && slices.Contains(files, path.Ext(word)):
			return word
		}
	}
	if plackup && !psgi {
		return "app.psgi" // plackup's default
	}
	return ""
}

// lookPath says where the first program will not be found.
func (m *maker) lookPath() {
	program, search := m.command[0], servicePath
	for _, v := range m.Environment {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			search = value
		}
	}
	if strings.Contains(program, "/") || m.host.found(program, search) {
		return
	}
	m.note("%s is in no directory of %s on this host: systemd reads no profile of a shell; write its absolute path, or the directory into Environment=PATH=", program, search)
}

// open is the directory that the sandbox is to leave open: the child's, where
// the sandbox would make it read-only.
func (m *maker) open() string {
	for _, root := range []string{"/home/", "/usr/", "/etc/", "/boot/"} {
		rest, ok := strings.CutPrefix(m.dir, root)
		if ok && root == "/home/" {
			name, _, _ := strings.Cut(rest, "/")
			return root + name
		}
		if ok {
			return m.dir
		}
	}
	return ""
}
