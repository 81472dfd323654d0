package machine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the golden traces and the table in the documentation")

// TestTraces replays testdata/*.trace: a line "rules …", then events behind
// ">", each followed by the state and the actions that come of it.
func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.trace")
	if err != nil || len(files) == 0 {
		t.Fatal("no traces", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".trace"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, file, string(text), replay(t, string(text)))
		})
	}
}

// golden compares a file with what it should be, or rewrites it.
func golden(t *testing.T, file, have, want string) {
	t.Helper()
	switch {
	case have == want:
	case *update:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what the machine does (rewrite it with -update); it does:\n%s", file, want)
	}
}

// replay returns the trace with the answers of the machine as it is.
func replay(t *testing.T, trace string) string {
	t.Helper()
	var out strings.Builder
	var s State
	var m memory
	for line := range strings.Lines(trace) {
		line = strings.TrimSuffix(line, "\n")
		command, isEvent := strings.CutPrefix(line, "> ")
		rules, isRules := strings.CutPrefix(line, "rules ")
		switch {
		case isEvent:
			step := observe(s, m, parseEvent(t, command))
			if err := step.check(); err != nil {
				t.Errorf("%v\n%s", err, show(step))
			}
			s, m = step.after, step.now
			out.WriteString(show(step))
		case isRules:
			s, m = New(parseRules(t, rules)), memory{}
			fmt.Fprintln(&out, line)
		case !strings.HasPrefix(line, "\t"):
			fmt.Fprintln(&out, line)
		}
	}
	return out.String()
}

// parseEvent reads an event as Event.String writes it.
func parseEvent(t *testing.T, text string) Event {
	t.Helper()
	words := append(strings.Fields(text), "", "", "")
	e := Event{Kind: Kind(max(0, slices.Index(kinds[:], words[0])))}
	var err error
	switch e.Kind {
	case Ready, Exited, Expired, Unwell, Emptied, Extend:
		e.Generation, err = strconv.Atoi(words[1])
		e.Clean, e.NoExec = words[2] == "clean", words[2] == "no-exec"
	case Stop:
		e.Signal = parseSignal(t, words[1])
	default:
	}
	switch e.Kind {
	case Expired:
		e.Phase = Phase(max(0, slices.Index(phases[:], words[2])))
	case Extend:
		e.After, err = time.ParseDuration(words[2])
	default:
	}
	if err != nil || e.String() != text {
		t.Fatalf("cannot read the event %q: it reads as %q, %v", text, e, err)
	}
	return e
}

func parseRules(t *testing.T, text string) Rules {
	t.Helper()
	var r Rules
	for word := range strings.FieldsSeq(text) {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "run":
		case "start_server":
			r.Starter = true
		case "idle-exit":
			r.IdleExit = true
		case "hup":
			r.OnHup = parseSignal(t, value)
		case "term":
			r.OnTerm = parseSignal(t, value)
		}
	}
	if rulesLine(r) != text {
		t.Fatalf("cannot read the rules %q: they read as %q", text, rulesLine(r))
	}
	return r
}

// parseSignal reads a signal as Signal.String writes it.
func parseSignal(t *testing.T, text string) Signal {
	t.Helper()
	for s := range Signal(65) {
		if s.String() == text {
			return s
		}
	}
	t.Fatalf("cannot read the signal %q", text)
	return 0
}
