package process

import "golang.org/x/sys/unix"

// Leader is the first process of a generation.
type Leader struct {
	PID    int
	Number int  // of the generation, from 1
	Group  bool // it was spawned with [Command.Group]
	Gone   bool // it was reaped: the pid names the group only, and may be another process

	// Since is a time before it was spawned, by [Now]: what is older is none of
	// its descendants, whatever its environment says.
	Since uint64
}

// Found is what a look at the processes found, in the order of their pids and
// without those that are dead.
type Found struct {
	Members map[int][]Process // by generation
	Strays  []Process         // descendants of the bridge that nothing places
}

// Census tells which process belongs to which generation: to that of its
// ancestor while it lives. An orphan, which has fallen to the bridge (see
// [Subreaper]), belongs to the generation
//
//   - whose process group it is in;
//   - that it, or the leader of its session, was seen in at the last look;
//   - that SERVER_STARTER_GENERATION in its environment names, if it is younger:
//     a nested bridge counts its own generations, and a log command may have an
//     outer one's. It comes last, because a process title overwrites it (Perl's
//     $0).
//
// Only a descendant of the bridge is ever counted. The zero value is ready.
type Census struct {
	seen map[int]sighting // by pid
}

// Now is the present time as in [Process.Start].
func Now() uint64 {
	const ticks = 100 // USER_HZ, which is the same everywhere, sysconf(3)
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) // cannot fail
	return uint64(now.Nano()) * ticks / 1e9
}

// sighting is a process that was placed. The start time tells it from a later
// process with its pid.
type sighting struct {
	start      uint64
	generation int
}

// Look goes through /proc once. It blocks for as long as /proc does and is not to be
// called by two at a time. leaders are those of all generations that are to be
// told apart. A generation that is spawned meanwhile shows among the strays.
//
// A quick look goes down from the bridge, instead of through all processes of the
// machine, where the kernel lists children. It may miss one whose sibling ends
// meanwhile: it is for looks that are repeated anyway.
func (c *Census) Look(leaders []Leader, quick bool) (Found, error) {
	self := unix.Getpid()
	list := system.pids
	if quick {
		list = func() ([]int, error) { return descendants(self) }
	}
	table, err := readTable(list)
	if err != nil && childless() { // no descriptor is free, for instance; an end must not hang on that
		table, err = map[int]Process{}, nil
	}
	if err != nil {
		return Found{}, err
	}
	l := newLook(self, table, leaders, c.seen)
	found := l.found()
	if l.failure != nil {
		return Found{}, l.failure
	}
	c.seen = l.remember(found)
	return found, nil
}
