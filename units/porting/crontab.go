package porting

import (
	"path"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

var crontabLine = pattern(`^\s*(?:@\w+|(?:[-0-9*/,]+[ \t]+){4}[-0-9*/,]+)[ \t]+(.*)$`)

// readCrontab reads crontab(5): what a line runs, in the environment that the
// lines before it set.
func (r *reader) readCrontab() error {
	set := newScope(r.source)
	for i, line := range strings.Split(r.body, "\n") {
		m := crontabLine().FindStringSubmatch(line)
		if m == nil {
			if name, value, ok := strings.Cut(line, "="); ok && launch.IsName(strings.TrimSpace(name)) {
				set.put(strings.TrimSpace(name), plain(strings.Trim(strings.TrimSpace(value), `"'`)))
				set.exported = slices.DeleteFunc(set.exported, func(name string) bool { return name == "SHELL" || name == "MAILTO" })
			}
			continue
		}
		if !mentionsStarter(line) {
			continue
		}
		r.part(func() error {
			sc := set.clone()
			r.note("cron started it: the unit starts at boot by WantedBy=multi-user.target, and again when it dies")
			return r.script(sc, strings.ReplaceAll(r.crontabUser(sc, m[1]), `\%`, "%"), i+1)
		})
	}
	return nil
}

var crontabUser = pattern(`^([a-z_][a-z0-9_-]*)[ \t]+(\S+.*)$`)

// crontabUser takes the user off that the system's own files have before the
// command.
func (r *reader) crontabUser(sc *scope, command string) string {
	m := crontabUser().FindStringSubmatch(command)
	if m == nil {
		return command
	}
	dir := path.Dir(r.source.Path)
	if dir == "/etc/cron.d" || r.source.Path == "/etc/crontab" || m[1] == "root" || strings.HasPrefix(m[2], "cd ") {
		sc.setUser(plain(m[1]))
		return m[2]
	}
	return command
}
