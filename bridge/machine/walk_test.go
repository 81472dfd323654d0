package machine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The walk goes as far as this many living generations and open requests.
const (
	maxGenerations = 4
	maxOpen        = 3
	maxStates      = 1_000_000 // several times what there is: a number that never stops growing
)

var (
	equalSignals     = Rules{OnHup: Term, OnTerm: Term}
	differentSignals = Rules{OnHup: 1, OnTerm: 3}
)

// TestWalk visits every reachable state and checks the invariants on every
// step out of it, then that it comes to rest when every child behaves.
func TestWalk(t *testing.T) {
	for _, signals := range []Rules{equalSignals, differentSignals} {
		for _, starter := range []bool{false, true} {
			for _, idle := range []bool{false, true} {
				rules := signals
				rules.Starter, rules.IdleExit = starter, idle
				t.Run(rulesLine(rules), func(t *testing.T) {
					t.Parallel()
					w := newWalk(rules)
					if err := w.run(); err != nil {
						t.Fatal(err)
					}
					t.Logf("%d states, %d steps, at rest after at most %d", len(w.nodes), w.steps, w.longest)
				})
			}
		}
	}
}

type walk struct {
	nodes   []node
	known   map[string]struct{}
	depths  map[string]int // of states that come to rest, see rest
	steps   int
	longest int
}

// node is a state in canonical form, and how one gets there.
type node struct {
	state  State
	memory memory
	from   int
	by     Event
}

func newWalk(r Rules) *walk {
	w := &walk{known: map[string]struct{}{}, depths: map[string]int{}}
	boot := observe(New(r), memory{}, Event{Kind: Reload})
	w.add(boot, -1)
	return w
}

func (w *walk) run() error {
	for i := 0; i < len(w.nodes); i++ {
		n := w.nodes[i]
		for _, e := range possible(n) {
			s := observe(n.state, n.memory, e)
			w.steps++
			if err := s.check(); err != nil {
				return fmt.Errorf("%w\n%s%s", err, w.path(i), show(s))
			}
			w.add(s, i)
		}
		if len(w.nodes) > maxStates {
			return fmt.Errorf("no end after %d states:\n%s", maxStates, w.path(i))
		}
	}
	for i, n := range w.nodes {
		depth, err := w.rest(n.state)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, w.path(i))
		}
		w.longest = max(w.longest, depth)
	}
	return nil
}

// add notes the state after a step, if it is new and within the bounds.
func (w *walk) add(s step, from int) {
	if len(s.after.Generations) > maxGenerations || s.now.asked-s.now.answered > maxOpen {
		return
	}
	n := node{state: s.after, memory: s.now, from: from, by: s.event}
	n.canonicalise()
	k := key(n.state, n.memory)
	if _, ok := w.known[k]; !ok {
		w.known[k] = struct{}{}
		w.nodes = append(w.nodes, n)
	}
}

// canonicalise renumbers the generations from 1 and counts requests from the
// last that was answered. Step never looks at either but to compare and to
// count on, so that what follows is the same but for the numbers.
func (n *node) canonicalise() {
	n.state = canonical(n.state)
	n.memory.generations = slices.Clone(n.memory.generations)
	for i := range n.memory.generations {
		g := &n.memory.generations[i]
		g.number = i + 1
		if g.undecided {
			g.asked -= n.memory.answered
		}
	}
	n.memory.asked -= n.memory.answered
	n.memory.answered = 0
}

func canonical(s State) State {
	s.Generations = slices.Clone(s.Generations)
	for i := range s.Generations {
		s.Generations[i].Number = i + 1
	}
	s.Last = len(s.Generations)
	s.Asked, s.Covered, s.Answered = s.Asked-s.Answered, s.Covered-s.Answered, 0
	return s
}

// key is different for different nodes.
func key(s State, m memory) string {
	k := make([]byte, 0, 64)
	k = append(k, byte(s.Asked), byte(s.Covered), byte(s.Failures), byte(s.Exit), byte(m.asked), byte(m.exit),
		bits(s.Ever, s.Retrying, s.AutoPending, s.Stopping, s.Ended), bits(m.retry, m.stopping, m.quit))
	for _, g := range s.Generations {
		k = append(k, byte(g.Phase), byte(g.Told), bits(g.Exited))
	}
	for _, g := range m.generations {
		k = append(k, byte(g.armed), byte(g.told), byte(g.told>>8), bits(g.toldTwice, g.undecided), byte(g.asked))
	}
	return string(k)
}

func bits(flags ...bool) byte {
	var b byte
	for i, is := range flags {
		if is {
			b |= 1 << i
		}
	}
	return b
}

// possible returns all that can happen: every event about every generation,
// one that is gone included; every timer, stale ones too; and every event
// about the bridge.
func possible(n node) []Event {
	events := []Event{
		{Kind: Retry},
		{Kind: AutoDue},
		{Kind: AutoOverdue},
		{Kind: Abort},
		{Kind: Reload},
		{Kind: Stop, Signal: n.state.Rules.OnTerm},
		{Kind: Stop, Signal: Term},
	}
	events = append(events, about(n.state.Last+1)...)
	for _, g := range n.state.Generations {
		events = append(events, about(g.Number)...)
	}
	return events
}

// about returns every event about one generation.
func about(number int) []Event {
	return []Event{
		{Kind: Ready, Generation: number},
		{Kind: Exited, Generation: number},
		{Kind: Exited, Generation: number, Clean: true},
		{Kind: Exited, Generation: number, NoExec: true},
		{Kind: Expired, Generation: number, Phase: Starting},
		{Kind: Expired, Generation: number, Phase: Proving},
		{Kind: Expired, Generation: number, Phase: Current},
		{Kind: Expired, Generation: number, Phase: Draining},
		{Kind: Unwell, Generation: number},
		{Kind: Emptied, Generation: number},
		{Kind: Extend, Generation: number, After: time.Second},
	}
}

// path returns how one gets to a node, for the reader of a failure.
func (w *walk) path(i int) string {
	var lines []string
	for ; i >= 0; i = w.nodes[i].from {
		lines = append(lines, fmt.Sprintf("> %v\n\t%s\n", w.nodes[i].by, stateLine(w.nodes[i].state)))
	}
	slices.Reverse(lines)
	return strings.Join(lines, "")
}
