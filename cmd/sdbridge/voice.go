package main

import (
	"io"
	"os"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

// wording words what happens, in one of the two dialects.
type wording interface {
	notice(bridge.Notice)
	warn(text string)
	say(text string)
}

// voice is all that the bridge says on stderr: at first at once, so that nothing
// is lost when a start is refused, later by lines, which cannot block.
type voice struct {
	wording

	starter bool
	out     *outlet
}

// outlet can change where it leads to, while nobody writes.
type outlet struct{ io.Writer }

func newVoice(dialect bool) *voice {
	v := &voice{starter: dialect, out: &outlet{os.Stderr}}
	if dialect {
		v.wording = &starterWords{out: v.out}
	} else {
		v.wording = &runWords{log: newLogger(v.out, toJournal())}
	}
	return v
}

// detach stops waiting for whoever reads stderr.
func (v *voice) detach() { v.out.Writer = newLines(os.Stderr) }

func (v *voice) close() {
	if l, ok := v.out.Writer.(*lines); ok {
		l.close()
		v.out.Writer = io.Discard
	}
}

// trouble says what could not be done, and that the bridge goes on.
func (v *voice) trouble(err error) {
	if err != nil {
		v.warn(err.Error())
	}
}

// starting and duplicated are lines that start_server has and `run` has not.

func (v *voice) starting() {
	if v.starter {
		v.warn(starter.SayStarting(os.Getpid()))
	}
}

func (v *voice) duplicated(fd int) {
	if v.starter {
		v.warn(starter.SayDuplicated(fd))
	}
}
