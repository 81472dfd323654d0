package porting

import (
	"slices"
	"strings"
)

// state says how far a piece of a word is known.
type state int

const (
	literal   state = iota // text is the value
	computed               // text is how it stands in the source: "$PORT"
	defaulted              // text is the value that holds unless name is set elsewhere
)

type piece struct {
	state state
	text  string
	name  string // the variable, where it is one
	glob  bool   // a shell would have matched files with it
	doubt string // the note on what may have set it anew
}

// word is one argument, as far as it is known without running anything.
type word struct {
	pieces []piece
	line   int
}

// wordLimit and listLimit keep X="$X$X" in repetition from filling the memory.
const (
	wordLimit = 64 << 10 // bytes
	listLimit = 4096     // words
)

func plain(text string) word { return word{pieces: []piece{{text: text}}} }

func plainWords(texts []string) []word {
	var words []word
	for _, t := range texts {
		words = append(words, plain(t))
	}
	return words
}

// unknown is a variable of which the text gives no value.
func unknown(text, name string) []piece {
	return []piece{{state: computed, text: text, name: name}}
}

// value is the word's text, if all of it is known.
func (w word) value() (string, bool) {
	var b strings.Builder
	for _, p := range w.pieces {
		if p.state == computed {
			return "", false
		}
		b.WriteString(p.text)
	}
	return b.String(), true
}

func (w word) known() bool { return len(w.in(computed)) == 0 }

// text is the value, or "" where it is not known.
func (w word) text() string {
	v, _ := w.value()
	return v
}

// source is the word for the reader's eye, with "$PORT" in it.
func (w word) source() string {
	var b strings.Builder
	for _, p := range w.pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// script is the word as the text of a shell that reads it again.
func (w word) script() string {
	var b strings.Builder
	for _, p := range w.pieces {
		if p.state == defaulted && p.name != "" {
			b.WriteString("${" + p.name + ":-" + p.text + "}")
			continue
		}
		b.WriteString(p.text)
	}
	return b.String()
}

func (w word) in(s state) []piece {
	var found []piece
	for _, p := range w.pieces {
		if p.state == s {
			found = append(found, p)
		}
	}
	return found
}

func (w word) size() int {
	n := len(w.pieces)
	for _, p := range w.pieces {
		n += len(p.text)
	}
	return n
}

// cutOption splits "--port=$PORT" at its "=": what stands before it is
// literal, or it is no option.
func (w word) cutOption() (head string, value word) {
	if len(w.pieces) == 0 || w.pieces[0].state != literal {
		return "", w
	}
	head, rest, attached := strings.Cut(w.pieces[0].text, "=")
	value = word{line: w.line}
	if attached {
		head += "="
		if rest != "" {
			value.pieces = append(value.pieces, piece{text: rest})
		}
	}
	value.pieces = append(value.pieces, w.pieces[1:]...)
	return head, value
}

// fields collects the words that an expansion comes to.
type fields struct {
	done []word
	now  word
	open bool // a word is being made, be it empty
}

func (f *fields) add(pieces ...piece) {
	f.open = true
	for _, p := range pieces {
		last := len(f.now.pieces) - 1
		if last >= 0 && p.state == literal && f.now.pieces[last].state == literal && p.doubt == f.now.pieces[last].doubt {
			f.now.pieces[last].text += p.text
			f.now.pieces[last].glob = f.now.pieces[last].glob || p.glob
			continue
		}
		f.now.pieces = append(f.now.pieces, p)
	}
}

// split adds an unquoted expansion: blanks in its literal pieces end words.
func (f *fields) split(pieces []piece) {
	for _, p := range pieces {
		if p.state == computed || !strings.ContainsAny(p.text, " \t\n") {
			if p.text != "" {
				f.add(p)
			}
			continue
		}
		for i, part := range strings.FieldsFunc(p.text, isBlank) {
			if i > 0 || isBlank(rune(p.text[0])) {
				f.end()
			}
			f.add(piece{state: p.state, text: part, name: p.name, doubt: p.doubt})
		}
		if isBlank(rune(p.text[len(p.text)-1])) {
			f.end()
		}
	}
}

func (f *fields) end() {
	if f.open {
		f.done = append(f.done, f.now)
	}
	f.now, f.open = word{line: f.now.line}, false
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }

// base is a program's name without its directory.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// isStarter tells start_server by its name, in whatever directory; what only a
// variable's name says is believed: $START_SERVER.
func isStarter(w word) bool {
	if len(w.pieces) == 0 {
		return false
	}
	last := w.pieces[len(w.pieces)-1]
	if last.state == computed {
		return len(w.pieces) == 1 && slices.Contains(starterNames, strings.ToLower(last.name))
	}
	text := last.text
	if len(w.pieces) > 1 && !strings.Contains(text, "/") {
		return false
	}
	return slices.Contains(starterNames, base(text))
}

var starterNames = []string{"start_server", "start_server.rb"}
