package porting

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// binary is &&, || and pipes.
func (s *shell) binary(sc *scope, cmd *syntax.BinaryCmd) {
	before := len(s.services)
	s.stmt(sc, cmd.X)
	switch {
	case cmd.Op == syntax.AndStmt && !s.isTest(cmd.X):
		s.stmt(sc, cmd.Y)
	case cmd.Op == syntax.AndStmt:
		s.branch(sc, sc.clone(), s.text(cmd.X), []*syntax.Stmt{cmd.Y})
	case cmd.Op == syntax.OrStmt:
		s.branch(sc, sc.clone(), "! "+s.text(cmd.X), []*syntax.Stmt{cmd.Y})
	case len(s.services) > before:
		s.outputs(before, "| "+s.text(cmd.Y))
	default:
		s.stmt(sc.clone(), cmd.Y)
	}
}

// isTest is a command that decides and does nothing.
func (s *shell) isTest(st *syntax.Stmt) bool {
	switch cmd := st.Cmd.(type) {
	case *syntax.TestClause:
		return true
	case *syntax.CallExpr:
		return len(cmd.Args) > 0 && slices.Contains([]string{"[", "test", "pgrep", "grep"}, cmd.Args[0].Lit())
	}
	return false
}

func (s *shell) choice(sc *scope, c *syntax.IfClause) {
	var condition []string
	for _, st := range c.Cond {
		condition = append(condition, s.text(st))
		s.stmt(sc, st)
	}
	before := sc.clone()
	s.branch(sc, before, strings.TrimSuffix(strings.Join(condition, " "), ";"), c.Then)
	if c.Else != nil {
		if len(c.Else.Cond) > 0 {
			s.choice(sc, c.Else)
			return
		}
		s.branch(sc, before, "! "+strings.TrimSuffix(strings.Join(condition, " "), ";"), c.Else.Then)
	}
}

func (s *shell) loop(sc *scope, c *syntax.ForClause) {
	switch iter := c.Loop.(type) {
	case *syntax.WordIter:
		if iter.Name != nil {
			sc.forget(iter.Name.Value)
		}
	case *syntax.CStyleLoop:
		s.arithmetic(sc, iter)
	}
	s.branch(sc, sc.clone(), "for "+s.text(c.Loop), c.Do)
}

var unsetTest = pattern(`-z\s+"?\$\{?(\w+)|!\s*(?:\[+|test)\s+(?:-n\s+)?"?\$\{?(\w+)|\[+\s*!\s+"?\$\{?(\w+)`)

// branch reads what is run under a condition, with what was set before it: of
// the branches of a case each begins with the same.
func (s *shell) branch(sc, before *scope, condition string, list []*syntax.Stmt) {
	inner := before.clone()
	if condition != "" && !dispatches(condition) {
		inner.condition = condition
	}
	services := len(s.services)
	s.stmts(inner, list)
	if len(s.services) == services {
		s.lost(before, inner)
	}
	guard := ""
	if m := unsetTest().FindStringSubmatch(condition); m != nil {
		guard = m[1] + m[2] + m[3]
	}
	sc.absorb(before, inner, guard)
}

var runsAlready = pattern(`^! *(pidofproc|checkproc|status_of_proc|pidof|pgrep|start-stop-daemon)\b`)

// dispatches is a condition on what a script is called with, on the command
// before, or on whether it runs already: a unit needs no word for it.
func dispatches(condition string) bool {
	return strings.Contains(condition, "$?") || strings.Contains(condition, "$1") || strings.Contains(condition, "${1") ||
		runsAlready().MatchString(condition)
}

// lost says what a branch without a service set beside variables.
func (s *shell) lost(before, inner *scope) {
	for i, o := range inner.unit {
		if i >= len(before.unit) || before.unit[i] != o {
			s.note("%s=%s stands under a condition (`%s`) and is not carried over", o.Name, o.Value, oneLine(inner.condition))
		}
	}
	if inner.umask != before.umask {
		s.note("UMask=%s stands under a condition (`%s`) and is not carried over", inner.umask, oneLine(inner.condition))
	}
}
