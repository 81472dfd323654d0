package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// runWords says what happens as `run` does, by slog. Each says what comes next.
type runWords struct {
	log *slog.Logger
}

func (w *runWords) warn(text string) { w.log.Warn(text) }
func (w *runWords) say(text string)  { w.log.Info(text) }

func (w *runWords) notice(n bridge.Notice) {
	switch n := n.(type) {
	case bridge.Asked:
		w.log.Info(n.By + ": a swap is wanted")
	case bridge.AutoRestart:
		w.log.Info("a swap is due", "interval", n.Interval, "forced", n.Forced)
	case bridge.Spawned:
		w.log.Info("generation is starting", keys(n.Who)...)
	case bridge.Ready:
		w.ready(n)
	case bridge.Unwell:
		w.log.Error(fmt.Sprintf("generation %d %s; starting a replacement beside it", n.Generation, n.Why), keys(n.Who)...)
	case bridge.SocketChanged:
		w.socketChanged(n)
	case bridge.OwnPort:
		w.log.Warn(fmt.Sprintf("generation %d listens on %s, which was not handed to it: if the program binds by itself, a second one beside it cannot; let it take the descriptor",
			n.Generation, strings.Join(n.Listens, ", ")), keys(n.Who)...)
	case bridge.Proving:
		w.log.Info("generation serves beside the current one", append(keys(n.Who), "probation", n.Probation)...)
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

func (w *runWords) ready(n bridge.Ready) {
	w.log.Info("generation is ready: "+n.How, keys(n.Who)...)
	if n.Note != "" {
		w.log.Warn(n.Note, keys(n.Who)...)
	}
}

// socketChanged says what children did to a socket that all share.
func (w *runWords) socketChanged(n bridge.SocketChanged) {
	level := slog.LevelWarn
	if n.Cure != "" {
		level = slog.LevelError
	}
	w.log.Log(context.Background(), level, socketText(n), "generations", generations(n.Alive))
}

func socketText(n bridge.SocketChanged) string {
	switch n.Change {
	case socket.Healed:
		return fmt.Sprintf("%s was shut down by a child and is listening again; clients that waited in its queue were reset", n.Socket.Socket)
	case socket.PathBack:
		return fmt.Sprintf("clients can reach %s again", n.Socket.Socket)
	case socket.Unwatched:
		return fmt.Sprintf("%s is not watched: %v", n.Socket.Socket, n.Err)
	case socket.Dead, socket.PathGone, socket.PathReplaced:
	}
	return fmt.Sprintf("no client can reach %s: %s; %s", n.Socket.Socket, n.Change, n.Cure)
}

func generations(all []bridge.Who) []int {
	list := make([]int, len(all))
	for i, w := range all {
		list[i] = w.Generation
	}
	return list
}

// failed names all that one needs at 3 a.m.
func (w *runWords) failed(n bridge.Failed) {
	text := fmt.Sprintf("start failed: generation %d", n.Generation)
	if n.Serving.Generation != 0 {
		text = fmt.Sprintf("swap failed: generation %d", n.Generation)
	}
	if n.PID != 0 {
		text += fmt.Sprintf(" (pid %d)", n.PID)
	}
	text += " " + n.Reason
	if n.ByExit {
		text += " after " + age(n.Who) + map[bool]string{false: ", before it was ready", true: ", while it was proving itself"}[n.Ready]
	}
	if n.Serving.Generation != 0 {
		text += fmt.Sprintf("; generation %d keeps serving", n.Serving.Generation)
	}
	if n.PID != 0 {
		text += fmt.Sprintf("; its output: journalctl _PID=%d", n.PID)
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
