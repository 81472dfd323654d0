package main

import (
	"fmt"
	"log/slog"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// runWords says what happens as `run` does, by slog. Each says what comes next.
type runWords struct {
	log      *slog.Logger
	stopping bool
}

func (w *runWords) warn(text string) { w.log.Warn(text) }

func (w *runWords) notice(n bridge.Notice) {
	switch n := n.(type) {
	case bridge.Asked:
		w.log.Info("SIGHUP: a swap is wanted")
	case bridge.AutoRestart:
		w.log.Info("a swap is due", "interval", n.Interval, "forced", n.Forced)
	case bridge.Spawned:
		w.log.Info("generation is starting", keys(n.Who)...)
	case bridge.Proving:
		w.log.Info("generation is ready and serves beside the current one", append(keys(n.Who), "probation", n.Probation)...)
	case bridge.Promoted:
		w.promoted(n)
	case bridge.Failed:
		w.failed(n)
	case bridge.Ended:
		w.ended(n)
	case bridge.Repeats:
		w.log.Warn("what the dead generation was started with is gone; looking anew", append(keys(n.Who), "error", n.Err)...)
	case bridge.Backoff:
		w.log.Info(fmt.Sprintf("starting a replacement in %v", n.Pause), "failures", n.Failures)
	case bridge.Told:
		w.log.Info("the leader is gone, but some of its generation still wait on a socket: they are told",
			append(keys(n.Who), "signal", process.SignalName(n.Signal), "pids", n.PIDs)...)
	case bridge.Killed:
		w.log.Warn("generation did not go in time and is killed",
			append(keys(n.Who), "processes", n.Processes, "established_connections", n.Connections)...)
	case bridge.Stopping:
		w.stopping = true
		w.log.Info(fmt.Sprintf("%s: stopping", n.By), "signal", process.SignalName(n.Signal), "generations", len(n.All))
	case bridge.Aborted:
		w.log.Warn("INT again: everything is killed")
	case bridge.Ignored:
		w.log.Warn(fmt.Sprintf("%s means nothing here: ignored", process.SignalName(n.Signal)))
	case bridge.Trouble:
		w.log.Error(n.What, "error", n.Err)
	case bridge.Gone:
		w.log.Info("exiting", "exit", n.Exit)
	}
}

func (w *runWords) promoted(n bridge.Promoted) {
	if n.Former.Generation == 0 {
		w.log.Info("generation is current", keys(n.Who)...)
		return
	}
	w.log.Info(fmt.Sprintf("swap committed: generation %d is current; generation %d is told to go",
		n.Generation, n.Former.Generation), keys(n.Who)...)
}

// failed names all that one needs at 3 a.m.
func (w *runWords) failed(n bridge.Failed) {
	what, kept := "start failed", ""
	if n.Serving.Generation != 0 {
		what, kept = "swap failed", fmt.Sprintf("; generation %d keeps serving", n.Serving.Generation)
	}
	text := fmt.Sprintf("%s: generation %d %s%s", what, n.Generation, n.Reason, kept)
	if n.PID != 0 {
		when := ", before it was ready"
		if n.Ready {
			when = ", while it was proving itself"
		}
		text = fmt.Sprintf("%s: generation %d (pid %d) %s after %s%s%s; its output: journalctl _PID=%d",
			what, n.Generation, n.PID, n.Reason, age(n.Who), when, kept, n.PID)
	}
	w.log.Error(text, keys(n.Who)...)
}

func (w *runWords) ended(n bridge.Ended) {
	k := append(keys(n.Who), "phase", phase(n.Phase), "exit", n.Exit.String())
	if n.Phase == machine.Current {
		w.log.Error("the current generation ended unasked after "+age(n.Who), k...)
	} else {
		w.log.Info("generation ended", k...)
	}
}

func keys(w bridge.Who) []any {
	return []any{"generation", w.Generation, "pid", w.PID}
}

func age(w bridge.Who) string { return fmt.Sprintf("%.1fs", w.Age.Seconds()) }

func phase(p machine.Phase) string {
	if p == machine.Current {
		return "current"
	}
	return "draining"
}
