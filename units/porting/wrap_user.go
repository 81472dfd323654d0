package porting

import (
	"slices"
	"strings"
)

// setUser takes "user", "user:group" and "user.group".
func (sc *scope) setUser(w word) {
	text, known := w.value()
	if !known {
		sc.want(w, "User=")
		return
	}
	user, group, _ := strings.Cut(strings.TrimPrefix(text, ":"), ":")
	if user != "" {
		sc.user = user
	}
	if group != "" {
		sc.group, _, _ = strings.Cut(group, ":")
	}
}

func setUIDGID(w *wrapping) bool {
	name := w.next().source()
	w.options("", "")
	if len(w.rest) > 0 {
		w.sc.setUser(w.next())
	}
	w.rooted(name)
	return true
}

// rooted says what a change of user that stood behind "--" was for.
func (w *wrapping) rooted(name string) {
	if w.behind {
		w.note(name + " is dropped for User=: systemd binds the sockets, so nothing needs root")
	}
}

func sudo(w *wrapping) bool {
	name := w.next().source()
	for _, o := range w.options("ugDCpRTrt", "user group chdir close-from prompt") {
		switch o.name {
		case "u", "user":
			w.sc.setUser(o.value)
		case "g", "group":
			w.sc.group = o.value.text()
		case "D", "chdir":
			w.sc.chdir(o.value)
		case "i", "login":
			w.note("sudo -i read the profile of the user, which a unit does not: PATH goes into Environment=")
		}
	}
	w.assignments()
	w.rooted(name)
	return true
}

// su is su and runuser. Before start_server the text behind -c is taken out
// already; behind "--" it is the child's, and needs a shell of its own.
func su(w *wrapping) bool {
	name := w.next().source()
	w.runsRest()
	letters, names := "sugGw", "shell user group supp-group whitelist-environment"
	if w.behind {
		letters, names = letters+"c", names+" command"
	}
	var user, text word
	login := false
	take := func(found []option) {
		for _, o := range found {
			switch o.name {
			case "u", "user":
				user = o.value
			case "g", "group":
				w.sc.group = o.value.text()
			case "l", "login", "":
				login = true
			case "c", "command":
				text = o.value
			}
		}
	}
	take(w.options(letters, names))
	if user.pieces == nil && len(w.rest) > 0 {
		user = w.next()
		take(w.options(letters, names))
	}
	if user.pieces != nil {
		w.sc.setUser(user)
	}
	if login {
		w.note(name + " - read the profile of the user, which a unit does not: PATH goes into Environment=")
	}
	if text.pieces != nil {
		w.rest = append([]word{plain("/bin/sh"), plain("-c"), text}, w.rest...)
	}
	w.rooted(name)
	return true
}

// runsRest takes -c 'exec "$0" "$@"' off, which runs what stands behind the user.
func (w *wrapping) runsRest() {
	for i := 0; i+1 < len(w.rest) && !w.behind; i++ {
		text := w.rest[i+1].script()
		if c := w.rest[i].text(); c != "-c" && c != "--command" || !strings.Contains(text, "$") {
			continue
		}
		if text != `exec "$0" "$@"` {
			w.note("`" + oneLine(text) + "` of su is not carried over")
		}
		w.rest = slices.Delete(slices.Clone(w.rest), i, i+2)
		return
	}
}

func setPriv(w *wrapping) bool {
	w.next()
	for _, o := range w.options("", "reuid regid ruid euid rgid egid groups inh-caps ambient-caps bounding-set") {
		switch o.name {
		case "reuid", "euid", "ruid":
			w.sc.setUser(o.value)
		case "regid", "egid", "rgid":
			w.sc.group = o.value.text()
		case "no-new-privs":
			w.sc.option("NoNewPrivileges", "yes")
		}
	}
	w.rooted("setpriv")
	return true
}
