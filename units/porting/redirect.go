package porting

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// trivial are redirections that say nothing of where the output went.
var trivial = []string{"2>&1", ">&2", "1>&2", "0</dev/null", "</dev/null"}

// isExecAlone is an exec without a program: its redirections are the shell's.
func isExecAlone(st *syntax.Stmt) bool {
	c, ok := st.Cmd.(*syntax.CallExpr)
	return ok && len(c.Args) == 1 && c.Args[0].Lit() == "exec"
}

// execOutput notes where all that follows wrote to; 3 and up are no output.
func (s *shell) execOutput(re *syntax.Redirect) {
	where := s.text(re)
	if slices.Contains(trivial, where) || re.N != nil && re.N.Value != "1" && re.N.Value != "2" {
		return
	}
	s.note("`exec %s` is not carried over: the journal takes the output (or StandardOutput=append:FILE)", where)
}

// outputs notes on the services since before where their output went.
func (s *shell) outputs(before int, where string) {
	if slices.Contains(trivial, where) {
		return
	}
	for i := before; i < len(s.services); i++ {
		sv := &s.services[i]
		sv.Notes = append(sv.Notes, fmt.Sprintf("`%s` is not carried over: the journal takes the output (or StandardOutput=append:FILE)", where))
	}
}

// documents reads what stands in here documents, another file's text or the
// input of a shell, and says whether start_server was among it.
func (s *shell) documents(sc *scope, st *syntax.Stmt) (found bool) {
	for _, re := range st.Redirs {
		if re.Hdoc == nil {
			continue
		}
		document := s.value(sc, re.Hdoc)
		text := document.script()
		if !mentionsStarter(text) {
			continue
		}
		inner := sc.clone()
		inner.tell(document)
		if call, ok := st.Cmd.(*syntax.CallExpr); ok {
			if words := s.fields(sc, call.Args); isShell(words) {
				s.wrap(inner, words)
			}
		}
		s.inner(inner, text, s.line(re.Hdoc))
		found = true
	}
	return found
}

// inner reads a text within the text, of whatever kind.
func (s *shell) inner(sc *scope, text string, first int) {
	sc.systemd = false // its variables are the shell's
	kind := detect("", text)
	if kind == Shell || s.depth >= deepest {
		if err := s.script(sc, text, first); err != nil {
			s.fail(err)
		}
		return
	}
	r := &reader{source: s.source, body: strings.Repeat("\n", max(first-1, 0)) + text, depth: s.depth + 1}
	if err := r.read(kind); err != nil {
		r.fail(err)
	}
	s.services = append(s.services, r.services...)
	s.hints = append(s.hints, r.hints...)
	if r.err != nil {
		s.fail(r.err)
	}
}
