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

// subject is a generation that a look is about.
type subject struct {
	process.Leader
	left   bool // it is what its leader left behind
	doomed bool // all of it is to be killed
}

// seen is what a look found of one.
type seen struct {
	subject
	members     []process.Process
	waiting     map[int]bool // pids that wait on a handed stream socket, of what is left
	connections int          // established on one, of what is doomed
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
	b.timers.stop(timerKey{use: lookTimer})
	subjects := b.subjects()
	go func() {
		all, strays, err := b.survey(subjects)
		b.post(func() {
			b.keepStrays(strays)
			b.looked(all, err)
		})
	}()
}

// subjects are all generations that have processes, to tell them apart.
func (b *Bridge) subjects() []subject {
	var all []subject
	for _, g := range b.living() {
		if g.pid != 0 {
			all = append(all, subject{g.leader(true), g.stage == over, g.doomed})
		}
	}
	return all
}

// survey is the part of a look outside the loop.
func (b *Bridge) survey(subjects []subject) (all []seen, strays []process.Process, err error) {
	leaders := make([]process.Leader, len(subjects))
	for i, s := range subjects {
		leaders[i] = s.Leader
	}
	found, err := b.census(leaders, false)
	if err != nil {
		return nil, nil, err
	}
	all = make([]seen, len(subjects))
	for i, s := range subjects {
		members := found.Members[s.Number]
		all[i] = seen{subject: s, members: members}
		switch {
		case s.doomed:
			all[i].connections, _ = b.system.established(pidsOf(members), b.targets) // 0 where one may not look
		case s.left:
			all[i].waiting = b.system.waiting(pidsOf(members), b.targets)
		}
	}
	return all, found.Strays, nil
}

// keepStrays notes the orphans that belong to no generation. They are listed and
// never signalled. A generation that was spawned during the look is none.
func (b *Bridge) keepStrays(strays []process.Process) {
	b.strays = nil
	for _, pid := range pidsOf(strays) {
		if b.leader(pid) == nil {
			b.strays = append(b.strays, pid)
		}
	}
}

// looked acts upon what was wanted when the look began; for what is wanted since
// then another one is due.
func (b *Bridge) looked(all []seen, err error) {
	b.looking = false
	b.trouble("cannot look through /proc", err)
	for _, s := range all {
		switch g := b.generations[s.Number]; {
		case g == nil, s.Gone != (g.exit != nil): // its leader ended meanwhile
		case s.doomed:
			b.killSeen(g, s)
		case s.left && !g.doomed:
			b.followUp(g, s)
		}
	}
	b.lookLater()
}

// lookLater sees to it that what leaders left behind is looked at again.
func (b *Bridge) lookLater() {
	switch {
	case b.lookAgain:
		b.look()
	case b.leftBehind():
		b.timers.arm(timerKey{use: lookTimer}, lookPause, b.look)
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

// killSeen kills what the look saw of g: its group as a group, and each process
// outside of it.
func (b *Bridge) killSeen(g *generation, s seen) {
	if g.stage == over && b.isEmpty(g, s) {
		return
	}
	b.sayKilled(g, s)
	inGroup := func(p process.Process) bool { return p.Group == g.pid }
	if g.alive() || slices.ContainsFunc(s.members, inGroup) {
		b.killGroup(g)
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
	b.trouble("a generation's process was not signalled", err)
	return err == nil
}

func pidsOf(all []process.Process) []int {
	pids := make([]int, len(all))
	for i, p := range all {
		pids[i] = p.PID
	}
	return pids
}
