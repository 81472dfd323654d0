package load

import (
	"bufio"
	"errors"
)

// overLines is a protocol of lines: one is sent, one is the answer. The server does
// not speak first, and a line is never sent twice.
func overLines(text string, keep bool) exchange {
	sent := []byte(text + "\n")
	read := func(r *bufio.Reader) (outcome, bool) {
		for {
			_, err := r.ReadSlice('\n')
			switch {
			case err == nil:
				return outcome{end: answered}, keep
			case errors.Is(err, bufio.ErrBufferFull): // a long one
			default:
				return lost(withinAnswer(err), err), false
			}
		}
	}
	return exchange{text: sent, body: len(sent), read: read}
}
