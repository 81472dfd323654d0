package porting

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/sdbridge/sdbridge/bridge/launch"
)

// lines reads a text that is not a shell script as a whole, such as a template
// or a part of a longer one, line by line. Only a line with start_server in it
// must be right.
func (r *reader) lines(sc *scope, text string, first int) error {
	for _, l := range logicalLines(text) {
		s := &shell{reader: r, src: l.text, first: first + l.line - 1, quiet: true}
		before := len(r.services)
		err := s.parse(sc, l.text)
		if (err != nil || r.depth == 1 && len(r.services) == before && codeList().MatchString(l.text)) && mentionsStarter(l.text) && !strings.HasPrefix(strings.TrimSpace(l.text), "#") {
			if program, ok := inCode(l.text); ok && program != text {
				r.services = r.services[:before]
				err = r.script(sc, program, s.first)
			}
			if err != nil {
				return r.syntax(s.first, err)
			}
		}
		s.rest(sc)
	}
	return nil
}

// syntax is the error for a line with start_server in it that is no shell.
func (r *reader) syntax(first int, err error) error {
	const remedy = "give the line alone, sdbridge units -- start_server …"
	if parse, ok := errors.AsType[syntax.ParseError](err); ok {
		return r.errorf(first+int(parse.Pos.Line())-1, "cannot read the start_server line as shell: %s; %s", parse.Text, remedy)
	}
	if _, ok := errors.AsType[syntax.LangError](err); ok {
		return r.errorf(first, "cannot read the start_server line as shell: %w; %s", err, remedy)
	}
	return err // of a text within the text
}

// logical is a line with those that continue it.
type logical struct {
	text string
	line int
}

func logicalLines(text string) []logical {
	var all []logical
	open := false
	for i, l := range strings.Split(text, "\n") {
		if open {
			all[len(all)-1].text += "\n" + l
		} else {
			all = append(all, logical{l, i + 1})
		}
		open = strings.HasSuffix(l, `\`)
	}
	return all
}

func mentionsStarter(text string) bool {
	return strings.Contains(text, "start_server") || strings.Contains(strings.ToUpper(text), "START_SERVER")
}

var (
	codeString = pattern(`["'(\[{]([^"']*start_server(?:[^"']|["']\s*[+.]\s*[\w$().]+\s*[+.]\s*["'])*)["')\]}]`)
	codeQuote  = pattern(`\b(?:q[qwx]?|%[qQwx]?)\s*[{(\[](.*start_server.*?)[})\]]+;?\s*$`)
	codeList   = pattern(`(?:(?:"[^"]*"|'[^']*')\s*,\s*)*["'](?:[^"']*/)?start_server(?:\.rb)?["']\s*(?:,\s*(?:"[^"]*"|'[^']*'|[$@]?\w[\w.]*(?:\(\w*\))?)\s*)+`)
	codeWord   = pattern(`"[^"]*"|'[^']*'|[$@]?\w[\w.]*(?:\(\w*\))?`)
	codeJoin   = pattern(`["']\s*[+.]\s*([\w$().]+)\s*[+.]\s*["']`)
	codeCall   = pattern(`^\w+\((\w+)\)$`)
)

// inCode takes the command line out of a line of Perl, Python or Ruby:
// system("start_server …" . $n . "…"). What is joined in is a variable.
func inCode(line string) (string, bool) {
	if list := codeList().FindString(line); list != "" {
		return inList(list), true
	}
	if m := codeQuote().FindStringSubmatch(line); m != nil {
		return m[1], true
	}
	m := codeString().FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	return codeJoin().ReplaceAllStringFunc(m[1], func(join string) string {
		expr := codeJoin().FindStringSubmatch(join)[1]
		if call := codeCall().FindStringSubmatch(expr); call != nil {
			expr = call[1]
		}
		return "${" + strings.Trim(expr, "$(){}.") + "}"
	}), true
}

// inList makes a command line of "start_server", "--port", port, "--", "app".
func inList(list string) string {
	var words []string
	for _, w := range codeWord().FindAllString(list, -1) {
		call := codeCall().FindStringSubmatch(w)
		switch {
		case w[0] == '"' || w[0] == '\'':
			w = "'" + strings.ReplaceAll(w[1:len(w)-1], "'", `'\''`) + "'"
		case call != nil:
			w = "${" + call[1] + "}"
		case launch.IsName(strings.TrimLeft(w, "$@")):
			w = "${" + strings.TrimLeft(w, "$@") + "}"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}
