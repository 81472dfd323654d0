package starter

import (
	"fmt"
	"strings"
)

// option is one line of the table that both the parser and the help read.
type option struct {
	name  string
	kind  kind
	value string // the placeholder in the help
	help  string
}

// options are those of start_server 0.35, in the order of its own list.
var options = []option{
	{"port", text, "[HOST:]PORT[=FD]", "a TCP socket, repeatable; uPORT is UDP; FD puts it there"},
	{"path", text, "FILE", "a Unix socket, repeatable"},
	{"interval", integer, "SECONDS", "how long a new child must live to count as up (1)"},
	{"log-file", text, "FILE", `append stdout and stderr to FILE, or "| command"`},
	{"pid-file", text, "FILE", "where our pid is written"},
	{"dir", text, "DIR", "where the program runs"},
	{"signal-on-hup", text, "SIGNAL", "what tells an old child to go at a swap (TERM)"},
	{"signal-on-term", text, "SIGNAL", "what tells the children to go on SIGTERM (TERM)"},
	{"backlog", integer, "COUNT", "length of the sockets' queues (SOMAXCONN)"},
	{"envdir", text, "DIR", "environment of the children, one file a variable (ENVDIR)"},
	{"enable-auto-restart", onOff, "", "swap by time (ENABLE_AUTO_RESTART)"},
	{"daemonize", flag, "", "go into the background; needs --log-file"},
	{"auto-restart-interval", integer, "SECONDS", "time between those swaps (AUTO_RESTART_INTERVAL, 360)"},
	{"kill-old-delay", integer, "SECONDS", "how long both children serve (KILL_OLD_DELAY, 0; 5 with auto-restart)"},
	{"status-file", text, "FILE", "where GENERATION:PID of each child is written"},
	{"restart", flag, "", "swap the children of a running start_server and wait; needs --pid-file, --status-file"},
	{"stop", flag, "", "stop a running start_server and wait; needs --pid-file"},
	{"help", flag, "", "print this text"},
	{"version", flag, "", "print the version"},
}

// Help is the text of --help, one line for each option.
func Help() string {
	var b strings.Builder
	b.WriteString("Usage: start_server [options] -- program [argument…]\n\n")
	for _, o := range options {
		name := "--" + o.name
		if o.value != "" {
			name += "=" + o.value
		}
		fmt.Fprintf(&b, "  %-32s %s\n", name, o.help)
	}
	return b.String()
}
