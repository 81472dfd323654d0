package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Text writes a Status for people, in plain aligned lines.
func Text(w io.Writer, s Status) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	s.summary(t)
	s.generations(t)
	s.sockets(t)
	_ = t.Flush() // to memory
	for row := range strings.Lines(b.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(row, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func (s Status) summary(w io.Writer) {
	row := func(what, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", what, line(fmt.Sprintf(format, args...), 4096))
	}
	row("command", "%s", quoted(s.Command))
	row("bridge", "pid %d, up %s", s.PID, age(s.At.Sub(s.Started)))
	if g, ok := s.Serving(); ok {
		row("serving", "%v since %s, %s", g, moment(g.Entered, s.At), age(s.At.Sub(g.Entered)))
	} else {
		row("serving", "%s", s.idle(s.At))
	}
	switch {
	case s.Stopping:
		row("stopping", "every generation is told to go")
	case s.Reloading:
		row("reload", "under way")
	}
	if which, what, failed := s.failure(s.At); failed {
		row(which, "%s", what)
	} else if s.Last.Generation != 0 {
		row("last swap", "committed generation %d at %s", s.Last.Generation, moment(s.Last.At, s.At))
	}
	c := s.Counters
	row("swaps", "%d committed, %d failed, and %d replacements", c.Committed, c.Failed, c.Replacements)
	if s.Failures > 0 {
		row("failures", "%d in a row", s.Failures)
	}
	if len(s.Strays) > 0 {
		row("strays", "%s (of no generation)", strings.Trim(fmt.Sprint(s.Strays), "[]"))
	}
}

func (s Status) generations(w io.Writer) {
	if len(s.Generations) == 0 {
		return
	}
	fmt.Fprint(w, "\nGENERATION\tPID\tPHASE\tAGE\tSTATUS\n")
	for _, g := range s.Generations {
		pid := "-"
		switch {
		case g.Exited:
			pid = "ended"
		case g.PID != 0:
			pid = strconv.Itoa(g.PID)
		}
		fmt.Fprintf(w, "%d\t%s\t%v\t%s\t%s\n", g.Number, pid, g.Phase, age(s.At.Sub(g.Since)), line(g.Status, 4096))
	}
}

func (s Status) sockets(w io.Writer) {
	if len(s.Sockets) == 0 {
		return
	}
	fmt.Fprint(w, "\nSOCKET\tFD\tQUEUE\tADDRESS\n")
	for _, socket := range s.Sockets {
		queue := "-"
		if n, ok := s.Queues[socket.FD]; ok {
			queue = strconv.Itoa(n)
		}
		entry := socket.Entry
		if entry == "" {
			entry = "-"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", entry, socket.FD, queue, socket.Address)
	}
	for _, socket := range s.Sockets {
		for _, text := range []string{socket.Trouble, socket.Unwatched} {
			if text != "" {
				fmt.Fprintf(w, "\n%s: %s\n", socket.Address, text)
			}
		}
	}
}

// quoted shows where each argument ends.
func quoted(command []string) string {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = word
		if word == "" || strings.ContainsAny(word, " \t\n\"'\\") {
			words[i] = strconv.Quote(word)
		}
	}
	return strings.Join(words, " ")
}
