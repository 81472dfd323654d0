package porting

import (
	"encoding/json"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// image is one stage of a Dockerfile.
type image struct {
	r          *reader
	sc         *scope
	entry, cmd *logical
	stages     map[string]image // by name, as FROM takes them
	name       string
}

// readDockerfile reads ENV, WORKDIR, USER, and what CMD and ENTRYPOINT run.
func (r *reader) readDockerfile() error {
	im := image{r: r, sc: newScope(r.source), stages: map[string]image{}}
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
		im.from(l.text)
	case "ENV":
		s.dockerEnv(im.sc, l.text)
	case "ARG":
		if name, v, ok := strings.Cut(l.text, "="); ok && launch.IsName(name) {
			im.sc.assign(name, variable{value: s.dockerWord(im.sc, v)})
		}
	case "WORKDIR":
		im.sc.chdir(s.dockerWord(im.sc, l.text))
	case "USER":
		im.sc.setUser(s.dockerWord(im.sc, l.text))
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

// from begins a stage: on top of one of the same file it has what that one set.
func (im *image) from(text string) {
	words := strings.Fields(text)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") { // --platform=…
		words = words[1:]
	}
	cmd := im.cmd
	im.run()
	if im.name != "" {
		im.stages[im.name] = image{sc: im.sc, entry: im.entry, cmd: cmd}
	}
	next := image{r: im.r, sc: newScope(im.r.source), stages: im.stages}
	if len(words) > 0 {
		if base, ok := im.stages[strings.ToLower(words[0])]; ok {
			next.sc, next.entry = base.sc.clone(), base.entry
		}
	}
	if len(words) == 3 && strings.EqualFold(words[1], "AS") {
		next.name = strings.ToLower(words[2])
	}
	*im = next
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
		sc.put(name, s.dockerWord(sc, strings.TrimSpace(v)))
		return
	}
	for _, w := range s.dockerWords(sc, value) {
		if name, v, ok := cutAssignment(w); ok {
			sc.put(name, v)
		}
	}
}

// dockerWords reads words as Docker does: quotes as a shell has them, $X and
// ${X:-default} put in, and not split.
func (s *shell) dockerWords(sc *scope, text string) (words []word) {
	if words, ok := s.shellWords(sc, text); ok {
		return words
	}
	for _, text := range quoteWords(strings.ReplaceAll(text, "\\\n", " ")) {
		words = append(words, s.interpolate(sc, text))
	}
	return words
}

// shellWords is not ok where a shell could not read them.
func (s *shell) shellWords(sc *scope, text string) (words []word, ok bool) {
	if tooDeep(text) {
		return nil, false
	}
	inner := &shell{reader: s.reader, src: text, first: s.first}
	for w, err := range syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).WordsSeq(strings.NewReader(text)) {
		if err != nil {
			return nil, false
		}
		words = append(words, inner.value(sc, w))
	}
	return words, true
}

// dockerWord is a value that goes to the end of the line.
func (s *shell) dockerWord(sc *scope, text string) word {
	if words := s.dockerWords(sc, text); len(words) == 1 {
		return words[0]
	}
	return s.interpolate(sc, text)
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
