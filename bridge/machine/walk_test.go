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

// TestFailuresDecideNothing: the count of failures is passed on to the
// back-off, and nothing else depends on it.
func TestFailuresDecideNothing(t *testing.T) {
	for _, starter := range []bool{false, true} {
		rules := equalSignals
		rules.Starter = starter
		w := newWalk(rules)
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		for i, n := range w.nodes {
			for _, e := range possible(n) {
				few, many := n.state, n.state
				many.Failures = maxFailures
				if !alike(observe(few, n.memory, e), observe(many, n.memory, e)) {
					t.Fatalf("%sthen %v is not the same after many failures", w.path(i), e)
				}
			}
		}
	}
}

// alike says that two steps differ in their failures at most.
func alike(a, b step) bool {
	a.after.Failures, b.after.Failures = 0, 0
	return same(a.after, b.after) && slices.EqualFunc(a.actions, b.actions, func(a, b Action) bool {
		a.Failures, b.Failures = 0, 0
		return a == b
	})
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
			if s.idle() {
				continue
			}
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

// canonicalise renumbers the generations from 1, counts requests from the last
// that was answered, and forgets failures. Step only compares and counts on
// with the first two, and decides nothing by the third (see
// TestFailuresDecideNothing), so that what follows is the same but for numbers.
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
	s.Failures = 0
	return s
}

// idle says that nothing came of it: what held before holds again.
func (s step) idle() bool {
	return len(s.actions) == 0 && s.event.Kind != Reload && same(s.before, s.after)
}

// key is different for different nodes.
func key(s State, m memory) string {
	k := make([]byte, 0, 64)
	k = append(k, byte(s.Asked), byte(s.Covered), byte(s.Exit), byte(m.asked), byte(m.exit),
		bits(s.Ever, s.Retrying, s.AutoPending, s.Stopping, s.Ended), bits(m.retry, m.served, m.stopping, m.quit))
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

// possible returns all that can happen: every event about every generation and
// about a stranger, timers that are stale included, and every event about the bridge.
func possible(n node) []Event {
	events := append(aboutBridge(n.state.Rules), about(n.state.Last+1)...)
	for _, g := range n.state.Generations {
		events = append(events, about(g.Number)...)
	}
	return events
}

// aboutBridge returns every event about the bridge.
func aboutBridge(r Rules) []Event {
	return []Event{
		{Kind: Reload},
		{Kind: Retry},
		{Kind: AutoDue},
		{Kind: AutoOverdue},
		{Kind: Stop, Signal: r.OnTerm},
		{Kind: Stop, Signal: Term},
		{Kind: Abort},
	}
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
