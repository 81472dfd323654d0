package bridge

import (
	"fmt"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// line is a notice as it stands in a timeline; generations go by their numbers.
func (w *fakeWorld) line(n Notice) string {
	switch n := n.(type) {
	case Asked:
		return "asked"
	case AutoRestart:
		return "auto restart" + when(n.Forced, " forced")
	case Spawned:
		return fmt.Sprint("spawned ", n.Generation, w.from(n.PID))
	case Ready:
		return ""
	case Unwell:
		return fmt.Sprint("unwell ", n.Generation, ": ", n.Why)
	case SocketChanged:
		return fmt.Sprint("socket ", n.Change, ", ", numbers(n.Alive), " live")
	case OwnPort:
		return fmt.Sprint("own port of ", n.Generation, ": ", n.Listens)
	case Proving:
		return fmt.Sprint("proving ", n.Generation, " beside ", numbers(n.Old))
	case Promoted:
		return fmt.Sprint("current ", n.Generation, when(n.Former != Who{}, fmt.Sprint(" after ", n.Former.Generation)))
	case Failed:
		return fmt.Sprint("failed ", n.Generation, ": ", n.Reason,
			when(n.Serving != Who{}, fmt.Sprintf("; %d serves", n.Serving.Generation)))
	case Ended:
		return fmt.Sprint("ended ", n.Generation, ", ", n.Phase, ": ", n.Exit)
	case Repeats:
		return fmt.Sprint("cannot repeat for ", n.Generation, ": ", n.Err)
	case Backoff:
		return fmt.Sprint("back-off ", n.Failures, ": ", n.Pause)
	case Told:
		return fmt.Sprint("told ", n.PIDs)
	case Killed:
		return fmt.Sprintf("killed %d: %d processes, %d connections", n.Generation, n.Processes, n.Connections)
	case Stopping:
		return fmt.Sprintf("stopping by %s: %s to %s", n.By, process.SignalName(n.Signal), numbers(n.All))
	case Aborted:
		return "aborted"
	case Ignored:
		return "ignored " + process.SignalName(n.Signal)
	case Trouble:
		return fmt.Sprint("trouble: ", n.What, ": ", n.Err)
	case Gone:
		return fmt.Sprint("gone ", n.Exit)
	}
	panic(fmt.Sprintf("%T has no words", n))
}

// from names what a leader was started with, where that is not the usual.
func (w *fakeWorld) from(pid int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.processes[pid]
	if p == nil || p.path == "/app" {
		return ""
	}
	return " from " + p.path
}

func numbers(all []Who) string {
	var list []string
	for _, who := range all {
		list = append(list, fmt.Sprint(who.Generation))
	}
	return "[" + strings.Join(list, " ") + "]"
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}
