package porting

import (
	"encoding/json"
	"path"
	"strings"
)

// readDockerfile reads ENV, WORKDIR, USER, and what CMD and ENTRYPOINT run.
func (r *reader) readDockerfile() error {
	sc := newScope(r.source)
	for _, l := range logicalLines(dropComments(r.body)) {
		key, value, _ := strings.Cut(strings.TrimSpace(l.text), " ")
		value = strings.TrimSpace(value)
		s := &shell{reader: r, src: value, first: l.line}
		switch strings.ToUpper(key) {
		case "FROM":
			sc = newScope(r.source)
		case "ENV":
			s.dockerEnv(sc, value)
		case "ARG":
			if name, v, ok := strings.Cut(value, "="); ok && isName(name) {
				sc.assign(name, variable{value: plain(strings.Trim(v, `"'`))})
			}
		case "WORKDIR":
			sc.chdir(plain(value))
		case "USER":
			sc.setUser(plain(value))
		case "CMD", "ENTRYPOINT", "RUN":
			if mentionsStarter(value) {
				r.part(func() error { return r.dockerCommand(sc.clone(), value, l.line) })
			}
		}
	}
	return nil
}

// dropComments takes whole-line comments out, also those within a continued
// line, and keeps the numbers of the lines.
func dropComments(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			lines[i] = ""
			if i > 0 && strings.HasSuffix(lines[i-1], `\`) {
				lines[i] = `\`
			}
		}
	}
	return strings.Join(lines, "\n")
}

// dockerEnv is ENV A=B C=D and the old ENV A B.
func (s *shell) dockerEnv(sc *scope, value string) {
	if name, v, ok := strings.Cut(value, " "); ok && isName(name) {
		sc.put(name, plain(strings.TrimSpace(v)))
		return
	}
	for _, text := range quoteWords(strings.ReplaceAll(value, "\\\n", " ")) {
		if name, v, ok := strings.Cut(text, "="); ok && isName(name) {
			old, _ := sc.lookup(name)
			v = strings.NewReplacer("${"+name+"}", old.value.source(), "$"+name, old.value.source()).Replace(v)
			if path.IsAbs(v) || !strings.Contains(v, "$") {
				sc.put(name, plain(v))
			}
		}
	}
}

// dockerCommand is the shell form or the JSON form.
func (r *reader) dockerCommand(sc *scope, value string, line int) error {
	var list []string
	if json.Unmarshal([]byte(strings.ReplaceAll(value, "\\\n", "")), &list) != nil {
		return r.script(sc, value, line)
	}
	s := &shell{reader: r, first: line}
	words := plainWords(list)
	for i := range words {
		words[i].line = line
	}
	if len(words) > 0 {
		s.launch(sc, words)
	}
	return nil
}
