package porting

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// shell follows one text of a shell from its beginning to its end. Nothing is
// run: commands that are not known by name are noted or passed over.
type shell struct {
	*reader
	src       string
	first     int  // the line of the whole text that src begins in
	quiet     bool // src is no script as a whole
	functions []*syntax.FuncDecl
	followed  []*syntax.FuncDecl // read at a call
	within    []*syntax.FuncDecl // being read
	calls     int
}

func (r *reader) readShell() error {
	if line, _, _ := strings.Cut(r.body, "\n"); strings.HasPrefix(line, "#!") && strings.Contains(line, "execline") {
		return r.errorf(1, "execline is not read: give the start_server line as a shell would have it, sdbridge units -- start_server …")
	}
	r.part(func() error {
		sc := newScope(r.source)
		sc.self = r.self()
		if r.self() != "" && path.Base(r.self()) == "run" {
			sc.name = path.Base(path.Dir(r.self()))
			if len(sc.dir.pieces) == 0 {
				sc.dir = plain(path.Dir(r.self())) // supervise(8) and runsv(8) start it there
			}
		}
		return r.script(sc, r.pasted(r.body), 1)
	})
	return nil
}

// script reads text, which begins in the line first.
func (r *reader) script(sc *scope, text string, first int) error {
	if r.depth >= deepest {
		return r.errorf(first, "more than %d shells in each other: take the innermost line out", deepest)
	}
	if tooDeep(text) {
		return r.errorf(first, "more than %d brackets in each other: give the line alone, sdbridge units -- start_server …", nestLimit)
	}
	r.depth++
	defer func() { r.depth-- }()
	s := &shell{reader: r, src: text, first: first}
	before, notes := len(r.services), len(r.notes)
	err := s.parse(sc, text)
	if err == nil {
		s.rest(sc)
	}
	// Only at the top: each level would double the work of those within.
	if err == nil && (len(r.services) > before || r.depth > 1 || !codeList().MatchString(text)) {
		return nil
	}
	r.notes = r.notes[:notes]
	return r.lines(sc, text, first)
}

func (s *shell) parse(sc *scope, text string) error {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return err
	}
	s.stmts(sc, file.Stmts)
	return nil
}

// rest reads the functions that nothing has called, with what the text has set
// by its end.
func (s *shell) rest(sc *scope) {
	for i := 0; i < len(s.functions) && i < 1000; i++ {
		if f := s.functions[i]; f.Body != nil && !slices.Contains(s.followed, f) {
			s.stmt(sc.clone(), f.Body)
		}
	}
}

func (s *shell) line(n syntax.Node) int { return s.first + int(n.Pos().Line()) - 1 }

// text is a node as it stands in the source.
func (s *shell) text(n syntax.Node) string {
	from, to := int(n.Pos().Offset()), int(n.End().Offset())
	if from > to || to > len(s.src) {
		return ""
	}
	// The parser counts a line's continuation to the word before it.
	return strings.TrimSuffix(s.src[from:to], "\\\n")
}

func (s *shell) stmts(sc *scope, list []*syntax.Stmt) {
	for _, st := range list {
		s.stmt(sc, st)
	}
}

// stmt reads one statement. Where its output went, a service's goes to the
// journal.
func (s *shell) stmt(sc *scope, st *syntax.Stmt) {
	if s.documents(sc, st) {
		return
	}
	before := len(s.services)
	s.command(sc, st)
	for _, re := range st.Redirs {
		switch {
		case re.Word == nil || re.Hdoc != nil || re.Op == syntax.RdrIn:
		case isExecAlone(st):
			s.execOutput(re)
		default:
			s.outputs(before, s.text(re))
		}
	}
}

func (s *shell) command(sc *scope, st *syntax.Stmt) {
	switch cmd := st.Cmd.(type) {
	case *syntax.CallExpr:
		s.call(sc, cmd)
	case *syntax.DeclClause:
		s.declare(sc, cmd)
	case *syntax.BinaryCmd:
		s.binary(sc, cmd)
	case *syntax.Subshell:
		s.stmts(sc.clone(), cmd.Stmts)
	case *syntax.Block:
		s.stmts(sc, cmd.Stmts)
	case *syntax.IfClause:
		s.choice(sc, cmd)
	case *syntax.WhileClause:
		s.stmts(sc, cmd.Cond)
		s.branch(sc, sc.clone(), "", cmd.Do)
	case *syntax.ForClause:
		s.loop(sc, cmd)
	case *syntax.CaseClause:
		before := sc.clone()
		for _, item := range cmd.Items {
			s.branch(sc, before, "case "+s.text(cmd.Word), item.Stmts)
		}
	case *syntax.LetClause, *syntax.ArithmCmd:
		s.arithmetic(sc, cmd)
	case *syntax.FuncDecl:
		s.functions = append(s.functions, cmd)
	case *syntax.TimeClause:
		if cmd.Stmt != nil {
			s.stmt(sc, cmd.Stmt)
		}
	}
}

// call is one simple command.
func (s *shell) call(sc *scope, c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		for _, a := range c.Assigns {
			s.assign(sc, a)
		}
		return
	}
	inner := sc
	if len(c.Assigns) > 0 {
		inner = sc.clone()
		for _, a := range c.Assigns {
			s.assign(inner, a)
			if a.Name != nil {
				inner.mark(a.Name.Value)
			}
		}
	}
	words := s.fields(inner, c.Args)
	if len(words) > 1 && psNumber().MatchString(words[0].text()) && !slices.ContainsFunc(words, isStarter) {
		words = words[1:] // of a shell's history
	}
	for len(words) > 0 && slices.Contains([]string{"exec", "command", "builtin"}, words[0].text()) {
		words = afterExec(words[1:])
	}
	if len(words) == 0 || strings.HasPrefix(words[0].text(), "-") || s.follow(inner, words) || s.builtin(inner, words, s.line(c)) || s.launch(inner, words) {
		return
	}
	s.other(inner, words, oneLine(s.text(c)), s.line(c))
}

// afterExec drops exec's own options.
func afterExec(words []word) []word {
	for len(words) > 0 {
		switch words[0].text() {
		case "-a":
			words = words[min(2, len(words)):]
		case "-c", "-l", "--":
			words = words[1:]
		default:
			return words
		}
	}
	return nil
}
