package machine

import (
	"fmt"
	"testing"
)

func TestString(t *testing.T) {
	for _, c := range []struct {
		value fmt.Stringer
		want  string
	}{
		{Proving, "proving"},
		{Draining + 1, "unknown(5)"},
		{NotReady, "not ready"},
		{Signal(10), "10"},
		{Term, "TERM(15)"},
		{Event{Kind: Expired, Generation: 2, Phase: Proving}, "expired 2 proving"},
		{Action{Do: Arm, Generation: 2, Phase: Proving}, "arm 2 proving"},
		{Action{Do: Spawn, Generation: 3, Repeat: true}, "spawn 3 repeat"},
		{Action{Do: Verdict, Reason: IsStopping, UpTo: 4}, "verdict failed up to 4: stopping"},
		{Action{Do: Quit, Exit: 1}, "quit 1"},
	} {
		if got := c.value.String(); got != c.want {
			t.Errorf("%#v is %q, want %q", c.value, got, c.want)
		}
	}
}

// TestNames: every value has a name of its own.
func TestNames(t *testing.T) {
	for _, names := range [][]string{phases[:], kinds[:], dos[:], reasons[:]} {
		seen := map[string]bool{"": true}
		for i, name := range names {
			if seen[name] {
				t.Errorf("%q has no name of its own at %d: %q", names, i, name)
			}
			seen[name] = true
		}
	}
	if len(phases) != int(Draining)+1 || len(kinds) != int(Abort)+1 ||
		len(dos) != int(Quit)+1 || len(reasons) != int(IsStopping)+1 {
		t.Error("a value has no name")
	}
}
