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
	sc.tell(w)
	ids := strings.Split(strings.TrimPrefix(text, ":"), ":")
	if user := strings.TrimPrefix(ids[0], "#"); user != "" { // sudo -u "#1000"
		sc.user = user
	}
	if len(ids) > 1 && ids[1] != "" {
		sc.group = strings.TrimPrefix(ids[1], "#")
	}
	if len(ids) > 2 { // chpst -u user:group:more
		sc.supplementary(strings.Join(ids[2:], " "))
	}
}

func (sc *scope) setGroup(w word) {
	if !w.known() {
		sc.want(w, "Group=")
		return
	}
	sc.tell(w)
	sc.group = strings.TrimPrefix(w.text(), "#")
}

func (sc *scope) supplementary(groups string) {
	groups = strings.Join(strings.FieldsFunc(groups, func(r rune) bool { return r == ',' || r == ' ' || r == ':' }), " ")
	if groups != "" {
		sc.option("SupplementaryGroups", groups)
	}
}

// setGroups takes a list of groups, "5,6".
func (sc *scope) setGroups(w word) {
	if !w.known() {
		sc.want(w, "SupplementaryGroups=")
		return
	}
	sc.supplementary(w.text())
}

// home moves to the home of a user whom su - or sudo -i became: of start_server,
// or behind "--" of the child alone.
func (w *wrapping) home(user word) {
	name := user.text()
	if user.pieces == nil {
		name = "root"
	}
	home := word{pieces: unknown("~"+orElse(name, user.source()), "")}
	if v, ok := w.sc.set["~"+name]; ok {
		home = plain(v)
	}
	if w.behind {
		w.sc.childDir = home
		return
	}
	w.sc.dir = home
}

// applyUIDGID is s6-applyuidgid.
func applyUIDGID(w *wrapping) bool {
	name := w.next().source()
	for _, o := range w.options("ugG", "") {
		switch o.name {
		case "u":
			w.sc.setUser(o.value)
		case "g":
			w.sc.setGroup(o.value)
		case "G":
			w.sc.setGroups(o.value)
		case "U":
			w.note(name + " -U is not carried over: it took UID, GID and GIDLIST of the environment")
		}
	}
	w.rooted(name)
	return true
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
	var user word
	login, moved := false, false
	for _, o := range w.options("ugDCpRTrt", "user group chdir close-from prompt") {
		switch o.name {
		case "u", "user":
			user = o.value
			w.sc.setUser(o.value)
		case "g", "group":
			w.sc.setGroup(o.value)
		case "D", "chdir":
			moved = true
			w.sc.chdir(o.value)
		case "i", "login":
			login = true
			w.note("sudo -i read the profile of the user, which a unit does not: PATH goes into Environment=")
		}
	}
	if login && !moved {
		w.home(user)
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
				w.sc.setGroup(o.value)
			case "G", "supp-group":
				w.sc.setGroups(o.value)
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
		w.home(user)
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
			w.sc.setGroup(o.value)
		case "groups":
			w.sc.setGroups(o.value)
		case "no-new-privs":
			w.sc.option("NoNewPrivileges", "yes")
		}
	}
	w.rooted("setpriv")
	return true
}
