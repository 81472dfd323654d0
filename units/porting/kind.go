package porting

import (
	"path"
	"regexp"
	"strings"
)

// Kind is what sort of file a text is.
type Kind int

// Auto looks at the path and the text. Shell is every sh or bash text: run
// scripts, init scripts, one-liners. Supervisor is supervisord's
// configuration. Compose is any YAML with command: in it.
const (
	Auto Kind = iota
	Shell
	Unit
	Procfile
	Supervisor
	Dockerfile
	Makefile
	Compose
	Upstart
	Crontab
)

var (
	unitText       = pattern(`(?m)^\[(Unit|Service|Install|Socket)\]\s*$|^[ \t]*ExecStart\s*=`)
	supervisorText = pattern(`(?m)^\[(program|group|eventlistener|supervisord):?[^\]]*\]`)
	dockerText     = pattern(`(?m)^(FROM|CMD|ENTRYPOINT|WORKDIR)\s+\S`)
	makeText       = pattern(`(?m)^[A-Za-z0-9_.%-]+( [A-Za-z0-9_.%-]+)*:[^=\n]*\n\t`)
	upstartText    = pattern(`(?m)^(end script|(start|stop) on .*|respawn)\s*$`)
	crontabText    = pattern(`(?m)^(@(reboot|hourly|daily)|([-0-9*/,]+[ \t]+){5})[ \t]*\S`)
	composeText    = pattern(`(?m)^\s*(- )?(command|entrypoint|args):`)
	procfileLine   = pattern(`^([A-Za-z0-9_-]+):\s+(\S.*)$`)
)

// detect tells the kind by the file's name, else by the text.
func detect(file, text string) Kind {
	name := strings.ToLower(path.Base(file))
	switch ext := path.Ext(name); {
	case strings.HasPrefix(name, "procfile"):
		return Procfile
	case strings.HasPrefix(name, "dockerfile"), name == "containerfile", ext == ".dockerfile":
		return Dockerfile
	case name == "makefile", name == "gnumakefile", ext == ".mk":
		return Makefile
	case ext == ".service":
		return Unit
	case ext == ".yml", ext == ".yaml":
		return Compose
	case ext == ".sh", ext == ".bash":
		return Shell
	}
	if strings.HasPrefix(text, "#!") {
		return Shell
	}
	for _, k := range []struct {
		pattern func() *regexp.Regexp
		kind    Kind
	}{
		{unitText, Unit},
		{supervisorText, Supervisor},
		{dockerText, Dockerfile},
		{upstartText, Upstart},
		{makeText, Makefile},
		{crontabText, Crontab},
	} {
		if k.pattern().MatchString(text) {
			return k.kind
		}
	}
	switch {
	case isProcfile(text):
		return Procfile
	case composeText().MatchString(text):
		return Compose
	}
	return Shell
}

// isProcfile is a text in which every line has a name.
func isProcfile(text string) bool {
	found := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m := procfileLine().FindStringSubmatch(line)
		if m == nil || m[1] == "command" || m[1] == "entrypoint" || m[1] == "args" {
			return false
		}
		found = true
	}
	return found
}
