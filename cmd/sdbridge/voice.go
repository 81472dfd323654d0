package main

import (
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

// voice is all that the bridge says on stderr, by lines, which cannot block.
type voice struct {
	wording

	starter bool
	lines   *lines
}

func newVoice(dialect bool) *voice {
	v := &voice{starter: dialect, lines: newLines(os.Stderr)}
	if dialect {
		v.wording = &starterWords{out: v.lines}
	} else {
		v.wording = &runWords{newLogger(v.lines, toJournal())}
	}
	return v
}

// flush waits, within patience, until all that was said is written.
func (v *voice) flush() { v.lines.flush() }

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
