package process

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
)

// look is one look at the processes, and whom it has placed so far.
type look struct {
	self    int
	table   map[int]Process
	leaders map[int]int      // generation by the pid of its leader, while that lives
	groups  map[int]int      // generation by process group
	asked   map[int]bool     // the generations that are told apart
	seen    map[int]sighting // at the last look, by pid
	placed  map[int]int      // generation, stray or outside, by pid
	since   map[int]uint64   // when the leaders were spawned, by generation
	failure error            // why an environment that is ours to see could not be read
}

// In place of a generation's number.
const (
	stray   = 0  // ours, and placed by nothing
	outside = -1 // not a descendant of the bridge
)

func newLook(self int, table map[int]Process, leaders []Leader, seen map[int]sighting) *look {
	l := &look{
		self: self, table: table, seen: seen,
		leaders: map[int]int{}, groups: map[int]int{}, asked: map[int]bool{}, since: map[int]uint64{},
		placed: make(map[int]int, len(table)),
	}
	for _, leader := range leaders {
		l.asked[leader.Number] = true
		l.since[leader.Number] = leader.Since
		if !leader.Gone {
			l.leaders[leader.PID] = leader.Number
		}
		if leader.Group {
			l.groups[leader.PID] = leader.Number
		}
	}
	return l
}

func (l *look) found() Found {
	found := Found{Members: map[int][]Process{}}
	for _, p := range l.table {
		if p.dead() {
			continue
		}
		switch number := l.generation(p); number {
		case outside:
		case stray:
			found.Strays = append(found.Strays, p)
		default:
			found.Members[number] = append(found.Members[number], p)
		}
	}
	for _, members := range found.Members {
		slices.SortFunc(members, byPID)
	}
	slices.SortFunc(found.Strays, byPID)
	return found
}

func byPID(a, b Process) int { return cmp.Compare(a.PID, b.PID) }

// remember returns what the next look has to know: who was found, and the
// session leaders that are gone while their session is not.
func (l *look) remember(found Found) map[int]sighting {
	next := map[int]sighting{}
	for _, p := range l.table {
		if s, ok := l.session(p); ok && l.placed[p.PID] != outside {
			next[p.Session] = s
		}
	}
	for number, members := range found.Members {
		for _, p := range members {
			next[p.PID] = sighting{p.Start, number}
		}
	}
	return next
}

// generation places p.
func (l *look) generation(p Process) int {
	if number, ok := l.placed[p.PID]; ok {
		return number
	}
	// Should a pid be reused during the walk, a chain of parents can end in
	// itself: then it ends here.
	l.placed[p.PID] = outside
	number := l.byAncestor(p)
	if number == stray {
		number = l.orphan(p)
	}
	l.placed[p.PID] = number
	return number
}

func (l *look) byAncestor(p Process) int {
	if number, ok := l.leaders[p.PID]; ok {
		return number
	}
	if p.Parent == l.self {
		return stray
	}
	parent, ok := l.table[p.Parent]
	if !ok {
		return outside
	}
	return l.generation(parent)
}

// orphan places a process of ours that has no ancestor in a generation.
func (l *look) orphan(p Process) int {
	if number, ok := l.groups[p.Group]; ok {
		return number
	}
	if s, ok := l.seen[p.PID]; ok && s.start == p.Start && l.asked[s.generation] {
		return s.generation
	}
	if s, ok := l.session(p); ok {
		return s.generation
	}
	if p.Parent != l.self {
		return stray // its parent is, and knows what it runs
	}
	if number := l.byEnvironment(p.PID); l.asked[number] && p.Start >= l.since[number] {
		return number
	}
	return stray
}

// session returns the sighting of the leader of p's session. That leader may be
// gone; if a process has its pid, it must be that one.
func (l *look) session(p Process) (sighting, bool) {
	s, ok := l.seen[p.Session]
	leader, lives := l.table[p.Session]
	return s, ok && l.asked[s.generation] && (!lives || leader.Start == s.start)
}

func (l *look) byEnvironment(pid int) int {
	environ, err := system.readProc(pid, "environ", nil)
	if err != nil {
		if !gone(err) && !errors.Is(err, fs.ErrPermission) {
			l.failure = fmt.Errorf("cannot read the environment of process %d: %w", pid, err)
		}
		return stray
	}
	return environGeneration(environ)
}

// environGeneration returns what SERVER_STARTER_GENERATION says in environ, or
// stray. The first one counts, as for getenv(3).
func environGeneration(environ []byte) int {
	for variable := range bytes.SplitSeq(environ, []byte{0}) {
		if value, ok := bytes.CutPrefix(variable, []byte("SERVER_STARTER_GENERATION=")); ok {
			number, err := strconv.Atoi(string(value))
			if err != nil || number < 1 {
				return stray
			}
			return number
		}
	}
	return stray
}
