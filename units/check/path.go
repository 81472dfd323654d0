package check

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func under(p, dir string) bool {
	return p == dir || strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/")
}

// files are the paths of a socket unit's Unix sockets.
func files(socket *file) (list []address) {
	for _, a := range listens(socket) {
		if strings.HasPrefix(a.path, "/") {
			list = append(list, a)
		}
	}
	return list
}

// runtimeDirectories are those of RuntimeDirectory=, below /run.
func runtimeDirectories(s *file) (dirs []string) {
	for _, one := range s.all("Service.RuntimeDirectory") {
		for dir := range strings.FieldsSeq(one.Value) {
			dir, _, _ = strings.Cut(dir, ":") // a link beside it
			dirs = append(dirs, path.Join("/run", dir))
		}
	}
	return dirs
}

func runtimeDirectoryPath(p *pair, socket *file) (found []Finding) {
	if p.service == nil {
		return nil
	}
	severity, preserve := Closes, p.service.value("Service.RuntimeDirectoryPreserve")
	if preserve == "yes" || preserve == "true" || preserve == "1" {
		severity = Hint
	}
	for _, a := range files(socket) {
		for _, dir := range runtimeDirectories(p.service) {
			if under(a.path, dir) {
				found = append(found, socket.finding(severity, a.where, fmt.Sprintf("%s lies under RuntimeDirectory= of %s", a.path, p.service.name),
					"systemd removes "+dir+" when the service stops; the socket stays active, and its path does not come back",
					a.Name+"="+path.Join("/run", p.service.stem()+".sock"))...)
				break
			}
		}
	}
	return found
}

func hiddenPath(p *pair, socket *file) (found []Finding) {
	if p.service == nil {
		return nil
	}
	home := strings.ToLower(p.service.value("Service.ProtectHome"))
	for _, a := range files(socket) {
		write := a.Name + "=" + path.Join("/run", p.service.stem()+".sock")
		at := func(severity Severity, what, why string) {
			found = append(found, socket.finding(severity, a.where, what, why, write)...)
		}
		switch {
		case (under(a.path, "/tmp") || under(a.path, "/var/tmp")) && (p.service.is("Service.PrivateTmp") || p.service.value("Service.PrivateTmp") == "disconnected"):
			at(Closes, a.path+" is not what the service sees there: PrivateTmp="+p.service.value("Service.PrivateTmp"),
				"the socket lies in the host's /tmp, the service has its own; a program that looks at the path makes a second socket, which no client finds")
		case under(a.path, "/tmp"), under(a.path, "/var/tmp"):
			at(Hint, a.path+" lies in a directory that is cleaned, and private for many services", "a proxy with PrivateTmp=yes does not see it")
		case !under(a.path, "/home") && !under(a.path, "/root") && !under(a.path, "/run/user"):
		case home == "yes" || home == "true" || home == "1" || home == "tmpfs":
			at(Closes, a.path+" is hidden from the service: ProtectHome="+home, "a program that looks at the path does not find the socket that it was handed, and cannot make one")
		default:
			at(Hint, a.path+" lies in a home", "systemd makes missing directories as root:root, ProtectHome= hides the path, and a proxy may not pass the home's mode")
		}
	}
	return found
}

// removedPath looks for commands that take a socket's path away, as programs that
// bind it by themselves have them.
func removedPath(p *pair, socket *file) (found []Finding) {
	if p.service == nil {
		return nil
	}
	for _, c := range execs(p.service, execKeys...) {
		for _, argv := range c.parts() {
			name := filepath.Base(argv[0])
			for _, a := range files(socket) {
				if (name == "rm" || name == "unlink") && slices.ContainsFunc(argv[1:], func(word string) bool { return canonical(word) == a.path }) {
					found = append(found, p.service.finding(Closes, c.where, fmt.Sprintf("%s= removes %s", c.Name, a.path),
						"the socket stays active, and its path does not come back: no client finds it", "leave it out")...)
				}
			}
		}
	}
	return found
}

// tmpfilesDirs are those of tmpfiles.d(5); of one name the first wins.
var tmpfilesDirs = []string{"/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/local/lib/tmpfiles.d", "/usr/lib/tmpfiles.d"}

// tmpfilesPath looks for lines that empty (D) or remove (R) what holds the socket.
// A boot does so before it makes sockets. That /tmp is emptied is hiddenPath's.
func tmpfilesPath(p *pair, socket *file) (found []Finding) {
	list := files(socket)
	if len(list) == 0 {
		return nil
	}
	for _, conf := range p.host.tmpfiles() {
		for number, line := range strings.Split(p.host.read(conf), "\n") {
			fields := strings.Fields(line)
			if len(fields) < 2 || !strings.ContainsAny(fields[0][:1], "DR") {
				continue
			}
			for _, a := range list {
				of := canonical(fields[1])
				if of != "/tmp" && of != "/var/tmp" && removes(fields[0][0], of, a.path) {
					found = append(found, socket.finding(Closes, a.where, fmt.Sprintf("%s is removed by %s:%d: %s", a.path, conf, number+1, strings.Join(fields[:2], " ")),
						"systemd-tmpfiles --remove takes the path away while the socket stays active", "d in place of "+fields[0][:1])...)
				}
			}
		}
	}
	return found
}

func removes(kind byte, pattern, p string) bool {
	if kind == 'D' {
		return under(p, pattern) && p != pattern
	}
	for at := p; at != "/"; at = path.Dir(at) {
		if ok, _ := path.Match(pattern, at); ok {
			return true
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
