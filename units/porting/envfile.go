package porting

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// exportWord is a word of export that is no plain NAME or NAME=VALUE:
// "A=b c" as a whole in quotes, or $(cat FILE).
func (s *shell) exportWord(sc *scope, w *syntax.Word, export bool) {
	for _, field := range s.fields(sc, []*syntax.Word{w}) {
		name, value, ok := cutAssignment(field)
		switch {
		case ok:
			sc.assign(name, variable{value: value})
		case syntax.ValidName(field.text()):
			name = field.text()
		default:
			if export {
				s.exportComputed(sc, w)
			}
			continue
		}
		if export {
			sc.mark(name)
		}
	}
}

// exportComputed exports what only running the text would tell: the lines of a
// file, where that is all.
func (s *shell) exportComputed(sc *scope, w *syntax.Word) {
	text := oneLine(s.text(w))
	if file, ok := s.printed(sc, w); ok {
		sc.files = append(sc.files, sc.resolve(file))
		s.note("`export %s` becomes --env-file: lines of NAME=VALUE of %s are read; export and what a shell computes are not", text, file)
	} else {
		s.note("`export %s` is not carried over: what it exports is computed; write it to a file of NAME=VALUE lines, for --env-file, or give it by --set", text)
	}
	sc.doubt("export " + text)
}

// printed is the one file that a $(…) prints, but for comments: of cat FILE,
// grep -v '^#' FILE | xargs, and <FILE.
func (s *shell) printed(sc *scope, w *syntax.Word) (file string, ok bool) {
	if len(w.Parts) != 1 {
		return "", false
	}
	if _, ok := w.Parts[0].(*syntax.CmdSubst); !ok {
		return "", false
	}
	var files []word
	ok = true
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Redirect:
			if n.Op == syntax.RdrIn {
				files = append(files, s.value(sc, n.Word))
			}
			return false
		case *syntax.CallExpr:
			read, plain := printer(s.fields(sc, n.Args))
			files, ok = append(files, read...), ok && plain
			return false
		}
		return true
	})
	if !ok || len(files) != 1 {
		return "", false
	}
	return files[0].value()
}

// printer are the files that a program of such a $(…) reads; plain says that it
// changes nothing in the lines that count.
func printer(words []word) (files []word, plain bool) {
	var rest []word
	for _, w := range words[min(1, len(words)):] {
		if !strings.HasPrefix(w.source(), "-") {
			rest = append(rest, w)
		}
	}
	switch program := base(words0(words)); {
	case program == "cat":
		return rest, true
	case slices.Contains([]string{"grep", "egrep", "sed"}, program) && len(rest) > 0:
		return rest[1:], strings.Contains(rest[0].source(), "#") || strings.Contains(rest[0].source(), "=")
	case program == "xargs":
		return nil, len(rest) == 0 || !strings.Contains(rest[0].source(), "%")
	case program == "":
		return nil, true
	}
	return nil, false
}

func words0(words []word) string {
	if len(words) == 0 {
		return ""
	}
	return words[0].text()
}
