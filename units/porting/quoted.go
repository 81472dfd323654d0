package porting

import "strings"

// quoteWords splits at blanks that no quotes hold, and takes quotes and
// backslashes off, as supervisord and Docker do.
func quoteWords(text string) []string {
	var words []string
	var b strings.Builder
	var quote byte
	open := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\\' && i+1 < len(text) && quote != '\'':
			i++
			open = true
			b.WriteByte(text[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if open {
				words = append(words, b.String())
			}
			b.Reset()
			open = false
		default:
			open = true
			b.WriteByte(c)
		}
	}
	if open {
		words = append(words, b.String())
	}
	return words
}
