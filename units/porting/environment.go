package porting

import (
	"strings"
)

// secretURL is a URL with a password: postgres://app:secret@host/.
var secretURL = pattern(`://[^/@\s]*:[^/@\s]+@`)

var secretName = pattern(`(?i)passw|(^|_)(pass|secret|token|key|credentials?)(_|$)|secret`)

// isSecret goes by the name; the path of a file is no secret.
func isSecret(name, value string) bool {
	if secretURL().MatchString(value) {
		return true
	}
	return value != "" && !strings.HasPrefix(value, "/") && secretName().MatchString(name) &&
		!strings.HasSuffix(name, "_FILE") && !strings.HasSuffix(name, "_PATH") && !strings.HasSuffix(name, "_ID")
}

// environment gives what was exported.
func (sc *scope) environment(sv *Service) {
	for _, name := range sc.exported {
		if _, isOption := overrides[name]; isOption {
			continue
		}
		v, ok := sc.lookup(name)
		if !ok || v.array {
			continue
		}
		value, known := v.value.value()
		sc.tell(v.value)
		if !known {
			if value, known = alone(name, v.value); known {
				sv.Notes = append(sv.Notes, "what was in "+name+" before is not known, and systemd gives it none: --set "+name+"=VALUE gives one")
			}
		}
		if !known {
			sc.want(v.value, "the variable "+name)
			continue
		}
		if isSecret(name, value) {
			sv.Secrets = append(sv.Secrets, name+"="+value)
			sv.Notes = append(sv.Notes, name+" looks like a secret: it belongs into a file of mode 0600 that --env-file (or EnvironmentFile=) names, not into the unit, which all can read")
			continue
		}
		if name == "PATH" && strings.Contains(value, systemPath) {
			sv.Notes = append(sv.Notes, "$PATH in PATH is what systemd gives a service: "+systemPath)
		}
		sv.Environment = append(sv.Environment, name+"="+value)
	}
}

// alone is the value of X=/lib:$X or X=/lib${X:+:$X} where X has none.
func alone(name string, w word) (string, bool) {
	var b strings.Builder
	for _, p := range w.pieces {
		switch {
		case p.state != computed:
			b.WriteString(p.text)
		case p.name != name && !strings.HasPrefix(p.text, "${"+name+":+"):
			return "", false
		}
	}
	return strings.Trim(strings.ReplaceAll(b.String(), "::", ":"), ":"), b.Len() > 0
}
