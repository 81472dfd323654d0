package check

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// removedPath looks for commands that take a socket's path away, as programs that
// bind it by themselves have them.
func removedPath(p *pair, socket *file) (found []Finding) {
	if p.service == nil {
		return nil
	}
	for _, c := range execs(p.service, execKeys...) {
		expands := slices.Contains(shells, filepath.Base(c.argv[0]))
		for _, argv := range c.parts() {
			for _, a := range files(socket) {
				if takesAway(argv, expands, a.path) {
					found = append(found, p.service.finding(Closes, c.where, fmt.Sprintf("%s= removes %s", c.Name, a.path),
						"the socket stays active, and its path does not come back: no client finds it", "leave it out")...)
				}
			}
		}
	}
	return found
}

// takesAway tells whether a command removes a path; where a shell expands its
// words, also by a pattern.
func takesAway(argv []string, expands bool, p string) bool {
	name := filepath.Base(argv[0])
	if name != "rm" && name != "unlink" {
		return false
	}
	recursive := slices.ContainsFunc(argv[1:], func(word string) bool {
		return word == "--recursive" || strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.ContainsAny(word, "rR")
	})
	return slices.ContainsFunc(argv[1:], func(word string) bool {
		word = canonical(word)
		kind := byte('r')
		if recursive {
			kind = 'R'
		}
		return word == p || recursive && under(p, word) || expands && removes(kind, word, p)
	})
}

// tmpfilesDirs are those of tmpfiles.d(5); of one name the first wins.
var tmpfilesDirs = []string{"/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d"}

// tmpfilesPath looks for lines that empty (D) or remove (r, R) what holds the
// socket. A boot does so before it makes sockets: with "!", nothing else does. That
// /tmp is emptied is hiddenPath's.
func tmpfilesPath(p *pair, socket *file) (found []Finding) {
	list := files(socket)
	if len(list) == 0 {
		return nil
	}
	for _, conf := range p.host.tmpfiles() {
		for number, line := range strings.Split(p.host.read(conf), "\n") {
			words, _ := unitfile.Words(line) // what is not closed is at the end
			if len(words) < 2 || !strings.ContainsAny(words[0][:min(1, len(words[0]))], "DRr") {
				continue
			}
			of := canonical((&file{}).expand(words[1]))
			for _, a := range list {
				if of != "/tmp" && of != "/var/tmp" && removes(words[0][0], of, a.path) {
					found = append(found, socket.tmpfilesLine(a, words, fmt.Sprintf("%s:%d", conf, number+1))...)
				}
			}
		}
	}
	return found
}

func (f *file) tmpfilesLine(a address, words []string, where string) []Finding {
	severity, write := Closes, "d in place of "+words[0][:1]
	if strings.Contains(words[0], "!") {
		severity = Hint
	}
	if words[0][0] == 'r' {
		write = "leave the line out"
	}
	return f.finding(severity, a.where, fmt.Sprintf("%s is removed by %s: %s", a.path, where, strings.Join(words[:2], " ")),
		"systemd-tmpfiles --remove takes the path away while the socket stays active", write)
}

// removes tells whether a line of that kind takes a path away: R what is below the
// pattern, too, D only that.
func removes(kind byte, pattern, p string) bool {
	if kind == 'D' {
		return under(p, pattern) && p != pattern
	}
	for at := p; at != "/" && at != "."; at = path.Dir(at) {
		if ok, _ := path.Match(pattern, at); ok {
			return true
		}
		if kind == 'r' {
			return false
		}
	}
	return false
}

// tmpfiles are the paths of the files that count.
func (h Host) tmpfiles() (paths []string) {
	var names []string
	for _, dir := range tmpfilesDirs {
		entries, _ := os.ReadDir(h.on(dir)) // one that is not there has none
		for _, e := range entries {
			if filepath.Ext(e.Name()) == ".conf" && !slices.Contains(names, e.Name()) {
				names = append(names, e.Name())
				paths = append(paths, path.Join(dir, e.Name()))
			}
		}
	}
	return paths
}
