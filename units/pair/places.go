package pair

import (
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
)

// places finds the command, and where it runs.
func (m *maker) places() error {
	if len(m.Command) == 0 {
		return errors.New("the line has no program: write it behind start_server's --")
	}
	m.command = wrapped(m.Wrappers, m.Command)
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
	} else if r := m.relative(); m.dir == "" && len(r) > 0 {
		place := "--dir=DIR into ExecStart="
		if !m.bridged() {
			place = "WorkingDirectory=DIR"
		}
		m.note("relative: %s, and the line does not say where start_server ran: give --directory DIR, or write %s; without it the child starts in /", strings.Join(r, ", "), place)
	}
	if m.child.Note != "" {
		m.unlessSaid("configuration has user:", "%s", m.child.Note)
	}
	m.lookPath()
	m.shell()
	return nil
}

// wrapped puts the wrappers of start_server before the command, but not those
// that it begins with itself: twice bundle exec, of which only the second keeps
// descriptors open, would close the sockets.
func wrapped(wrappers, command []string) []string {
	for i := range wrappers {
		rest := wrappers[i:]
		if n := len(rest) - 1; n > 0 && rest[n] == "--" {
			rest = rest[:n]
		}
		if len(command) > len(rest) && slices.Equal(rest, command[:len(rest)]) {
			return slices.Concat(wrappers[:i], command)
		}
	}
	return slices.Concat(wrappers, command)
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

// inDirectory are the files that programs look for in their directory.
var inDirectory = map[string]string{
	"plackup": "app.psgi", "rackup": "config.ru", "unicorn": "config.ru", "puma": "config.ru",
	"bundle": "Gemfile", "carton": "cpanfile",
}

var (
	fileSuffixes = []string{".psgi", ".ru", ".rb", ".pl", ".py", ".js", ".conf", ".sh", ".yml", ".yaml", ".toml", ".lisp"}
	moduleText   = regexp.MustCompile(`^[A-Za-z_][\w.]*:[A-Za-z_]\w*(\(\))?$`)
)

// relative are the words of the command that mean something in one directory only,
// else a file that a program looks for there.
func (m *maker) relative() (words []string) {
	file := ""
	for i, word := range m.command {
		if _, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "-") {
			word = value
		}
		switch {
		case inDirectory[path.Base(word)] != "":
			file = first(file, inDirectory[path.Base(word)])
		case slices.Contains([]string{"-a", "--app", "-e"}, word), slices.Contains([]string{".psgi", ".ru"}, path.Ext(word)):
			if file != "Gemfile" && file != "cpanfile" {
				file = ""
			}
		}
		switch {
		case strings.HasPrefix(word, "-") || strings.HasPrefix(word, "/") || strings.HasPrefix(word, "~") || strings.ContainsAny(word, " \t\n$%"):
		case strings.Contains(word, "://") || strings.HasPrefix(word, "unix:"):
		case strings.Contains(word, "/") || i > 0 && slices.Contains(fileSuffixes, path.Ext(word)):
			words = append(words, word)
		case slices.Contains([]string{"gunicorn", "uvicorn", "hypercorn"}, m.child.Name) && moduleText.MatchString(word):
			words = append(words, word)
		}
	}
	if len(words) == 0 && file != "" {
		words = []string{file}
	}
	return words
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
