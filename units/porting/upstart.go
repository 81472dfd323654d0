package porting

import (
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// readUpstart reads init(5) of Upstart: its stanzas, and exec or script.
func (r *reader) readUpstart() error {
	r.part(func() error {
		sc := newScope(r.source)
		sc.name = strings.TrimSuffix(base(r.source.Path), ".conf")
		lines := logicalLines(r.body)
		for i := 0; i < len(lines); i++ {
			key, value, _ := strings.Cut(strings.TrimSpace(lines[i].text), " ")
			switch value = strings.TrimSpace(value); {
			case value == "script":
				i, _ = untilEnd(lines, i) // pre-start script and its kind
				r.note("%s script is not carried over: if it is needed, ExecStartPre=", key)
			case key == "script":
				end, text := untilEnd(lines, i)
				if err := r.script(sc.clone(), text, lines[i].line+1); err != nil {
					return err
				}
				i = end
			case key == "exec":
				if err := r.script(sc.clone(), value, lines[i].line); err != nil {
					return err
				}
			default:
				r.stanza(sc, key, value)
			}
		}
		return nil
	})
	return nil
}

// untilEnd gives the text between lines[begin] and "end script".
func untilEnd(lines []logical, begin int) (end int, text string) {
	var body []string
	for end = begin + 1; end < len(lines) && strings.TrimSpace(lines[end].text) != "end script"; end++ {
		body = append(body, lines[end].text)
	}
	return end, strings.Join(body, "\n")
}

func (r *reader) stanza(sc *scope, key, value string) {
	switch key {
	case "env":
		if name, v, ok := strings.Cut(value, "="); ok && launch.IsName(name) {
			sc.put(name, plain(strings.Trim(v, `"'`)))
		}
	case "chdir":
		sc.dir = plain(value)
	case "setuid":
		sc.user = value
	case "setgid":
		sc.group = value
	case "umask":
		sc.setUMask(plain(value))
	case "nice":
		sc.option("Nice", value)
	case "limit":
		if f := strings.Fields(value); len(f) == 3 {
			sc.option("Limit"+strings.ToUpper(f[0]), strings.ReplaceAll(f[1]+":"+f[2], "unlimited", "infinity"))
		}
	case "oom":
		score := strings.TrimSpace(strings.TrimPrefix(value, "score"))
		sc.option("OOMScoreAdjust", strings.ReplaceAll(score, "never", "-1000"))
	default:
		r.running(sc, key, value)
	}
}

// running are the stanzas on when the job runs, and on its end.
func (r *reader) running(sc *scope, key, value string) {
	switch key {
	case "respawn":
		if value == "" {
			sc.option("Restart", "always")
		} else {
			r.note("respawn %s is not carried over: the pair never gives up", value)
		}
	case "kill":
		r.kill(sc, value)
	case "pre-start", "post-start", "pre-stop", "post-stop":
		r.note("%s %s is not carried over: if it is needed, ExecStartPre=, ExecStartPost=, ExecStop=, ExecStopPost=", key, oneLine(value))
	case "manual", "apparmor", "cgroup", "chroot", "instance", "reload", "task":
		r.note("%s is not carried over", strings.TrimSpace(key+" "+value))
	case "start":
		if !strings.Contains(value, "runlevel") && value != "on startup" {
			r.note("start %s is not carried over: systemctl enable starts it at boot; After= and Wants= name what it needs", oneLine(value))
		}
	}
}

// kill is "kill timeout 30" and "kill signal QUIT".
func (r *reader) kill(sc *scope, value string) {
	what, value, _ := strings.Cut(value, " ")
	switch value = strings.TrimSpace(value); what {
	case "timeout":
		sc.option("TimeoutStopSec", value)
	case "signal":
		r.note("kill signal %s went to start_server: --signal-on-term decides what the child gets", value)
	}
}
