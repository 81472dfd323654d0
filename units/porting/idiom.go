package porting

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// substitution is $(…): computed, but for the idioms of a script that asks
// where it lies.
func (s *shell) substitution(sc *scope, c *syntax.CmdSubst) []piece {
	text := s.text(c)
	if v, ok := sc.set[text]; ok {
		return []piece{{text: v}}
	}
	if inner, ok := strings.CutPrefix(text, "`"); ok {
		if v, ok := sc.set["$("+strings.TrimSuffix(inner, "`")+")"]; ok {
			return []piece{{text: v}}
		}
	}
	if found, ok := s.idiom(sc.clone(), calls(c.Stmts)); ok {
		return found
	}
	return unknown(text, "")
}

// calls are the simple commands of a; b && c, or nil if there is more to it.
func calls(stmts []*syntax.Stmt) []*syntax.CallExpr {
	var all []*syntax.CallExpr
	for _, st := range stmts {
		switch cmd := st.Cmd.(type) {
		case *syntax.CallExpr:
			all = append(all, cmd)
		case *syntax.BinaryCmd:
			left, right := calls([]*syntax.Stmt{cmd.X}), calls([]*syntax.Stmt{cmd.Y})
			if cmd.Op != syntax.AndStmt || left == nil || right == nil {
				return nil
			}
			all = append(append(all, left...), right...)
		default:
			return nil
		}
	}
	return all
}

// idiom evaluates `dirname $0`, `cd $(dirname $0); pwd` and the like.
func (s *shell) idiom(sc *scope, list []*syntax.CallExpr) ([]piece, bool) {
	for i, call := range list {
		words := s.fields(sc, call.Args)
		if len(words) == 0 {
			return nil, false
		}
		last, known := words[len(words)-1].value()
		switch final := i == len(list)-1; {
		case !known:
			return nil, false
		case words[0].text() == "cd" && !final:
			sc.chdir(words[len(words)-1])
		case !final:
			return nil, false
		case words[0].text() == "pwd":
			here, ok := sc.dir.value()
			return []piece{{text: here}}, ok && here != ""
		default:
			found, ok := named(words[0].text(), last, len(words))
			return []piece{{text: found}}, ok
		}
	}
	return nil, false
}

// named is what a program says of a path without looking at it.
func named(program, file string, words int) (string, bool) {
	switch program {
	case "dirname":
		return path.Dir(file), words == 2
	case "basename":
		return base(file), words == 2
	case "readlink", "realpath":
		return path.Clean(file), path.IsAbs(file)
	case "which", "command", "type":
		return file, isStarter(plain(file))
	}
	return "", false
}
