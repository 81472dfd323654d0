package bridge

import (
	"strings"
	"time"
)

// A socket that a child shut down listens again at once, but the processes that
// waited on it woke with an error, and many servers take that for their end:
// Go's Serve returns, and its program may live on without ever accepting again.

// returnPause is what a server has to come back to its socket: Go's waits up to
// 1 s between tries.
const returnPause = 2 * time.Second

// lookWhoServes looks once whether those that serve still do, and lets the machine
// replace those that do not. start_server never looks.
func (b *Bridge) lookWhoServes() {
	if b.config.Starter {
		return
	}
	b.timers.arm(timerKey{use: servedTimer}, returnPause, func() {
		for _, g := range b.living() {
			if g.ready {
				go b.checkServes(g)
			}
		}
	})
}

// checkServes runs outside the loop.
func (b *Bridge) checkServes(g *generation) {
	pids, err := g.kin.pids()
	if err != nil {
		return
	}
	if lost := b.system.unserved(b.config.Ready, pids, b.targets); len(lost) > 0 {
		why := "no longer waits on " + strings.Join(lost, ", ") + ", which was shut down and listens again"
		b.post(func() { b.unwell(g, why) })
	}
}
