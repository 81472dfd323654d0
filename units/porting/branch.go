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
		s.branch(sc, s.text(cmd.X), []*syntax.Stmt{cmd.Y})
	case cmd.Op == syntax.OrStmt:
		s.branch(sc, "! "+s.text(cmd.X), []*syntax.Stmt{cmd.Y})
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
	s.branch(sc, strings.TrimSuffix(strings.Join(condition, " "), ";"), c.Then)
	if c.Else != nil {
		if len(c.Else.Cond) > 0 {
			s.choice(sc, c.Else)
			return
		}
		s.branch(sc, "! "+strings.TrimSuffix(strings.Join(condition, " "), ";"), c.Else.Then)
	}
}

func (s *shell) loop(sc *scope, c *syntax.ForClause) {
	inner := sc.clone()
	if iter, ok := c.Loop.(*syntax.WordIter); ok && iter.Name != nil {
		inner.assign(iter.Name.Value, variable{value: word{pieces: unknown("$"+iter.Name.Value, iter.Name.Value)}})
	}
	s.branch(inner, "for "+s.text(c.Loop), c.Do)
}

var unsetTest = pattern(`-z\s+"?\$\{?(\w+)|!\s*(?:\[+|test)\s+(?:-n\s+)?"?\$\{?(\w+)|\[+\s*!\s+"?\$\{?(\w+)`)

// branch reads what is run under a condition.
func (s *shell) branch(sc *scope, condition string, list []*syntax.Stmt) {
	inner := sc.clone()
	if condition != "" {
		inner.condition = condition
	}
	s.stmts(inner, list)
	guard := ""
	if m := unsetTest().FindStringSubmatch(condition); m != nil {
		guard = m[1] + m[2] + m[3]
	}
	sc.absorb(inner, guard)
}
