package main

import (
	"fmt"
	"io"
	"syscall"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

// starterWords says what happens as Server::Starter does. What it has no words
// for is said in ours.
type starterWords struct {
	out      io.Writer
	stopping bool
}

func (w *starterWords) warn(text string) { fmt.Fprintln(w.out, text) }
func (w *starterWords) say(text string)  { w.warn(text) }

func (w *starterWords) notice(n bridge.Notice) {
	switch n := n.(type) {
	case bridge.Asked:
		w.warn(starter.SayReceivedHUP())
	case bridge.AutoRestart:
		w.autoRestart(n)
	case bridge.Spawned:
		w.warn(starter.SayNewWorker(n.PID))
	case bridge.Proving:
		w.proving(n)
	case bridge.Promoted:
		if n.Beside {
			w.warn(starter.SayKillingOldWorkers())
		}
	case bridge.Failed:
		w.failed(n)
	case bridge.Ended:
		w.ended(n)
	case bridge.Stopping:
		w.stopping = true
		w.warn(starter.SayStopping(n.By, process.SignalName(n.Signal), pids(n.All)))
	case bridge.Gone:
		w.warn(starter.SayExiting())
	case bridge.Killed:
		w.warn(fmt.Sprintf("worker %d is killed", n.PID))
	case bridge.Aborted:
		w.warn("received INT again, killing all workers")
	case bridge.Ignored:
		w.warn(fmt.Sprintf("received %s, which means nothing here: ignored", process.SignalName(n.Signal)))
	case bridge.Trouble:
		w.warn(fmt.Sprintf("%s: %v", n.What, n.Err))
	case bridge.SocketChanged:
		w.warn(socketText(n))
	case bridge.Backoff, bridge.Repeats, bridge.Told, bridge.Ready, bridge.Unwell, bridge.OwnPort: // as Perl: not said, or not done
	}
}

func (w *starterWords) autoRestart(n bridge.AutoRestart) {
	if n.Forced {
		w.warn(starter.SayAutoRestartForced(n.Interval))
	} else {
		w.warn(starter.SayAutoRestart(n.Interval))
	}
}

func (w *starterWords) proving(n bridge.Proving) {
	signal := process.SignalName(n.Signal)
	w.warn(starter.SayNewWorkerRunning(signal, pids(n.Old)))
	if len(n.Old) > 2 {
		w.warn(fmt.Sprintf("%d older generations are still there; does %s make them stop?", len(n.Old), signal))
	}
	if n.Probation > 0 {
		w.warn(starter.SaySleeping(n.Probation))
	}
}

func (w *starterWords) failed(n bridge.Failed) {
	if n.PID != 0 {
		w.warn(starter.SayStartFailed(n.PID, syscall.WaitStatus(n.Exit.Status)))
	}
	if n.PID == 0 || !n.ByExit {
		w.warn("new worker failed: " + n.Reason)
	}
}

func (w *starterWords) ended(n bridge.Ended) {
	status := syscall.WaitStatus(n.Exit.Status)
	switch {
	case w.stopping:
		w.warn(starter.SayWorkerDied(n.PID, status))
	case n.Phase == machine.Current:
		w.warn(starter.SayDiedUnexpectedly(n.PID, status))
	default:
		w.warn(starter.SayOldWorkerDied(n.PID, status))
	}
}

func pids(all []bridge.Who) []int {
	list := make([]int, len(all))
	for i, w := range all {
		list[i] = w.PID
	}
	return list
}
