package porting

import (
	"path"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// wrapping walks over the words before a program: those before start_server,
// or, behind its "--", those before the child.
type wrapping struct {
	s      *shell
	sc     *scope
	behind bool
	rest   []word // not looked at
	keep   []word // must stay before the child
}

// wrap takes what stands before start_server apart.
func (s *shell) wrap(sc *scope, words []word) {
	w := &wrapping{s: s, sc: sc, rest: words}
	for len(w.rest) > 0 {
		if !w.step() {
			w.keep = append(w.keep, w.next())
		}
	}
	sc.wrappers = append(sc.wrappers, w.keep...)
}

// unwrap does so with the child's command, up to the first word that it does
// not know, and gives what is left.
func (s *shell) unwrap(sc *scope, words []word) []word {
	w := &wrapping{s: s, sc: sc, rest: words, behind: true}
	for len(w.rest) > 1 && w.step() {
	}
	return append(w.keep, w.rest...)
}

// step takes one wrapper off. It is false for a word that is none.
func (w *wrapping) step() bool {
	text := w.rest[0].text()
	if name, _, ok := cutAssignment(w.rest[0]); ok && len(w.keep) == 0 {
		_, value := w.rest[0].cutOption()
		w.next()
		w.sc.put(name, value)
		return true
	}
	take, ok := wrappers[base(text)]
	if !ok || slices.Contains(common, base(text)) && !systemProgram(text) {
		return false
	}
	return take(w)
}

// common are names that people give to scripts of their own, too.
var common = []string{"env", "daemon", "time", "exec", "command", "nice"}

func systemProgram(file string) bool {
	return file == base(file) || slices.Contains([]string{"/bin", "/sbin", "/usr/bin", "/usr/sbin"}, path.Dir(file))
}

func (w *wrapping) next() word {
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

// option is one of a wrapper's own.
type option struct {
	name  string
	value word
}

// options takes the options off the rest: letters and names are of those that
// have a value. It ends before the first other word, and takes a "--" along.
func (w *wrapping) options(letters, names string) []option {
	var found []option
	long := strings.Fields(names)
	for len(w.rest) > 0 {
		text := w.rest[0].source()
		switch {
		case text == "--":
			w.next()
			return found
		case !strings.HasPrefix(text, "-"):
			return found
		case strings.HasPrefix(text, "--"):
			head, value := w.next().cutOption()
			name, attached := strings.CutSuffix(strings.TrimPrefix(head, "--"), "=")
			if !attached && slices.Contains(long, name) && len(w.rest) > 0 {
				value = w.next()
			}
			found = append(found, option{name, value})
		default:
			found = append(found, w.short(letters)...)
		}
	}
	return found
}

// short takes a word such as -b, -bS, -uwww or -u www off.
func (w *wrapping) short(letters string) []option {
	var found []option
	first := w.next()
	if len(first.pieces) == 0 || first.pieces[0].state == computed {
		return nil
	}
	text := first.pieces[0].text
	if text == "-" {
		return []option{{}}
	}
	for i := 1; i < len(text); i++ {
		name := text[i : i+1]
		if !strings.Contains(letters, name) {
			found = append(found, option{name: name})
			continue
		}
		value := word{line: first.line}
		if rest := text[i+1:]; rest != "" {
			value.pieces = append(value.pieces, piece{text: rest})
		}
		value.pieces = append(value.pieces, first.pieces[1:]...)
		if len(value.pieces) == 0 && len(w.rest) > 0 {
			value = w.next()
		}
		return append(found, option{name, value})
	}
	return found
}

func cutAssignment(w word) (name string, value word, ok bool) {
	head, value := w.cutOption()
	name, ok = strings.CutSuffix(head, "=")
	return name, value, ok && launch.IsName(name)
}

func (w *wrapping) note(text string) { w.sc.notes = append(w.sc.notes, text) }

// wrappers are those that are known; each takes its own words off, its name
// first, and says so. What is not here is kept as it stands.
var wrappers map[string]func(*wrapping) bool

func init() { // the functions use the map
	wrappers = map[string]func(*wrapping) bool{
		"exec": keyword, "time": keyword, "command": keyword, "nohup": keyword, "sdbridge": keyword,
		"setsid":      optional("", "", ""),
		"tini":        optional("", "", "tini stood there to reap: sdbridge does that"),
		"dumb-init":   optional("r", "rewrite", "dumb-init stood there to reap and pass signals on: sdbridge does that"),
		"daemonize":   optional("acelopu", "", "daemonize is dropped: systemd runs the service in the foreground"),
		"authbind":    optional("", "depth", "authbind is dropped: systemd binds the sockets"),
		"systemd-cat": optional("tp", "identifier priority stderr-priority", ""),
		"systemd-run": systemdRun,
		"setlock":     locked(""), "flock": locked("wE"), "chainlock": locked(""),

		"env": env, "envfile": envFile, "envdir": envDir, "s6-envdir": envDir,
		"setuidgid": setUIDGID, "s6-setuidgid": setUIDGID, "gosu": setUIDGID, "su-exec": setUIDGID,
		"chpst": chpst, "softlimit": softLimit, "s6-softlimit": softLimit,
		"sudo": sudo, "doas": sudo, "su": su, "runuser": su, "setpriv": setPriv,
		"daemon":       daemon("nuUDFoeOElL", "pidfile user check name chdir output stdout stderr umask env"),
		"start_daemon": daemon("np", ""), "startproc": daemon("tTugplicne", ""),
		"chroot": chroot, "unshare": unshare, "nsenter": nsenter, "ip": netns,
		"s6-applyuidgid": applyUIDGID,
		"chrt":           chrt, "taskset": taskSet,
		"nice": nice, "ionice": ionice, "prlimit": prLimit,
		"sh": shellCommand, "bash": shellCommand, "dash": shellCommand, "zsh": shellCommand, "ksh": shellCommand, "ash": shellCommand,
		"perl": interpreter, "ruby": interpreter, "go": goRun,
		"carton": carton, "bundle": keepExec, "plenv": keepExec, "rbenv": keepExec, "rvm": keepExec,
		"docker": elsewhere, "podman": elsewhere, "docker-compose": elsewhere, "kubectl": elsewhere, "ssh": elsewhere,
		"screen": elsewhere, "tmux": elsewhere,
	}
}
