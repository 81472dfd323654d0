package porting

import (
	"fmt"
	"strconv"
	"strings"
)

// setUMask takes a umask as the shell does: octal, or symbolic where that comes
// to one value. Any other is asked for.
func (sc *scope) setUMask(w word) {
	text, known := w.value()
	if v, ok := sc.set[text]; ok {
		text = v
	}
	sc.tell(w)
	switch mask, ok := maskOf(sc.umask, text); {
	case !known:
		sc.want(w, "UMask=")
	case ok:
		sc.umask = mask
	default:
		sc.want(word{pieces: unknown(text, "")}, "UMask=")
	}
}

// maskOf gives the octal mask; a symbolic one names what is permitted, and
// changes the mask that was.
func maskOf(before, text string) (string, bool) {
	if _, err := strconv.ParseUint(text, 8, 12); err == nil {
		return text, true
	}
	was, err := strconv.ParseUint(before, 8, 12)
	allowed, known := ^uint(was)&0o777, uint(0o777)
	if err != nil {
		allowed, known = 0, 0
	}
	for clause := range strings.SplitSeq(text, ",") {
		at := strings.IndexAny(clause, "=+-")
		if at < 0 {
			return "", false
		}
		who, ok := bits(clause[:at], map[rune]uint{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777})
		what, fine := bits(clause[at+1:], map[rune]uint{'r': 0o444, 'w': 0o222, 'x': 0o111})
		if !ok || !fine {
			return "", false
		}
		if who == 0 {
			who = 0o777
		}
		switch clause[at] {
		case '=':
			allowed, known = allowed&^who|what&who, known|who
		case '+':
			allowed, known = allowed|what&who, known|what&who
		case '-':
			allowed, known = allowed&^(what&who), known|what&who
		}
	}
	return fmt.Sprintf("%04o", ^allowed&0o777), known == 0o777
}

func bits(letters string, table map[rune]uint) (sum uint, ok bool) {
	for _, c := range letters {
		b, ok := table[c]
		if !ok {
			return 0, false
		}
		sum |= b
	}
	return sum, true
}

// umaskCommand is the builtin: -S and -p print, and take a mask all the same.
func (sc *scope) umaskCommand(args []word) {
	for _, w := range args {
		if t := w.text(); t == "-S" || t == "-p" || t == "--" {
			continue
		}
		sc.setUMask(w)
		return
	}
}
