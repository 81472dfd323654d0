package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// grace is what the bridge asks the service manager for beyond its own timers.
const grace = 5 * time.Second

// maxStatus keeps a datagram well below the 4096 bytes that systemd reads.
const maxStatus = 1024

// Notifier makes the messages to the service manager, sd_notify(3), of a
// sequence of Reports. The zero value has said nothing yet.
//
// Each RELOADING=1 is followed by one READY=1, after a failed swap too: without
// it `systemctl reload` hangs for ever on systemd 247 to 257.
type Notifier struct {
	ready, reloading, stopping bool
	status                     string
	extended                   extension
}

// extension is what one EXTEND_TIMEOUT_USEC= was sent for.
type extension struct {
	deadline time.Time
	phases   string
}

// Next returns the datagrams to send, in order, now that r is the Report; none
// when there is nothing new to say. Monotonic is now by CLOCK_MONOTONIC, since
// boot.
func (n *Notifier) Next(r Report, now time.Time, monotonic time.Duration) []string {
	messages := n.states(r, monotonic)
	news := strings.Join(n.news(r, now), "\n")
	switch last := len(messages) - 1; {
	case news == "":
	case last < 0:
		messages = []string{news}
	default:
		messages[last] += "\n" + news
	}
	return messages
}

// states returns the changes of state, each a datagram of its own: of two in
// one, systemd heeds but one.
func (n *Notifier) states(r Report, monotonic time.Duration) (messages []string) {
	if r.Ready && !n.ready {
		n.ready = true
		messages = append(messages, "READY=1")
	}
	reloading := r.Reloading && n.ready && !r.Stopping
	if reloading != n.reloading {
		n.reloading = reloading
		message := "READY=1"
		if reloading {
			message = fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", monotonic.Microseconds())
		}
		messages = append(messages, message)
	}
	if r.Stopping && !n.stopping {
		n.stopping = true
		messages = append(messages, "STOPPING=1")
	}
	return messages
}

// news returns what goes along with a change of state, or alone.
func (n *Notifier) news(r Report, now time.Time) (lines []string) {
	if s := line(r.statusLine(now), maxStatus); s != n.status {
		n.status = s
		lines = append(lines, "STATUS="+s)
	}
	due := n.extension(r)
	if due != n.extended && due != (extension{}) {
		left := max(0, r.Deadline.Sub(now)) + grace
		lines = append(lines, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", left.Microseconds()))
	}
	n.extended = due
	return lines
}

// extension is zero while the service manager has no timeout of its own to
// extend, or the bridge has none to meet.
func (n *Notifier) extension(r Report) extension {
	if (n.ready && !n.reloading && !n.stopping) || r.Deadline.IsZero() {
		return extension{}
	}
	var phases strings.Builder
	for _, g := range r.Generations {
		fmt.Fprint(&phases, g.Number, g.Phase, " ")
	}
	return extension{r.Deadline, phases.String()}
}

// statusLine says in one line how the bridge is.
func (r Report) statusLine(now time.Time) string {
	var parts []string
	serving, ok := r.Serving()
	switch {
	case r.Stopping:
		parts = append(parts, "stopping")
	case ok:
		parts = append(parts, fmt.Sprintf("%v serves since %s", serving, moment(serving.Entered, now)))
	case r.Ready:
		parts = append(parts, r.idle(now))
	}
	for _, g := range r.Generations {
		if g.Phase != machine.Current {
			parts = append(parts, fmt.Sprintf("generation %d is %v", g.Number, g.Phase))
		}
	}
	if which, what, failed := r.failure(now); failed && !r.Stopping {
		parts = append(parts, which+" "+what)
	}
	return strings.Join(parts, "; ")
}
