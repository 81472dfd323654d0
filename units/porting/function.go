package porting

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// callLimit bounds how often functions that call each other are read.
const callLimit = 256

func (s *shell) function(name string) *syntax.FuncDecl {
	for _, f := range slices.Backward(s.functions) {
		if f.Name != nil && f.Name.Value == name && f.Body != nil {
			return f
		}
	}
	return nil
}

func (s *shell) isFunction(name string) bool { return s.function(name) != nil }

// follow reads a function's body where it is called, and says whether the call
// is dealt with. One that calls itself is read once.
func (s *shell) follow(sc *scope, words []word) bool {
	f := s.function(words[0].text())
	if f == nil || slices.Contains(s.within, f) {
		return false
	}
	if s.calls++; s.calls > callLimit {
		s.note("`%s` and what else is called after %d calls of functions is not followed", f.Name.Value, callLimit)
		return false
	}
	s.within = append(s.within, f)
	s.followed = append(s.followed, f)
	before := len(s.services)
	left := sc.enter(words[1:])
	s.stmt(sc, f.Body)
	sc.leave(left)
	s.within = s.within[:len(s.within)-1]
	return len(s.services) > before || !slices.ContainsFunc(words, isStarter)
}

// positions are the names of a function's arguments.
var positions = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "@", "*"}

// frame is what a function's end gives back.
type frame struct {
	arguments map[string]variable
	local     map[string]*variable
}

// enter begins a function: $1 and its kind are its own now.
func (sc *scope) enter(args []word) frame {
	before := frame{arguments: map[string]variable{}, local: sc.local}
	for _, name := range positions {
		if v, ok := sc.vars[name]; ok {
			before.arguments[name] = v
		}
	}
	sc.local = map[string]*variable{}
	if len(args) != 1 || args[0].source() != "$@" { // main "$@": they stay what they are
		sc.positional(args)
	}
	return before
}

func (sc *scope) leave(before frame) {
	for name, v := range sc.local {
		delete(sc.vars, name)
		if v != nil {
			sc.vars[name] = *v
		}
	}
	for _, name := range positions {
		delete(sc.vars, name)
		if v, ok := before.arguments[name]; ok {
			sc.vars[name] = v
		}
	}
	sc.local = before.local
}

// keepLocal remembers what a name had before a function made it its own.
func (sc *scope) keepLocal(name string) {
	if _, ok := sc.local[name]; ok || sc.local == nil {
		return
	}
	sc.local[name] = nil
	if v, ok := sc.vars[name]; ok {
		sc.local[name] = &v
	}
}

// positional sets $1, $2 … $@. Where a word may come to several or none, they
// are not known.
func (sc *scope) positional(args []word) {
	for _, name := range positions {
		delete(sc.vars, name)
	}
	if len(args) > listLimit || slices.ContainsFunc(args, func(w word) bool {
		return w.size() > wordLimit || strings.HasPrefix(w.source(), "$") && len(w.in(computed)) > 0 && strings.ContainsAny(w.source(), "@*")
	}) {
		return
	}
	for i, name := range positions[:9] {
		sc.vars[name] = variable{}
		if i < len(args) {
			sc.vars[name] = variable{value: args[i]}
		}
	}
	sc.vars["@"] = variable{list: args, array: true}
	sc.vars["*"] = sc.vars["@"]
}

// shift drops the first arguments.
func (sc *scope) shift(args []word) {
	all, ok := sc.vars["@"]
	if !ok {
		return
	}
	n := 1
	if len(args) > 0 {
		n, _ = strconv.Atoi(args[0].text())
	}
	sc.positional(all.list[min(max(n, 0), len(all.list)):])
}

// inOne is "$*": one word of all.
func inOne(list []word) []piece {
	var pieces []piece
	for i, w := range list {
		if i > 0 {
			pieces = append(pieces, piece{text: " "})
		}
		pieces = append(pieces, w.pieces...)
	}
	return pieces
}
