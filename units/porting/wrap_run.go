package porting

import (
	"path"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// keyword is a word without options. Behind a wrapper that is not known it may
// be that one's: "carton exec".
func keyword(w *wrapping) bool {
	if len(w.keep) > 0 && base(w.rest[0].text()) == "exec" {
		return false
	}
	w.next()
	return true
}

func optional(letters, names, note string) func(*wrapping) bool {
	return func(w *wrapping) bool {
		w.next()
		w.options(letters, names)
		if note != "" {
			w.note(note)
		}
		return true
	}
}

// locked is a lock around the whole: before the child it would keep the second
// generation out.
func locked(letters string) func(*wrapping) bool {
	return func(w *wrapping) bool {
		name := w.next().source()
		w.options(letters, "")
		w.rest = w.rest[min(1, len(w.rest)):] // the file
		w.note(name + " is dropped: systemd runs a service once, and a lock would keep the new generation out")
		return true
	}
}

// daemon is the function of the init scripts of Red Hat, and daemon(1);
// start_daemon is that of the LSB, startproc SUSE's.
func daemon(letters, names string) func(*wrapping) bool {
	return func(w *wrapping) bool {
		if w.behind {
			return false
		}
		w.next()
		for len(w.rest) > 0 {
			for _, o := range w.options(letters, names) {
				switch o.name {
				case "user", "u":
					w.sc.setUser(o.value)
				case "g":
					w.sc.setGroup(o.value)
				case "chdir", "D":
					w.sc.chdir(o.value)
				case "umask":
					w.sc.setUMask(o.value)
				case "n":
					if strings.Trim(o.value.text(), "+-0123456789") == "" { // of daemon(1) it is a name
						w.sc.setting("Nice", o.value)
					}
				}
			}
			if len(w.rest) == 0 || !strings.HasPrefix(w.rest[0].text(), "+") {
				break
			}
			w.sc.option("Nice", strings.TrimPrefix(w.next().text(), "+"))
		}
		return true
	}
}

// shellCommand is sh -c, whose text is read by itself. A shell that runs a
// script is kept.
func shellCommand(w *wrapping) bool {
	at := slices.IndexFunc(w.rest, func(o word) bool {
		return strings.HasPrefix(o.text(), "-") && !strings.HasPrefix(o.text(), "--") && strings.HasSuffix(o.text(), "c")
	})
	options := 0
	for options+1 < len(w.rest) && strings.HasPrefix(w.rest[options+1].text(), "-") {
		options++
	}
	if !w.behind && options+1 == len(w.rest) && at < 0 {
		w.rest = nil // it runs start_server itself
		return true
	}
	if w.behind || at < 0 || at > options {
		return false
	}
	name := w.next().source()
	for _, o := range w.options("", "") {
		if o.name == "l" || o.name == "login" {
			w.note(name + " -l is dropped: it read the profile, which a unit does not; put the PATH that it set into Environment=PATH=")
		}
	}
	w.rest = nil // $0 and what follows
	return true
}

// goRun drops go run, where it runs start_server itself.
func goRun(w *wrapping) bool {
	if w.behind || len(w.rest) != 2 || w.rest[1].text() != "run" {
		return false
	}
	w.rest = nil
	return true
}

// systemdRun is systemd-run(1), whose settings are those of a unit.
func systemdRun(w *wrapping) bool {
	if w.behind {
		return false
	}
	w.next()
	for _, o := range w.options("pEuMH", "uid gid property setenv unit working-directory slice nice description") {
		switch name, value, ok := cutAssignment(o.value); {
		case o.name == "uid":
			w.sc.setUser(o.value)
		case o.name == "gid":
			w.sc.setGroup(o.value)
		case o.name == "nice":
			w.sc.setting("Nice", o.value)
		case o.name == "working-directory":
			w.sc.chdir(o.value)
		case ok && (o.name == "E" || o.name == "setenv"):
			w.sc.put(name, value)
		case ok && (o.name == "p" || o.name == "property"):
			w.property(name, value)
		}
	}
	return true
}

// property is a line of a unit; it goes the way of those of an old unit.
func (w *wrapping) property(name string, value word) {
	switch {
	case !value.known():
		w.sc.want(value, name+"=")
	default:
		w.s.unitLine(w.sc, unitfile.Setting{UnitOption: *unit.NewUnitOption("Service", name, value.text())})
	}
}

// interpreter drops perl and ruby before start_server itself.
func interpreter(w *wrapping) bool {
	if w.behind {
		return false
	}
	name := w.rest[0].source()
	own := []string{name}
	i := 1
	for ; i < len(w.rest) && strings.HasPrefix(w.rest[i].source(), "-"); i++ {
		own = append(own, w.rest[i].source())
		if o := w.rest[i].text(); (o == "-I" || o == "-M") && i+1 < len(w.rest) {
			i++
			own = append(own, w.rest[i].source())
		}
	}
	if i < len(w.rest) {
		return false
	}
	w.rest = nil
	if len(own) > 1 && !slices.Equal(own[1:], []string{"-x"}) {
		w.note("`" + strings.Join(own, " ") + "` before start_server is dropped: it was for start_server itself")
	}
	return true
}

// places are the commands that run their words in another place than this, each
// with its letters that have a value.
var places = map[string]string{
	"docker": "euwpvhlmc", "podman": "euwpvhlmc", "docker-compose": "euwpvl", "kubectl": "nc",
	"ssh": "bcDEeFIiJLlmOopQRSWw", "screen": "Scehpst", "tmux": "scnxytFLf",
}

const placeNames = "env user workdir env-file name network volume publish hostname label container namespace"

// elsewhere is docker exec [option…] NAME, ssh [option…] HOST, screen [option…].
func elsewhere(w *wrapping) bool {
	if w.behind {
		return false
	}
	program := base(w.next().text())
	w.note("`" + program + " …` before start_server is dropped: the unit must stand where start_server ran")
	named := program != "screen" && program != "tmux"
	for len(w.rest) > 0 {
		switch text := w.rest[0].text(); {
		case slices.Contains([]string{"compose", "container", "exec", "run", "new-session", "new"}, text):
			w.next()
		case strings.HasPrefix(text, "-"):
			w.inside(w.options(places[program], placeNames))
		case named:
			named = false
			w.next()
		default:
			w.keep = nil
			return true
		}
	}
	w.keep = nil
	return true
}

// inside takes over how a container ran it.
func (w *wrapping) inside(options []option) {
	for _, o := range options {
		switch name, value, ok := cutAssignment(o.value); {
		case len(o.value.pieces) == 0:
		case o.name == "u" || o.name == "user":
			w.sc.setUser(o.value)
		case o.name == "workdir" || o.name == "w" && path.IsAbs(o.value.text()):
			w.sc.chdir(o.value)
		case ok && (o.name == "e" || o.name == "env"):
			w.sc.put(name, value)
		}
	}
}
