package check

import (
	"fmt"
	"path"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
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
		words, _ := unitfile.Words(one.Value)
		for _, dir := range words {
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
	if unitfile.IsTrue(preserve) {
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
	home, tmp := p.service.value("Service.ProtectHome"), privateTmp(p.service)
	for _, a := range files(socket) {
		write := a.Name + "=" + path.Join("/run", p.service.stem()+".sock")
		at := func(severity Severity, what, why string) {
			found = append(found, socket.finding(severity, a.where, what, why, write)...)
		}
		switch {
		case (under(a.path, "/tmp") || under(a.path, "/var/tmp")) && tmp != "":
			at(Closes, a.path+" is not what the service sees there: "+tmp,
				"the socket lies in the host's /tmp, the service has its own; a program that looks at the path makes a second socket, which no client finds")
		case under(a.path, "/tmp"), under(a.path, "/var/tmp"):
			at(Hint, a.path+" lies in a directory that is cleaned, and private for many services", "a proxy with PrivateTmp=yes does not see it")
		case !under(a.path, "/home") && !under(a.path, "/root") && !under(a.path, "/run/user"):
		case unitfile.IsTrue(home) || home == "tmpfs":
			at(Closes, a.path+" is hidden from the service: ProtectHome="+home, "a program that looks at the path does not find the socket that it was handed, and cannot make one")
		default:
			at(Hint, a.path+" lies in a home", "systemd makes missing directories as root:root, ProtectHome= hides the path, and a proxy may not pass the home's mode")
		}
	}
	return found
}

// privateTmp is what gives the service a /tmp of its own; "" where nothing does.
func privateTmp(s *file) string {
	switch v := s.value("Service.PrivateTmp"); {
	case unitfile.IsTrue(v) || v == "disconnected":
		return "PrivateTmp=" + v
	case s.is("Service.DynamicUser"):
		return "DynamicUser=" + s.value("Service.DynamicUser")
	}
	return ""
}
