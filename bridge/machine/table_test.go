package machine

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestTable applies every event to every situation, those that make no sense too.
func TestTable(t *testing.T) {
	for _, s := range table {
		t.Run(s.name, func(t *testing.T) {
			want := map[string]string{}
			for _, c := range s.cells {
				want[c.event] = c.effect
			}
			for _, c := range s.happens(t) {
				if c.effect != want[c.event] {
					t.Errorf("%s:\n\thave %q\n\twant %q", c.event, c.effect, want[c.event])
				}
				delete(want, c.event)
			}
			for event := range want {
				t.Errorf("no such event: %q", event)
			}
		})
	}
}

// TestTableInDocumentation makes the table in the package documentation from
// what the machine does.
func TestTableInDocumentation(t *testing.T) {
	const begin, end = "// # The table\n", "package machine\n"
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(doc), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("doc.go lacks %q or %q", begin, end)
	}
	golden(t, "doc.go", string(doc), head+begin+documentation(t)+end+tail)
}

const preface = `//
// Every event in every situation, written by the tests from what the machine
// does (go test -update). What is not listed is ignored; how a leader ended is
// listed where it matters. A former current one is told HUP here, all else TERM.
`

func documentation(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(preface)
	for _, s := range table {
		fmt.Fprintf(&b, "//\n//\t%s\n", s.name)
		effects := 0
		for _, c := range s.happens(t) {
			if c.effect != "" {
				fmt.Fprintf(&b, "//\t    %-20s %s\n", c.event, c.effect)
				effects++
			}
		}
		if effects == 0 {
			b.WriteString("//\t    ignores everything\n")
		}
	}
	return b.String()
}

// happens applies every event to the situation. A leader's way to end is left
// out where it makes no difference.
func (s situation) happens(t *testing.T) []cell {
	t.Helper()
	before := s.state(t)
	var cells []cell
	plain := "" // the effect of Exited, neither clean nor NoExec
	for _, e := range s.events() {
		after, actions := Step(before, e)
		c := cell{e.String(), effect(before, after, actions)}
		switch {
		case e.Kind != Exited:
		case !e.Clean && !e.NoExec:
			plain = c.effect
		case c.effect == plain:
			continue
		}
		cells = append(cells, c)
	}
	return cells
}

func (s situation) state(t *testing.T) State {
	t.Helper()
	state := New(s.rules)
	for event := range strings.SplitSeq(s.since, ", ") {
		if event != "" {
			state, _ = Step(state, parseEvent(t, event))
		}
	}
	return state
}

func (s situation) events() []Event {
	if s.about != 0 {
		return append(about(s.about), Event{Kind: Expired, Generation: s.about})
	}
	return []Event{
		{Kind: Reload},
		{Kind: Retry},
		{Kind: AutoDue},
		{Kind: AutoOverdue},
		{Kind: Stop, Signal: Term},
		{Kind: Stop, Signal: 1},
		{Kind: Abort},
		{},
		{Kind: Abort + 1},
	}
}

// effect writes the actions, and what changed that no action shows.
func effect(before, after State, actions []Action) string {
	var words []string
	for _, a := range actions {
		words = append(words, a.String())
	}
	for _, change := range []struct {
		is   bool
		word string
	}{
		{after.Asked != before.Asked, fmt.Sprint("asked ", after.Asked)},
		{after.Failures < before.Failures, "failures forgotten"},
		{len(actions) == 0 && leaderless(after) > leaderless(before), "noted"},
		{after.AutoPending && !before.AutoPending, "auto pending"},
		{!after.AutoPending && before.AutoPending, "auto no longer pending"},
		{after.Stopping && !before.Stopping, "stopping"},
	} {
		if change.is {
			words = append(words, change.word)
		}
	}
	return strings.Join(words, ", ")
}

func leaderless(s State) int {
	return len(slices.DeleteFunc(slices.Clone(s.Generations), func(g Generation) bool { return !g.Exited }))
}
