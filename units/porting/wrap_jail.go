package porting

import "strings"

// jails are wrappers that need root: under the User= of the pair they fail, and
// no setting of a unit does the same without the bridge.
func chroot(w *wrapping) bool {
	return w.refuse("", "userspec groups", 1, func(_ []option, words []word) string {
		return "write RootDirectory=" + join(words) + " into the unit, with sdbridge copied into it, one file that needs no library: systemd starts the bridge in there, too"
	})
}

// unshare is unshare(1).
func unshare(w *wrapping) bool {
	settings := map[string]string{
		"n": "PrivateNetwork=yes", "net": "PrivateNetwork=yes", "m": "PrivateMounts=yes", "mount": "PrivateMounts=yes",
		"i": "PrivateIPC=yes", "ipc": "PrivateIPC=yes", "u": "ProtectHostname=yes", "uts": "ProtectHostname=yes",
		"U": "PrivateUsers=yes", "user": "PrivateUsers=yes", "p": "PrivatePIDs=yes", "pid": "PrivatePIDs=yes",
	}
	return w.refuse("RwSG", "root wd setuid setgid propagation", 0, func(options []option, _ []word) string {
		var write []string
		for _, o := range options {
			if s := settings[o.name]; s != "" {
				write = append(write, s)
			}
		}
		return writeInto(strings.Join(unique(write), " and "))
	})
}

func nsenter(w *wrapping) bool {
	return w.refuse("tSGn", "target setuid setgid", 0, func([]option, []word) string { return writeInto("NetworkNamespacePath=") })
}

// netns is ip netns exec NAME.
func netns(w *wrapping) bool {
	if len(w.rest) < 4 || w.rest[1].text() != "netns" || w.rest[2].text() != "exec" {
		return false
	}
	return w.refuse("", "", 3, func(_ []option, words []word) string {
		return writeInto("NetworkNamespacePath=/run/netns/" + words[2].source())
	})
}

func writeInto(setting string) string {
	if setting == "" {
		setting = "what it was for"
	}
	return "write " + setting + " into the unit: its sockets stay those that PID 1 binds"
}

// refuse takes a wrapper off with its options and n words, and keeps the line
// from being written.
func (w *wrapping) refuse(letters, names string, n int, advice func([]option, []word) string) bool {
	all := w.rest
	w.next()
	options := w.options(letters, names)
	words := w.rest[:min(n, len(w.rest))]
	w.rest = w.rest[len(words):]
	text := oneLine(join(all[:len(all)-len(w.rest)]))
	if w.sc.refused == nil {
		w.sc.refused = w.s.errorf(all[0].line, "`%s` needs root, which the child of a unit has not: give the line without it, and %s", text, advice(options, words))
	}
	return true
}
