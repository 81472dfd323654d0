package machine

import (
	"fmt"
	"strconv"
)

var phases = [...]string{
	Gone: "gone", Starting: "starting", Proving: "proving", Current: "current", Draining: "draining",
}

var kinds = [...]string{
	NoEvent: "nothing", Ready: "ready", Exited: "exited", Expired: "expired", Unwell: "unwell",
	Emptied: "emptied", Extend: "extend", Reload: "reload", Retry: "retry", AutoDue: "auto-due",
	AutoOverdue: "auto-overdue", Stop: "stop", Abort: "abort",
}

var dos = [...]string{
	Nothing: "nothing", Spawn: "spawn", Arm: "arm", ArmKill: "arm-kill", Prolong: "prolong",
	Tell: "tell", Kill: "kill", Remove: "remove", Verdict: "verdict", ArmRetry: "arm-retry",
	DisarmRetry: "disarm-retry", ArmAuto: "arm-auto", DisarmAuto: "disarm-auto", Quit: "quit",
}

var reasons = [...]string{
	NoReason: "none", NotReady: "not ready", Died: "died", IsUnwell: "unwell", IsStopping: "stopping",
}

// signals are those whose numbers POSIX fixes; the others differ between architectures.
var signals = map[Signal]string{1: "HUP", 2: "INT", 3: "QUIT", 9: "KILL", Term: "TERM"}

// String returns the phase as it is called in logs and status: "proving".
func (p Phase) String() string { return name(phases[:], uint8(p)) }

// String returns the kind as it is called in traces: "auto-due".
func (k Kind) String() string { return name(kinds[:], uint8(k)) }

// String returns what is to be done as it is called in traces: "arm-kill".
func (d Do) String() string { return name(dos[:], uint8(d)) }

// String returns the reason in a word or two: "not ready".
func (r Reason) String() string { return name(reasons[:], uint8(r)) }

// String returns name and number, "TERM(15)", or the number alone where the
// name depends on the architecture.
func (s Signal) String() string {
	if name, ok := signals[s]; ok {
		return fmt.Sprintf("%s(%d)", name, uint8(s))
	}
	return strconv.Itoa(int(s))
}

// String returns the event with the fields that count: "expired 2 proving".
func (e Event) String() string {
	switch e.Kind {
	case Ready, Unwell, Emptied:
		return fmt.Sprint(e.Kind, " ", e.Generation)
	case Exited:
		return fmt.Sprint(e.Kind, " ", e.Generation, when(e.Clean, " clean"), when(e.NoExec, " no-exec"))
	case Expired:
		return fmt.Sprint(e.Kind, " ", e.Generation, " ", e.Phase)
	case Extend:
		return fmt.Sprint(e.Kind, " ", e.Generation, " ", e.After)
	case Stop:
		return fmt.Sprint(e.Kind, " ", e.Signal)
	case NoEvent, Reload, Retry, AutoDue, AutoOverdue, Abort:
	}
	return e.Kind.String()
}

// String returns the action with the fields that count: "tell 1 TERM(15)".
func (a Action) String() string {
	switch a.Do {
	case Spawn:
		return fmt.Sprint(a.Do, " ", a.Generation, when(a.Repeat, " repeat"))
	case Arm:
		return fmt.Sprint(a.Do, " ", a.Generation, " ", a.Phase)
	case Prolong:
		return fmt.Sprint(a.Do, " ", a.Generation, " ", a.Phase, " ", a.After)
	case Tell:
		return fmt.Sprint(a.Do, " ", a.Generation, " ", a.Signal)
	case ArmKill, Kill, Remove:
		return fmt.Sprint(a.Do, " ", a.Generation)
	case Verdict:
		return a.verdict()
	case ArmRetry:
		return fmt.Sprint(a.Do, " ", a.Failures, " ", a.Reason)
	case Quit:
		return fmt.Sprint(a.Do, " ", a.Exit)
	case Nothing, DisarmRetry, ArmAuto, DisarmAuto:
	}
	return a.Do.String()
}

func (a Action) verdict() string {
	of := when(a.Generation != 0, " "+strconv.Itoa(a.Generation))
	if a.Reason == NoReason {
		return fmt.Sprintf("%s%s committed up to %d", a.Do, of, a.UpTo)
	}
	return fmt.Sprintf("%s%s failed up to %d: %s", a.Do, of, a.UpTo, a.Reason)
}

func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("unknown(%d)", i)
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}
