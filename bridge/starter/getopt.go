package starter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// kind is what an option takes: the part behind the name in a Getopt::Long
// specification.
type kind int

const (
	flag    kind = iota + 1 // nothing
	onOff                   // nothing, or =1 and =0, which Server::Starter before 0.33 wanted
	text                    // any word, even one that looks like an option
	integer                 // a whole number
)

// setting is one option as it was found on the command line.
type setting struct {
	option *option
	value  string
}

// UsageError is a command line that is refused. The first half is
// Getopt::Long's or start_server's own wording, which scripts may know; the
// second tells what to do. Exit status: EX_USAGE, 64.
type UsageError struct {
	Reason string // `Unknown option: prot`
	Remedy string // `--help lists the options`

	foreign bool // the word is no option of start_server
}

func (e *UsageError) Error() string { return e.Reason + ": " + e.Remedy }

// scanner walks the arguments as Getopt::Long does by default: options may be
// abbreviated, written in any letter case and with one dash or a plus, and are
// looked for behind the program's name too, until "--".
type scanner struct {
	args     []string // what has not been looked at
	settings []setting
	command  []string
}

// scan splits args into options and the command.
//
// One kind of line that Perl refuses is accepted: when an unknown or ambiguous
// option stands behind the program's name and no "--" before it, options end
// at the program's name, so that `--port 80 plackup --server Twiggy` runs
// `plackup --server Twiggy`.
func scan(args []string) ([]setting, []string, error) {
	s := scanner{args: args}
	var program []string // args from the program's name on
	var before int       // settings found before it
	for len(s.args) > 0 {
		here := s.args
		word := s.next()
		if word == "--" {
			s.command = append(s.command, s.args...)
			break
		}
		starter, body, ok := cutStarter(word)
		if !ok {
			if program == nil {
				program, before = here, len(s.settings)
			}
			s.command = append(s.command, word)
			continue
		}
		err := s.option(starter, body)
		if refusal, ok := errors.AsType[*UsageError](err); ok && refusal.foreign && program != nil {
			return s.settings[:before], slices.Clone(program), nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return s.settings, s.command, nil
}

func (s *scanner) next() string {
	word := s.args[0]
	s.args = s.args[1:]
	return word
}

// cutStarter takes off what begins an option. A lone "-" is a plain word.
func cutStarter(word string) (starter, body string, ok bool) {
	for _, starter := range []string{"--", "-", "+"} {
		if body, ok := strings.CutPrefix(word, starter); ok {
			return starter, body, word != "-"
		}
	}
	return "", word, false
}

// option reads one option and its value.
func (s *scanner) option(starter, body string) error {
	name, value, attached := cutValue(body)
	o, err := lookUp(starter, strings.ToLower(name))
	if err != nil {
		return err
	}
	if o.kind == flag || o.kind == onOff {
		return s.withoutValue(o, value, attached)
	}
	if !attached && len(s.args) > 0 {
		value = s.next()
	} else if value == "" {
		return &UsageError{
			Reason: fmt.Sprintf("Option %s requires an argument", o.name),
			Remedy: fmt.Sprintf("write --%s=%s", o.name, o.value),
		}
	}
	if o.kind == integer {
		if value, err = wholeNumber(o, value); err != nil {
			return err
		}
	}
	s.settings = append(s.settings, setting{o, value})
	return nil
}

// cutValue splits at the first "=" that has a name before it.
func cutValue(body string) (name, value string, attached bool) {
	if i := strings.IndexByte(body, '='); i > 0 {
		return body[:i], body[i+1:], true
	}
	return body, "", false
}

func (s *scanner) withoutValue(o *option, value string, attached bool) error {
	switch {
	case !attached:
		value = "1"
	case o.kind == onOff && (value == "0" || value == "1"):
	default:
		return &UsageError{
			Reason: fmt.Sprintf("Option %s does not take an argument", o.name),
			Remedy: fmt.Sprintf("write --%s instead of --%[1]s=%s", o.name, value),
		}
	}
	s.settings = append(s.settings, setting{o, value})
	return nil
}

// lookUp finds the option that name, in lower case, is or begins.
func lookUp(starter, name string) (*option, error) {
	if name == "" {
		return nil, foreign("Missing option after " + starter)
	}
	var hits []string
	var found *option
	for i := range options {
		switch o := &options[i]; {
		case o.name == name:
			return o, nil
		case strings.HasPrefix(o.name, name):
			hits, found = append(hits, o.name), o
		}
	}
	switch len(hits) {
	case 0:
		return nil, foreign("Unknown option: " + name)
	case 1:
		return found, nil
	}
	slices.Sort(hits)
	return nil, foreign(fmt.Sprintf("Option %s is ambiguous (%s)", name, strings.Join(hits, ", ")))
}

func foreign(reason string) error {
	return &UsageError{
		Reason:  reason,
		Remedy:  `--help lists the options; those of the program belong behind "--"`,
		foreign: true,
	}
}

var wholeNumberPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-+]?_*[0-9][0-9_]*$`) })

// wholeNumber gives value without the underscores that Getopt::Long allows.
func wholeNumber(o *option, value string) (string, error) {
	if !wholeNumberPattern().MatchString(value) {
		return "", &UsageError{
			Reason: fmt.Sprintf("Value %q invalid for option %s (number expected)", value, o.name),
			Remedy: fmt.Sprintf("write --%s=%s with a whole number", o.name, o.value),
		}
	}
	return strings.ReplaceAll(value, "_", ""), nil
}
