package machine

import (
	"fmt"
	"strings"
)

// stateLine writes a state in one line: its generations, requests asked,
// covered and answered, and what else is not zero.
func stateLine(s State) string {
	var words []string
	for _, g := range s.Generations {
		words = append(words, fmt.Sprint(g.Number, " ", g.Phase, when(g.Exited, " without leader")))
	}
	if len(words) == 0 {
		words = append(words, "empty")
	}
	words = append(words, fmt.Sprintf("requests %d/%d/%d", s.Asked, s.Covered, s.Answered))
	if s.Failures > 0 {
		words = append(words, fmt.Sprint("failures ", s.Failures))
	}
	for _, flag := range []struct {
		is   bool
		word string
	}{
		{!s.Ever, "never current"},
		{s.Retrying, "retrying"},
		{s.AutoPending, "auto pending"},
		{s.Stopping, fmt.Sprint("stopping with ", s.Exit)},
		{s.Ended, "ended"},
	} {
		if flag.is {
			words = append(words, flag.word)
		}
	}
	return strings.Join(words, ", ")
}

// show writes a step as it stands in a trace.
func show(s step) string {
	var b strings.Builder
	fmt.Fprintf(&b, "> %v\n\t%s\n", s.event, stateLine(s.after))
	for _, a := range s.actions {
		fmt.Fprintf(&b, "\t%v\n", a)
	}
	return b.String()
}

// rulesLine writes rules as a trace begins with them.
func rulesLine(r Rules) string {
	mode := "run"
	if r.Starter {
		mode = "start_server"
	}
	return fmt.Sprint(mode, when(r.IdleExit, " idle-exit"), " hup=", r.OnHup, " term=", r.OnTerm)
}
