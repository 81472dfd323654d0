package porting

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// expansion turns words of the shell into arguments, without running anything.
type expansion struct {
	s  *shell
	sc *scope
	f  fields
}

// fields are the arguments that words come to.
func (s *shell) fields(sc *scope, words []*syntax.Word) []word {
	x := expansion{s: s, sc: sc}
	for _, w := range words {
		x.f.now.line = s.line(w)
		x.parts(w.Parts, false)
		x.f.end()
	}
	return x.f.done
}

// value is what one word comes to as the value of a variable: not split.
func (s *shell) value(sc *scope, w *syntax.Word) word {
	if w == nil {
		return word{}
	}
	x := expansion{s: s, sc: sc}
	for i, part := range w.Parts {
		if lit, ok := part.(*syntax.Lit); ok {
			x.literal(unescape(lit.Value), i == 0)
			continue
		}
		if inner, ok := part.(*syntax.DblQuoted); ok {
			x.quoted(inner.Parts)
			continue
		}
		x.f.add(x.pieces(part)...)
	}
	x.f.now.line = s.line(w)
	return x.f.now
}

func (x *expansion) parts(parts []syntax.WordPart, quoted bool) {
	for i, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			x.literal(unescape(part.Value), i == 0 && !quoted)
			if last := len(x.f.now.pieces) - 1; last >= 0 && globText().MatchString(part.Value) {
				x.f.now.pieces[last].glob = true
			}
		case *syntax.SglQuoted:
			x.f.add(x.pieces(part)...)
		case *syntax.DblQuoted:
			if !x.array(part) {
				x.f.open = true
				x.quoted(part.Parts)
			}
		case *syntax.ParamExp:
			if v, ok := x.sc.lookup(name(part)); ok && v.array && (isAll(part) || isArguments(part)) {
				x.words(v.list)
				continue
			}
			x.f.split(x.pieces(part))
		default:
			x.f.split(x.pieces(part))
		}
	}
}

// globText is unquoted text that stands for files, or for several words.
var globText = pattern(`(^|[^\\])([*?]|\[[^\]]+\]|\{[^{}]*(,|\.\.)[^{}]*\})`)

// literal adds unquoted text; "~" at its beginning is the home directory.
func (x *expansion) literal(text string, first bool) {
	if !first || !strings.HasPrefix(text, "~") {
		x.f.add(piece{text: text})
		return
	}
	user, rest, slash := strings.Cut(text[1:], "/")
	home := unknown("~"+user, "")
	if user == "" {
		home[0].name = "HOME"
	}
	if v, ok := x.sc.set["~"+user]; ok {
		home = []piece{{text: v}}
	} else if v, ok := x.sc.lookup("HOME"); ok && user == "" {
		home = v.value.pieces
	}
	x.f.add(home...)
	if slash {
		x.f.add(piece{text: "/" + rest})
	}
}

// quoted adds what stands between double quotes.
func (x *expansion) quoted(parts []syntax.WordPart) {
	for _, part := range parts {
		if lit, ok := part.(*syntax.Lit); ok {
			x.f.add(piece{text: unescapeQuoted(lit.Value)})
			continue
		}
		x.f.add(x.pieces(part)...)
	}
}

// array adds "${OPTS[@]}", a word for each element.
func (x *expansion) array(q *syntax.DblQuoted) bool {
	if len(q.Parts) != 1 {
		return false
	}
	p, ok := q.Parts[0].(*syntax.ParamExp)
	if given, set := x.sc.set["$@"]; ok && set && name(p) == "@" && p.Exp == nil {
		x.f.split([]piece{{text: given}})
		return true
	}
	if !ok || !isAll(p) && (!isArguments(p) || name(p) == "*") {
		return false
	}
	v, ok := x.sc.lookup(name(p))
	if !ok || !v.array {
		return false
	}
	x.words(v.list)
	return true
}

func (x *expansion) words(list []word) {
	for i, w := range list {
		if i > 0 {
			x.f.end()
		}
		x.f.add(w.pieces...)
	}
}

// pieces is one part of a word that is not a bare literal.
func (x *expansion) pieces(part syntax.WordPart) []piece {
	switch part := part.(type) {
	case *syntax.SglQuoted:
		if part.Dollar {
			return []piece{{text: ansi.Replace(part.Value)}}
		}
		return []piece{{text: part.Value}}
	case *syntax.ParamExp:
		return x.s.param(x.sc, part)
	case *syntax.CmdSubst:
		return x.s.substitution(x.sc, part)
	case *syntax.ArithmExp:
		x.s.arithmetic(x.sc, part)
	case *syntax.Lit:
		return []piece{{text: unescape(part.Value)}}
	}
	return x.s.given(x.sc, x.s.text(part))
}

var ansi = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`, `\'`, `'`, `\"`, `"`)

// given is a text that only running would give, unless the user gave it.
func (s *shell) given(sc *scope, text string) []piece {
	if v, ok := sc.set[text]; ok {
		return []piece{{text: v}}
	}
	return unknown(text, "")
}

func name(p *syntax.ParamExp) string {
	if p.Param == nil {
		return ""
	}
	return p.Param.Value
}

// isArguments is $@ and $*.
func isArguments(p *syntax.ParamExp) bool {
	return p.Exp == nil && p.Index == nil && (name(p) == "@" || name(p) == "*")
}

// isAll is ${A[@]} and ${A[*]}.
func isAll(p *syntax.ParamExp) bool {
	w, ok := p.Index.(*syntax.Word)
	return ok && (w.Lit() == "@" || w.Lit() == "*")
}

// unescape takes the backslashes off unquoted text.
func unescape(text string) string {
	return dropBackslashes(text, func(byte) bool { return true })
}

// unescapeQuoted does so between double quotes, POSIX 2.2.3.
func unescapeQuoted(text string) string {
	return dropBackslashes(text, func(c byte) bool { return strings.IndexByte("$`\"\\\n", c) >= 0 })
}

func dropBackslashes(text string, special func(byte) bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && special(text[i+1]) {
			i++
			if text[i] == '\n' {
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
