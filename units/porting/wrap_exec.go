package porting

import (
	"strings"
)

func (w *wrapping) keepWords(n int) bool {
	n = min(n, len(w.rest))
	w.keep = append(w.keep, w.rest[:n]...)
	w.rest = w.rest[n:]
	return true
}

// carton exec takes options until "--": with one, the child keeps its own.
func carton(w *wrapping) bool {
	if len(w.rest) < 2 || w.rest[1].text() != "exec" {
		return false
	}
	w.keepWords(2)
	for len(w.rest) > 0 && strings.HasPrefix(w.rest[0].text(), "-") && w.rest[0].text() != "--" {
		w.keepWords(1)
	}
	if len(w.rest) > 0 && w.rest[0].text() == "--" {
		w.next()
	}
	w.keep = append(w.keep, plain("--"))
	return true
}

func keepExec(w *wrapping) bool {
	if len(w.rest) < 2 || w.rest[1].text() != "exec" {
		return false
	}
	w.keepWords(2)
	for len(w.rest) > 0 && strings.HasPrefix(w.rest[0].text(), "-") {
		w.keepWords(1)
	}
	return true
}
