package pair

import (
	"path"
	"slices"
	"strings"
)

// descriptor has a server that takes no socket but by --fd take it. It binds by
// itself what --host and --port say, which are gone then.
func (m *maker) descriptor() {
	at := slices.IndexFunc(m.command, func(w string) bool { return path.Base(w) == "uvicorn" })
	if m.child.Name != "uvicorn" || len(m.listens) == 0 || slices.ContainsFunc(m.command, func(w string) bool { return strings.HasPrefix(w, "--fd") }) {
		return
	}
	if at < 0 || m.listens[0].placed {
		m.note("uvicorn takes no socket but by --fd: write --fd=3, or the descriptor of its --port, in place of its --host and --port")
		return
	}
	rest, gone := without(m.command[at+1:], "--host", "--port", "--uds")
	m.command = slices.Concat(m.command[:at+1], []string{"--fd=3"}, rest)
	if len(gone) == 0 {
		m.note("--fd=3 is new in its command: uvicorn takes no socket but by that")
		return
	}
	m.notes = slices.DeleteFunc(m.notes, func(n string) bool { return strings.HasPrefix(n, "the child's own ") })
	m.note("--fd=3 stands for %s in its command: uvicorn takes no socket but by that, and would bind that address by itself", strings.Join(gone, " "))
}

// without takes options with a value out of words.
func without(words []string, options ...string) (rest, gone []string) {
	for i := 0; i < len(words); i++ {
		name, _, joined := strings.Cut(words[i], "=")
		if !slices.Contains(options, name) {
			rest = append(rest, words[i])
			continue
		}
		gone = append(gone, words[i])
		if !joined && i+1 < len(words) {
			i++
			gone = append(gone, words[i])
		}
	}
	return rest, gone
}
