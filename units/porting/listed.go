package porting

import (
	"slices"
	"strings"
)

var (
	psNumber = pattern(`^\d+$`)
	psTime   = pattern(`^(\d+-)?\d+:\d\d(:\d\d)?$`)
	treeLeaf = pattern(`^[├└─│|` + "`" + `-]+\d+$`)
)

var (
	prompt = pattern(`(?m)^[ \t]*(?:\[?[\w.-]+@[\w.-]+[: ][^\]\s]*\]?[ \t]?[$#%]|[$%])[ \t]+`)
	almost = pattern(`(?m)\\[ \t]+$`)
	broken = pattern(`\\\n[ \t]*#[^\n]*\\\n`)
)

// pasted takes off what a shell printed before its line, and takes a backslash
// with blanks behind it for what it was meant as.
func (r *reader) pasted(text string) string {
	text = prompt().ReplaceAllString(text, "")
	if at := broken().FindStringIndex(text); at != nil {
		r.note("%s: a comment between continued lines ends the command for a shell, which never saw what stands behind it; here it is taken as meant, without the comment", r.at(strings.Count(text[:at[0]], "\n")+2))
	}
	if !almost().MatchString(text) {
		return text
	}
	r.note("a backslash with blanks behind it continues no line for a shell: taken as if there were none")
	return almost().ReplaceAllString(text, `\`)
}

// listed takes the columns off that ps(1) and systemctl status print before a
// command: "app 1234 … 0:00 perl /usr/bin/start_server …". The first of them is
// the user whom start_server ran as.
func listed(sc *scope, words []word) []word {
	starter := slices.IndexFunc(words, isStarter)
	column := func(i int, is func(string) bool) bool { return i < starter && is(words[i].text()) }
	number := func(i int) bool { return column(i, psNumber().MatchString) }
	switch {
	case column(0, treeLeaf().MatchString):
		return words[1:]
	case number(0):
		for _, at := range []int{2, 3} { // ps -e, ps ax
			if column(at, psTime().MatchString) {
				return words[at+1:]
			}
		}
		return words[1:] // a shell's history
	case number(1):
		for _, at := range []int{6, 9} { // ps -ef, ps aux
			if column(at, psTime().MatchString) && at < starter {
				sc.setUser(words[0])
				return words[at+1:]
			}
		}
	}
	return words
}
