// Package ready says how one sees that a generation is up.
//
// The invariant: what is reported was seen in the kernel at the time of the
// look, on the very socket that was handed over. A process that listens on a
// port of its own, or holds the socket and does not wait on it, is never taken
// for one that serves. Where one could not look, that is said, not guessed.
//
// The child does not help, is not attached to by ptrace and is not slowed
// down: all is read from /proc/PID (fd, fdinfo, task/TID/syscall and mem; see
// proc(5)) and from sock_diag(7). It takes the right to trace the process
// (ptrace(2), "Ptrace access mode checking"): a bridge has it over descendants
// that run as its own user; for those that changed user it takes
// CAP_SYS_PTRACE.
//
//	target, err := ready.TargetOf(3, "0.0.0.0:8080")
//	…
//	seen := ready.Look(pids, []ready.Target{target})
//	if seen.Serving(target) {
//		// ready
//	}
//
// A child may help by sd_notify(3), at a [Notify] of its own. A [Rule] says what
// counts, and its [Watch] puts the two together over time:
//
//	rule, err := ready.ParseRule("auto")
//	…
//	notify, err := ready.Listen("/run/sdbridge/app/notify/7", nil)
//	…
//	watch := rule.Watch(ctx, subject, notify)
//	select {
//	case o := <-watch.Ready(): // seen waiting on 0.0.0.0:8080
//	case <-startTimeout:
//		log.Print(watch.Why()) // no process waits on 0.0.0.0:8080; it listens on …
//	}
package ready
