package porting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

// arguments reads what stands behind start_server: its options, up to its own
// "--", and the child's command.
type arguments struct {
	s     *shell
	sc    *scope
	sv    *Service
	line  int
	rest  []word
	stray []word // options that start_server does not have
	vague bool   // a word may have held anything
}

// anyOption is where a word stands that may hold options, "--" and a command.
const anyOption = "start_server's options"

func (a *arguments) read() (command []word, err error) {
	for len(a.rest) > 0 {
		w := a.rest[0]
		if w.text() == "--" {
			return a.rest[1:], nil
		}
		if len(w.pieces) == 0 {
			return a.command()
		}
		if w.pieces[0].state == computed {
			if strings.HasPrefix(w.source(), "$") && len(w.pieces) == 1 && a.dashLater() || len(a.rest) == 1 {
				a.vague = true
				a.sc.want(w, anyOption)
				a.rest = a.rest[1:]
				continue
			}
			return a.command()
		}
		head, value := w.cutOption()
		o, ok, err := starter.ReadWord(head)
		switch {
		case !ok:
			return a.command()
		case isAmbiguous(err):
			return nil, a.s.errorf(a.line, "start_server refuses %s: %w", head, err)
		case err != nil:
			a.foreign()
		default:
			if err := a.option(o, value); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func (a *arguments) dashLater() bool {
	return slices.ContainsFunc(a.rest, func(w word) bool { return w.text() == "--" })
}

// command is all that is left: there was no "--" before the program.
func (a *arguments) command() ([]word, error) {
	a.note("there is no -- before `%s`: the command is taken to begin there (Perl's start_server reads on for options of its own, and refuses most such lines)", a.rest[0].source())
	return a.rest, nil
}

func (a *arguments) note(format string, values ...any) {
	a.sv.Notes = append(a.sv.Notes, fmt.Sprintf(format, values...))
}

// isAmbiguous is an abbreviation of several options.
func isAmbiguous(err error) bool {
	refusal, ok := errors.AsType[*starter.UsageError](err)
	return ok && strings.Contains(refusal.Reason, "is ambiguous")
}

// foreign moves an option that start_server does not have to the child.
func (a *arguments) foreign() {
	w := a.rest[0]
	a.rest = a.rest[1:]
	moved := []word{w}
	if head, _ := w.cutOption(); !strings.HasSuffix(head, "=") && len(a.rest) > 1 && !strings.HasPrefix(a.rest[0].source(), "-") {
		moved = append(moved, a.rest[0])
		a.rest = a.rest[1:]
	}
	a.stray = append(a.stray, moved...)
	a.note("%s stands before --, but start_server has no such option: passed to the child, at the end of its command", join(moved))
}

func (a *arguments) option(o starter.Word, value word) error {
	a.rest = a.rest[1:]
	if o.Takes && !o.Attached {
		if len(a.rest) == 0 {
			return a.s.errorf(a.line, "--%s has no value: write --%[1]s=VALUE", o.Option)
		}
		value = a.rest[0]
		a.rest = a.rest[1:]
	}
	return a.give(o.Option, value)
}

// give sets one option, if its value is known.
func (a *arguments) give(name string, value word) error {
	a.sv.Given[name] = true
	v, known := value.value()
	if known && strings.Contains(v, "$") && name != "log-file" { // quoted, so that no shell has read it
		value = a.s.interpolate(a.sc, v)
		v, known = value.value()
	}
	if !known {
		a.sc.want(value, "--"+name)
		return nil
	}
	for _, p := range value.in(defaulted) {
		a.note("--%s has %s from the default of %s: --set %[3]s=VALUE gives another", name, p.text, p.name)
	}
	if err := a.sv.Options.Give(name, v); err != nil {
		return a.s.errorf(a.line, "%w", err)
	}
	return nil
}

// overrides are the options that start_server takes from the environment, too.
var overrides = map[string]string{
	"ENVDIR":                "envdir",
	"KILL_OLD_DELAY":        "kill-old-delay",
	"ENABLE_AUTO_RESTART":   "enable-auto-restart",
	"AUTO_RESTART_INTERVAL": "auto-restart-interval",
}

func (a *arguments) fromEnvironment() error {
	for _, name := range a.sc.exported {
		option, ok := overrides[name]
		if !ok || a.sv.Given[option] {
			continue
		}
		if v, ok := a.sc.lookup(name); ok {
			if err := a.give(option, v.value); err != nil {
				return err
			}
		}
	}
	if dir := a.sc.envDir; dir != nil && !a.sv.Given["envdir"] {
		return a.give("envdir", *dir)
	}
	return nil
}

func join(words []word) string {
	var texts []string
	for _, w := range words {
		texts = append(texts, w.source())
	}
	return strings.Join(texts, " ")
}
