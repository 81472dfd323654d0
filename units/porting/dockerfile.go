package porting

import (
	"encoding/json"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// image is one stage of a Dockerfile.
type image struct {
	r          *reader
	sc         *scope
	entry, cmd *logical
}

// readDockerfile reads ENV, WORKDIR, USER, and what CMD and ENTRYPOINT run.
func (r *reader) readDockerfile() error {
	im := image{r: r, sc: newScope(r.source)}
	for _, l := range logicalLines(dropComments(r.body)) {
		key, value, _ := strings.Cut(strings.TrimSpace(l.text), " ")
		im.instruction(strings.ToUpper(key), logical{strings.TrimSpace(value), l.line})
	}
	im.run()
	return nil
}

func (im *image) instruction(key string, l logical) {
	s := &shell{reader: im.r, src: l.text, first: l.line}
	switch key {
	case "FROM":
		im.run()
		*im = image{r: im.r, sc: newScope(im.r.source)}
	case "ENV":
		s.dockerEnv(im.sc, l.text)
	case "ARG":
		if name, v, ok := strings.Cut(l.text, "="); ok && launch.IsName(name) {
			im.sc.assign(name, variable{value: plain(strings.Trim(v, `"'`))})
		}
	case "WORKDIR":
		im.sc.chdir(s.interpolate(im.sc, l.text))
	case "USER":
		im.sc.setUser(s.interpolate(im.sc, l.text))
	case "ENTRYPOINT":
		im.entry = &l
	case "CMD":
		if im.cmd != nil {
			im.run()
		}
		im.cmd = &l
	case "RUN":
		if mentionsStarter(l.text) {
			im.r.part(func() error { return im.r.dockerCommand(im.sc.clone(), l, nil) })
		}
	}
}

// run reads what the image runs: ENTRYPOINT with CMD as its arguments, but that
// of a shell, which takes none.
func (im *image) run() {
	first, rest := im.entry, im.cmd
	im.cmd = nil
	switch {
	case first == nil:
		first, rest = rest, nil
	case dockerList(first.text) == nil && !mentionsStarter(first.text):
		first, rest = rest, nil // the shell knows best what it runs
	}
	var more []string
	if rest != nil {
		if more = dockerList(rest.text); more == nil {
			more = []string{"/bin/sh", "-c", rest.text}
		}
	}
	if first == nil || !mentionsStarter(first.text) && !mentionsStarter(strings.Join(more, " ")) {
		return
	}
	im.r.part(func() error { return im.r.dockerCommand(im.sc.clone(), *first, more) })
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
	if name, v, ok := strings.Cut(value, " "); ok && launch.IsName(name) {
		sc.put(name, s.interpolate(sc, strings.TrimSpace(v)))
		return
	}
	for _, text := range quoteWords(strings.ReplaceAll(value, "\\\n", " ")) {
		if name, v, ok := strings.Cut(text, "="); ok && launch.IsName(name) {
			sc.put(name, s.interpolate(sc, v))
		}
	}
}

// dockerList is the JSON form of a command, nil for a shell's text.
func dockerList(text string) (list []string) {
	if json.Unmarshal([]byte(strings.ReplaceAll(text, "\\\n", "")), &list) != nil {
		return nil
	}
	return list
}

// dockerCommand reads the shell form or the JSON form, with more arguments.
func (r *reader) dockerCommand(sc *scope, l logical, more []string) error {
	list := dockerList(l.text)
	if list == nil {
		return r.script(sc, l.text, l.line)
	}
	s := &shell{reader: r, first: l.line}
	words := plainWords(append(list, more...))
	for i := range words {
		words[i].line = l.line
	}
	if len(words) > 0 {
		s.launch(sc, words)
	}
	return nil
}
