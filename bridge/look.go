package bridge

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// What is left of a generation when its leader is gone, or when it must be
// killed, stands in /proc. A look walks through it, outside the loop, one at a
// time; what it found comes back and is acted upon by the loop.

// lookPause is the time between two looks at what a leader left behind. Nothing
// is told sooner after the leader's end: a server that the leader has told just
// now may still be seen waiting, and a second signal is a forced stop for many.
const lookPause = time.Second

// seen is what a look found of one generation.
type seen struct {
	members     []process.Process
	waiting     map[int]bool // pids that wait on a handed stream socket
	connections int          // established on one, of a generation that is to be killed
}

func (b *Bridge) look() {
	if b.config.Starter {
		return // there a generation is its leader
	}
	if b.looking {
		b.lookAgain = true
		return
	}
	b.looking, b.lookAgain = true, false
	leaders, doomed := b.leaders()
	go func() {
		all, err := b.survey(leaders, doomed)
		b.post(func() { b.looked(all, err) })
	}()
}

// leaders lists the generations for a look, and which of them are to be killed.
func (b *Bridge) leaders() (leaders []process.Leader, doomed map[int]bool) {
	doomed = map[int]bool{}
	for _, g := range b.living() {
		if g.pid != 0 {
			leaders = append(leaders, process.Leader{Number: g.number, PID: g.pid, Group: true})
			doomed[g.number] = g.doomed
		}
	}
	return leaders, doomed
}

// survey is the part of a look outside the loop.
func (b *Bridge) survey(leaders []process.Leader, doomed map[int]bool) (map[int]seen, error) {
	found, err := b.system.census(leaders)
	if err != nil {
		return nil, err
	}
	all := map[int]seen{}
	for _, l := range leaders {
		s := seen{members: found.Members[l.Number]}
		pids := pidsOf(s.members)
		if doomed[l.Number] {
			s.connections, _ = b.system.established(pids, b.targets) // 0 where one may not look
		} else {
			s.waiting = b.system.waiting(pids, b.targets)
		}
		all[l.Number] = s
	}
	return all, nil
}

func (b *Bridge) looked(all map[int]seen, err error) {
	b.looking = false
	if err != nil {
		b.say(Trouble{"cannot look through /proc", err})
	}
	for _, g := range b.living() {
		s, known := all[g.number]
		switch {
		case !known && !(g.doomed && g.pid != 0):
		case g.doomed:
			b.killSeen(g, s)
		case g.stage == over:
			b.followUp(g, s)
		}
	}
	b.lookLater()
}

// lookLater sees to it that what leaders left behind is looked at again.
func (b *Bridge) lookLater() {
	key := timerKey{use: lookTimer}
	switch {
	case b.lookAgain:
		b.look()
	case b.leftBehind():
		b.timers.arm(key, lookPause, b.look)
	default:
		b.timers.stop(key)
	}
}

// followUp deals with what is left of a generation whose leader is gone.
func (b *Bridge) followUp(g *generation, s seen) {
	if b.isEmpty(g, s) {
		return
	}
	var told []int
	for _, p := range s.members {
		id := heard{p.PID, p.Start}
		if g.heard[id] == g.told || !b.mustHear(g, s, p) {
			continue
		}
		g.heard[id] = g.told
		if b.deliver(p, g.told) {
			told = append(told, p.PID)
		}
	}
	if told != nil {
		b.say(Told{g.who(), g.told, told})
	}
}

// isEmpty tells whether nothing is left of g. It takes two looks: one walk
// through /proc can miss a process that is forked while its parent ends.
func (b *Bridge) isEmpty(g *generation, s seen) bool {
	if len(s.members) > 0 {
		g.seenEmpty = false
		return false
	}
	if g.seenEmpty {
		b.emptied(g)
	} else {
		g.seenEmpty, b.lookAgain = true, true
	}
	return true
}

// mustHear tells whether p has not heard that it is to go: it still waits on a
// socket. Those that stopped accepting are draining, helpers are not told.
// Where there is no stream socket nothing can be seen, and all are told.
func (b *Bridge) mustHear(g *generation, s seen, p process.Process) bool {
	if len(b.targets) == 0 {
		return true
	}
	return s.waiting[p.PID] && time.Since(g.ended) >= lookPause
}

// killSeen kills what the look saw of g: its group as a group, while its
// leader or a member of it is known to live, and each process outside of it.
func (b *Bridge) killSeen(g *generation, s seen) {
	if g.stage == over && b.isEmpty(g, s) {
		return
	}
	if !g.killed {
		g.killed = true
		b.say(Killed{g.who(), max(1, len(s.members)), s.connections})
	}
	inGroup := func(p process.Process) bool { return p.Group == g.pid }
	if g.alive() || slices.ContainsFunc(s.members, inGroup) {
		b.trouble("cannot kill a generation's process group", b.system.signalGroup(g.pid, unix.SIGKILL))
	}
	for _, p := range s.members {
		if !inGroup(p) {
			b.deliver(p, unix.SIGKILL)
		}
	}
}

// deliver signals a process that a look saw, if it is still that process.
func (b *Bridge) deliver(p process.Process, sig unix.Signal) bool {
	err := b.system.signalChecked(p, sig)
	b.trouble("cannot signal a generation's process", err)
	return err == nil
}

func pidsOf(all []process.Process) []int {
	pids := make([]int, len(all))
	for i, p := range all {
		pids[i] = p.PID
	}
	return pids
}
