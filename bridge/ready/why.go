package ready

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Why says in one line why the generation is not ready yet: what was seen, and
// the way out. It goes by the last look, so it is quick, and it may be called by
// any goroutine.
func (w *Watch) Why() string {
	if w.dead() {
		return "no client can reach " + names(w.subject.Targets) + ": every stream socket is dead"
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.rule.kind == byInterval:
		return fmt.Sprintf("it is not %v old", w.subject.Interval)
	case w.rule.kind == byNotify:
		return "no READY=1 came to its NOTIFY_SOCKET; if it sends none, write --ready=auto, accept or interval"
	case w.found.owed:
		return "it announced a READY=1 by X_READY_FOLLOWS=1 and has not sent it"
	}
	return strings.Join(w.unseen(), "; ")
}

// unseen says why it is not ready by what the looks found.
func (w *Watch) unseen() []string {
	f := &w.found
	why := []string{"no process waits on " + names(f.missing)}
	if len(w.subject.Targets) == 0 {
		why[0] = "no stream socket was handed over that a process could wait on"
	}
	why = append(why, f.listening()...)
	why = append(why, f.families()...)
	if f.shell != "" {
		why = append(why, fmt.Sprintf("its leader (pid %d, %s) is a shell that did not exec, and a LISTEN_PID names the shell, not what it runs: write exec in front of that",
			w.subject.Leader, f.shell))
	}
	if f.stopped != 0 {
		why = append(why, fmt.Sprintf("pid %d is stopped by a signal, as one is that uses the terminal from the background (SIGTTIN, SIGTTOU): give the command </dev/null, or kill -CONT it",
			f.stopped))
	}
	why = append(why, f.obstacles()...)
	return append(why, "if it serves all the same, write "+w.wayOut())
}

// listening says what it listens on instead.
func (f *findings) listening() []string {
	const most = 4
	if len(f.listeners) == 0 {
		return nil
	}
	var addrs []string
	for _, l := range f.listeners {
		addrs = union(addrs, []string{l.Addr})
	}
	list := strings.Join(addrs[:min(len(addrs), most)], ", ")
	if len(addrs) > most {
		list += fmt.Sprintf(" and %d more", len(addrs)-most)
	}
	return []string{"it listens on " + list + " instead, which it bound by itself: let it take the descriptor"}
}

// families names what a child may not be able to take.
func (f *findings) families() []string {
	var unixes []Target
	for _, t := range f.missing {
		if t.family == unix.AF_UNIX {
			unixes = append(unixes, t)
		}
	}
	if len(unixes) == 0 {
		return nil
	}
	return []string{names(unixes) + ": a Unix socket (AF_UNIX), where many servers take TCP only"}
}

// obstacles says what kept the looks from seeing more.
func (f *findings) obstacles() []string {
	var all []string
	if f.err != nil {
		all = append(all, fmt.Sprintf("cannot list its processes: %v", f.err))
	}
	if n := len(f.last.Unreadable); n > 0 {
		text := f.last.Unreadable[0].Error()
		if n > 1 {
			text += fmt.Sprintf(" (and %d more like it)", n-1)
		}
		all = append(all, text)
	}
	if len(f.last.Ring) > 0 {
		all = append(all, fmt.Sprintf("pid %d has an io_uring that does not tell what it waits for", f.last.Ring[0]))
	}
	if f.last.ConnectedErr != nil {
		all = append(all, f.last.ConnectedErr.Error())
	}
	return all
}

// wayOut are the flags under which it would be ready.
func (w *Watch) wayOut() string {
	served := slices.Concat(w.found.waiting, w.found.connected)
	switch {
	case len(served) > 0:
		return fmt.Sprintf("--ready=accept:%s, interval or notify", strings.ReplaceAll(names(served), ", ", ","))
	case len(w.subject.Targets) > 1:
		return "--ready=accept:SOCKET for the one that it takes, interval or notify"
	}
	return "--ready=interval or notify"
}

// outcome says by what it is ready.
func (w *Watch) outcome(announced bool) Outcome {
	f := &w.found
	alive := w.age()
	if announced {
		alive = "READY=1"
	}
	switch {
	case len(w.subject.Targets) == 0:
		return Outcome{How: alive + ": no stream socket to look at"}
	case !f.complete():
		return Outcome{
			How:  alive + ": no process was seen waiting on " + names(f.missing),
			Note: "cannot tell whether a process waits on " + names(f.missing) + ": " + strings.Join(f.obstacles(), "; "),
		}
	}
	how := f.how()
	if announced {
		how = append(how, "READY=1")
	}
	return Outcome{How: strings.Join(how, ", ")}
}

func (f *findings) how() []string {
	var how []string
	if len(f.waiting) > 0 {
		how = append(how, "seen waiting on "+names(f.waiting))
	}
	if len(f.connected) > 0 {
		how = append(how, "seen with a connection from "+names(f.connected))
	}
	return how
}

func (w *Watch) age() string { return fmt.Sprintf("alive for %v", w.subject.Interval) }

func names(targets []Target) string {
	all := make([]string, len(targets))
	for i, t := range targets {
		all[i] = t.Name
	}
	return strings.Join(all, ", ")
}
