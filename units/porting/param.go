package porting

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// param is $X and ${X…}.
func (s *shell) param(sc *scope, p *syntax.ParamExp) []piece {
	text, name := s.text(p), name(p)
	if v, ok := sc.set[text]; ok {
		return []piece{{text: v}}
	}
	if p.Excl || p.Length || p.Width || p.Slice != nil || p.Repl != nil || p.Names != 0 || p.Index != nil && name != "BASH_SOURCE" {
		return unknown(text, "")
	}
	v, known := sc.lookup(name)
	if v.array && isArguments(p) {
		return inOne(v.list)
	}
	if v.array {
		return unknown(text, "")
	}
	if p.Exp != nil {
		return s.operator(sc, p, v.value, known)
	}
	if !known {
		if !syntax.ValidName(name) {
			name = ""
		}
		return unknown(text, name)
	}
	return v.value.pieces
}

// operator is ${X:-default} and its kind.
func (s *shell) operator(sc *scope, p *syntax.ParamExp, v word, known bool) []piece {
	text, name := s.text(p), name(p)
	switch p.Exp.Op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		switch {
		case known && len(v.pieces) > 0:
			return v.pieces
		case known && !syntax.ValidName(name): // an argument that the call did not give
			return s.value(sc, p.Exp.Word).pieces
		}
		value, ok := s.value(sc, p.Exp.Word).value()
		if !ok || !syntax.ValidName(name) {
			return unknown(text, "")
		}
		found := []piece{{state: defaulted, text: value, name: name}}
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			sc.assign(name, variable{value: word{pieces: found}})
		}
		return found
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if known && v.text() != "" {
			return s.value(sc, p.Exp.Word).pieces
		}
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if known {
			return v.pieces
		}
		return unknown(text, name)
	case syntax.RemSmallSuffix, syntax.RemLargePrefix:
		if known {
			return s.partOf(p, v)
		}
	default:
	}
	return unknown(text, "")
}

// partOf is ${X%/*} and ${X##*/} of a path.
func (s *shell) partOf(p *syntax.ParamExp, v word) []piece {
	file, ok := v.value()
	pattern := ""
	if p.Exp.Word != nil {
		pattern = s.text(p.Exp.Word)
	}
	switch {
	case !ok || !strings.Contains(file, "/"):
	case p.Exp.Op == syntax.RemSmallSuffix && pattern == "/*":
		return []piece{{text: file[:strings.LastIndexByte(file, '/')], doubt: v.pieces[0].doubt}}
	case p.Exp.Op == syntax.RemLargePrefix && pattern == "*/":
		return []piece{{text: base(file), doubt: v.pieces[0].doubt}}
	}
	return unknown(s.text(p), "")
}
