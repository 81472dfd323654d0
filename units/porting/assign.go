package porting

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declare is export, declare, readonly and local.
func (s *shell) declare(sc *scope, d *syntax.DeclClause) {
	export := d.Variant.Value == "export"
	for _, a := range d.Args {
		if a.Name == nil {
			export = export || a.Value != nil && strings.HasPrefix(a.Value.Lit(), "-") && strings.Contains(a.Value.Lit(), "x")
			continue
		}
		if !a.Naked {
			s.assign(sc, a)
		}
		if export {
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
}
