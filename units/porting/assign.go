package porting

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declare is export, declare, readonly and local.
func (s *shell) declare(sc *scope, d *syntax.DeclClause) {
	export, drop := d.Variant.Value == "export", false
	for _, a := range d.Args {
		switch {
		case a.Name == nil && a.Value != nil && !strings.HasPrefix(a.Value.Lit(), "-"):
			s.exportWord(sc, a.Value, export)
			continue
		case a.Name == nil:
			export = export || a.Value != nil && strings.Contains(a.Value.Lit(), "x")
			drop = drop || export && a.Value != nil && strings.Contains(a.Value.Lit(), "n")
			continue
		}
		if own := d.Variant.Value; own == "local" || own == "declare" || own == "typeset" {
			sc.keepLocal(a.Name.Value)
		}
		if !a.Naked {
			s.assign(sc, a)
		}
		switch {
		case drop:
			sc.exported = slices.DeleteFunc(slices.Clone(sc.exported), func(name string) bool { return name == a.Name.Value })
		case export:
			sc.mark(a.Name.Value)
		}
	}
}

func (s *shell) assign(sc *scope, a *syntax.Assign) {
	if a.Name == nil || a.Index != nil {
		return
	}
	name := a.Name.Value
	before, _ := sc.lookup(name)
	if a.Array != nil {
		v := variable{array: true}
		if a.Append {
			v.list = slices.Clone(before.list)
		}
		for _, e := range a.Array.Elems {
			if e.Value != nil {
				v.list = append(v.list, s.fields(sc, []*syntax.Word{e.Value})...)
			}
		}
		sc.assign(name, v)
		return
	}
	v := s.value(sc, a.Value)
	if a.Append && !before.array {
		v.pieces = append(slices.Clone(before.value.pieces), v.pieces...)
	}
	sc.assign(name, variable{value: v})
	if slices.Contains(outside, name) {
		sc.mark(name)
	}
}

// outside are names that whoever starts a script has exported already: what it
// assigns to them its children see, also without export.
var outside = []string{"PATH", "HOME", "LANG", "TZ"}
