package machine

import "testing"

// FuzzStep checks the invariants over long sequences of events, with as many
// generations and requests as come. The first byte chooses the rules, each
// pair after it an event and the generation that it is about.
func FuzzStep(f *testing.F) {
	for _, seed := range []string{
		"\x00\x00\x00\x0a\x00",
		"\x01\x06\x00\x00\x00\x06\x00\x00\x01\x04\x01\x01\x00\x09\x00",
		"\x03\x06\x00\x01\x00\x09\x00\x05\x00\x00\x01\x0a\x00\x0b\x00",
		"\x04\x06\x00\x00\x00\x06\x00\x06\x00\x00\x01\x04\x01\x00\x02\x07\x00\x08\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		s, m := New(rulesFrom(data[0])), memory{}
		history := []step{observe(s, m, Event{Kind: Reload})}
		for pair := data[1:]; len(pair) >= 2; pair = pair[2:] {
			last := history[len(history)-1]
			history = append(history, observe(last.after, last.now, eventFrom(last.after, pair[0], pair[1])))
		}
		for i, step := range history {
			if err := step.check(); err != nil {
				for _, before := range history[:i+1] {
					t.Log(show(before))
				}
				t.Fatal(err)
			}
		}
	})
}

func rulesFrom(b byte) Rules {
	r := equalSignals
	if b&4 != 0 {
		r = differentSignals
	}
	r.Starter, r.IdleExit = b&1 != 0, b&2 != 0
	return r
}

// eventFrom chooses among all that can happen: about a generation that lives,
// a stranger, or the bridge.
func eventFrom(s State, what, who byte) Event {
	number := s.Last + 1
	if i := int(who) % (len(s.Generations) + 1); i < len(s.Generations) {
		number = s.Generations[i].Number
	}
	events := append(about(number), aboutBridge(s.Rules)...)
	return events[int(what)%len(events)]
}
