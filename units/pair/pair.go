package pair

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/porting"
	"github.com/sdbridge/sdbridge/units/servers"
)

// Pair is what takes the place of a start_server command line.
type Pair struct {
	Name string // of the units, without .socket and .service

	// Socket and Service are the two files. Without a listener Socket is empty;
	// both are for a line that is no service but a request to one: Answer.
	Socket, Service string

	// Answer is the command that takes the place of a line with --restart or
	// --stop.
	Answer string

	// Notes say what was not carried over and what is left to do. They stand in
	// the units, too.
	Notes []string
}

// Options are what the line does not say, or what is to be otherwise.
type Options struct {
	Name        string // of the units; "" is what the text calls it
	User, Group string // beat those of the text
	Directory   string // where start_server ran; beats that of the text

	// Of the Unix socket, systemd.socket(5); "" are root's and mode 0666, as
	// start_server's were.
	SocketUser, SocketGroup, SocketMode string

	DualStack   bool      // a bare port takes IPv6 clients, too
	KeepPidFile bool      // --pid-file and --status-file stay, for scripts that read them
	Hardening   Hardening // the sandbox
	UserUnit    bool      // for systemd --user
	Binary      string    // path of sdbridge there; "" is /usr/bin/sdbridge
}

// MissingError says what the line leaves open; nothing was written.
type MissingError struct {
	Source  string // of the line
	Missing []porting.Missing
}

func (e *MissingError) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString(e.Source + ": ")
	}
	b.WriteString("nothing is written, for these are not known:")
	for _, m := range e.Missing {
		b.WriteString("\n  " + m.Where)
		if m.Text != "" {
			fmt.Fprintf(&b, " %q", m.Text)
		}
		b.WriteString(": give " + m.Remedy)
	}
	return b.String()
}

// Make writes the pair for s. A [*MissingError] lists all that is to be given;
// other errors name what systemd or the bridge would refuse, and the remedy.
func Make(s porting.Service, o Options) (Pair, error) { return system.make(s, o) }

// maker has a service that is being written.
type maker struct {
	porting.Service
	o    Options
	host host

	name      string
	directory string // absolute, or ""
	dir       string // the child's: absolute, or ""
	command   []string
	child     servers.Server
	user      string
	group     string
	listens   []listen

	notes   []string
	missing []porting.Missing
}

func (h host) make(s porting.Service, o Options) (Pair, error) {
	m := &maker{Service: s, o: o, host: h, notes: slices.Clone(s.Notes), missing: slices.Clone(s.Missing)}
	if m.o.Binary == "" {
		m.o.Binary = "/usr/bin/sdbridge"
	}
	if !filepath.IsAbs(m.o.Binary) {
		return Pair{}, fmt.Errorf("%q is not absolute: systemd looks for no program in a PATH of the unit", m.o.Binary)
	}
	if s.Options.Restart || s.Options.Stop {
		return m.answer(), nil
	}
	if len(s.Command) == 0 && len(s.Missing) > 0 { // the program may be among it
		return Pair{}, &MissingError{s.Source, s.Missing}
	}
	for _, step := range []func() error{m.called, m.places, m.who, m.listen, m.files} {
		switch err := step(); {
		case err == nil:
		case len(s.Missing) > 0: // it may be about a value that is not there
			return Pair{}, &MissingError{s.Source, s.Missing}
		default:
			return Pair{}, m.at(err)
		}
	}
	p, err := m.write()
	m.missing = slices.DeleteFunc(m.missing, m.needless)
	if len(m.missing) > 0 { // also what only the writing asks for
		return Pair{}, &MissingError{s.Source, m.missing}
	}
	return p, m.at(err)
}

// at says which line it is that an error is about.
func (m *maker) at(err error) error {
	if err == nil || m.Source == "" {
		return err
	}
	return fmt.Errorf("%s: %w", m.Source, err)
}

func (m *maker) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// unlessSaid is note, but where the reader's notes say it already, seen by a few
// words of theirs.
func (m *maker) unlessSaid(words, format string, args ...any) {
	if !slices.ContainsFunc(m.Notes, func(n string) bool { return strings.Contains(n, words) }) {
		m.note(format, args...)
	}
}

// unlessNoted is note, once.
func (m *maker) unlessNoted(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(m.notes, text) {
		m.notes = append(m.notes, text)
	}
}

func (m *maker) ask(text, where, remedy string) {
	m.missing = append(m.missing, porting.Missing{Text: text, Where: where, Remedy: remedy})
}

// needless is a value of what falls away anyhow.
func (m *maker) needless(missing porting.Missing) bool {
	switch missing.Where {
	case "--log-file":
		return true
	case "User=":
		return m.o.User != "" || m.o.UserUnit
	case "cd":
		return m.o.Directory != ""
	case "--pid-file":
		return !m.o.KeepPidFile || !m.bridged()
	case "--status-file":
		return !m.o.KeepPidFile && !m.child.Status || !m.bridged()
	}
	return false
}
