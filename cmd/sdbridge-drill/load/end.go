package load

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// end is how a request ended.
type end int

const (
	unknown end = iota
	answered
	refused
	reset
	closed
	cut
	timedOut
	serverError
	wrong
)

type outcome struct {
	end         end
	generation  string // "?": not known
	took        time.Duration
	reconnected bool
	err         error // of all but answered
}

// words are for people.
var words = map[end]string{
	unknown: "failed", answered: "answered", refused: "refused", reset: "reset", closed: "closed before the answer",
	cut: "cut short", timedOut: "timed out", serverError: "5xx", wrong: "wrong answer",
}

func (e end) String() string { return words[e] }

// of says that the connection was made to that generation, for an answer that
// does not tell.
func (o *outcome) of(generation string) {
	if o.generation == "" {
		o.generation = cmp.Or(generation, "?")
	}
}

func lost(e end, err error) outcome { return outcome{end: e, err: err} }

func dialEnd(err error) end {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrNotExist):
		return refused
	case isReset(err):
		return reset
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	}
	return unknown
}

func beforeAnswer(err error) end {
	switch {
	case errors.Is(err, io.EOF):
		return closed
	case isReset(err):
		return reset
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	}
	return unknown
}

func withinAnswer(err error) end {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isReset(err):
		return cut
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	}
	return wrong
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
