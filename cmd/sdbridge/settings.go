package main

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// settings is what a command line comes to, whichever dialect it is written in.
type settings struct {
	env      []string // the bridge's own environment
	starter  bool     // start_server's dialect
	command  []string
	sockets  socket.Request // but for what is handed over
	outer    bool           // take the sockets of an outer start_server
	noSocket bool           // go on without any
	export   launch.Export

	dir      string
	envDir   string
	envFiles []string
	environ  []string // that the options add, "NAME=value"

	interval, probation, startTimeout, drainTimeout time.Duration
	onHup, onTerm                                   unix.Signal
	auto                                            bridge.Auto
	idleExit                                        bool

	ready    ready.Rule
	watchdog time.Duration // that the children get; 0: none

	controlPath  string // --control
	controlGroup int    // group id, or remote.NoGroup

	pidFile, statusFile, logFile string
	daemonize                    bool
}

// lookup finds a variable of the bridge's own environment, as os.LookupEnv does.
func (s *settings) lookup(name string) (string, bool) {
	i := slices.IndexFunc(s.env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	if i < 0 {
		return "", false
	}
	return s.env[i][len(name)+1:], true
}
