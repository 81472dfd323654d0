package bridge

import "slices"

// reap takes in all that are dead: leaders, and orphans that fell to the bridge.
// It looks first and then waits by pid, so that the pid of a leader is not
// reused before the loop knows of its end. While a fork is under way an unknown
// child may be that generation's leader, which the loop has not been told of
// yet: it is left for later.
func (b *Bridge) reap() {
	for {
		pid, ok, err := b.system.nextDead()
		b.trouble("dead children are left for later", err)
		if !ok || err != nil {
			return
		}
		g := b.leader(pid)
		if g == nil && b.spawning > 0 {
			b.reapLeaders()
			return
		}
		if !b.reapOne(pid, g) {
			return
		}
	}
}

// reapLeaders takes in the leaders alone.
func (b *Bridge) reapLeaders() {
	for _, g := range b.living() {
		if g.alive() {
			b.reapOne(g.pid, g)
		}
	}
}

// reapOne takes in one, g's leader or an orphan, if it is dead.
func (b *Bridge) reapOne(pid int, g *generation) bool {
	exit, ok, err := b.system.reap(pid)
	b.trouble("a dead child is left for later", err)
	switch {
	case !ok || err != nil:
		return false
	case g != nil:
		b.leaderEnded(g, exit)
	case b.leftBehind():
		b.look() // it may have been the last of its generation
	}
	return true
}

// leader returns the generation whose living leader has that pid.
func (b *Bridge) leader(pid int) *generation {
	for _, g := range b.living() {
		if g.pid == pid && g.alive() {
			return g
		}
	}
	return nil
}

// leftBehind tells whether a generation is there whose leader is gone.
func (b *Bridge) leftBehind() bool {
	return slices.ContainsFunc(b.living(), func(g *generation) bool { return g.stage == over })
}
