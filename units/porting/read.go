package porting

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Source says what is known of a text beside the text.
type Source struct {
	// Path is the file's; "" for a pasted line. Errors and Service.Source name
	// it. $0 and $(dirname $0) are taken from it when it is absolute.
	Path string
	Kind Kind
	// Set has what the user gave by --set NAME=VALUE. It beats what the text
	// says. A name is a variable's or a whole text that is computed:
	// "$(nproc)", "%i". PWD is the directory that the text starts in.
	Set map[string]string
	// DropIns are the texts that systemd reads after a unit's, in its order.
	DropIns []DropIn
	// ReadFile gives the files that the text names for its environment, where they
	// are at hand; nil for none.
	ReadFile func(path string) ([]byte, error)
}

// DropIn is one file of app.service.d.
type DropIn struct {
	Path string
	Text []byte
}

// Read finds every start_server command line in text. The error is for a text
// that has none, or one that start_server would refuse, and names the line.
func Read(text []byte, o Source) ([]Service, error) {
	r := &reader{source: o, body: clean(text)}
	if len(text) > textLimit {
		return nil, r.errorf(0, "%d bytes are too much for a script that starts a server: give the line, sdbridge units -- start_server …", len(text))
	}
	if o.Kind != Auto {
		return r.finish(r.read(o.Kind))
	}
	found, err := r.finish(r.read(detect(o.Path, r.body)))
	if len(r.services) == 0 && r.err == nil && mentionsStarter(r.body) {
		// Every other kind may be quoted in a script.
		script := &reader{source: o, body: r.body}
		if services, e := script.finish(script.readShell()); e == nil {
			return services, nil
		}
	}
	return found, err
}

// Words reads one command line that a shell has split already.
func Words(words []string, o Source) (Service, error) {
	if len(words) == 1 && strings.ContainsAny(words[0], " \t\n") {
		return one(Read([]byte(words[0]), o))
	}
	r := &reader{source: o, body: strings.Join(words, " ")}
	r.part(func() error {
		sc := newScope(o)
		s := &shell{reader: r}
		if s.launch(sc, plainWords(words)) {
			return nil
		}
		if role := s.role(sc, plainWords(words)); role == stops || role == reloads {
			s.signalled(role, plainWords(words), oneLine(strings.Join(words, " ")), 0)
		}
		for _, file := range words {
			if strings.HasSuffix(file, ".sh") || base(file) == "run" {
				r.hint("if `%s` starts it, give that file: --from %[1]s", file)
			}
		}
		return nil
	})
	return one(r.finish(nil))
}

func one(found []Service, err error) (Service, error) {
	if err != nil {
		return Service{}, err
	}
	if len(found) > 1 {
		return Service{}, fmt.Errorf("%d start_server command lines in one: give them one by one", len(found))
	}
	return found[0], nil
}

// reader holds what is found.
type reader struct {
	source   Source
	body     string
	services []Service
	notes    []string // on the part of the text that is being read
	hints    []string // what to give instead, if there is no start_server
	err      error    // the first one
	depth    int      // of texts in texts
}

// textLimit and nestLimit bound the stack that nested shell takes to parse.
const (
	textLimit = 64 << 10
	nestLimit = 500
)

func tooDeep(text string) bool {
	depth := 0
	for _, c := range text {
		switch c {
		case '(', '{':
			depth++
		case ')', '}':
			depth = max(depth-1, 0)
		}
		if depth > nestLimit {
			return true
		}
	}
	return false
}

// deepest is how far a text may stand in a text: sh -c "sh -c '…'".
const deepest = 8

func (r *reader) read(kind Kind) error {
	switch kind {
	case Unit:
		return r.readUnit()
	case Procfile:
		return r.readProcfile()
	case Supervisor:
		return r.readSupervisor()
	case Dockerfile:
		return r.readDockerfile()
	case Makefile:
		return r.readMakefile()
	case Compose:
		return r.readCompose()
	case Upstart:
		return r.readUpstart()
	case Crontab:
		return r.readCrontab()
	case Auto, Shell:
	}
	return r.readShell()
}

// part reads a part of the text that stands for itself, such as a Procfile's
// entry: its notes are for its services, and a --restart in it belongs to them.
func (r *reader) part(read func() error) {
	begin := len(r.services)
	r.notes = nil
	if err := read(); err != nil {
		r.fail(err)
	}
	found := fold(r.services[begin:])
	for i := range found {
		found[i].Notes = unique(append(found[i].Notes, r.notes...))
	}
	r.services = append(r.services[:begin], found...)
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) note(format string, values ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, values...))
}

func (r *reader) hint(format string, values ...any) {
	r.hints = append(r.hints, fmt.Sprintf(format, values...))
}

func (r *reader) finish(err error) ([]Service, error) {
	switch {
	case err != nil:
		return nil, err
	case r.err != nil:
		return nil, r.err
	case len(r.services) == 0:
		return nil, r.none()
	}
	r.link()
	return r.services, nil
}

// link gives a request the name of the service whose files it names: that is the
// one it is for, wherever it stands.
func (r *reader) link() {
	for i := range r.services {
		request := &r.services[i]
		for _, s := range r.services {
			o, asked := s.Options, request.Options
			if (asked.Restart || asked.Stop) && !o.Restart && !o.Stop && asked.PidFile != "" && asked.PidFile == o.PidFile {
				request.Name = s.Name
			}
		}
	}
}

// none is the error for a text without start_server.
func (r *reader) none() error {
	text := "no start_server here: looked for a command of the name start_server or start_server.rb, also behind wrappers and in variables"
	if r.source.Path != "" {
		text = r.source.Path + ": " + text
	}
	hints := unique(r.hints)
	if len(hints) == 0 {
		hints = []string{"give the line that starts it; a running one shows it: ps -eo args | grep start_server"}
	}
	return errors.New(text + "; " + strings.Join(hints, "; "))
}

// at names a line of the text.
func (r *reader) at(line int) string {
	switch {
	case line == 0:
		return r.source.Path
	case r.source.Path == "":
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d", r.source.Path, line)
}

func (r *reader) errorf(line int, format string, values ...any) error {
	err := fmt.Errorf(format, values...)
	if where := r.at(line); where != "" {
		return fmt.Errorf("%s: %w", where, err)
	}
	return err
}

// self is $0.
func (r *reader) self() string {
	if path.IsAbs(r.source.Path) {
		return path.Clean(r.source.Path)
	}
	return ""
}
