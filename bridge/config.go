package bridge

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// Config is what a bridge runs by. The zero duration of a time limit is none.
type Config struct {
	Launch launch.Spec

	Interval     time.Duration // least age before a generation can be ready
	Probation    time.Duration // --kill-old-delay: how long a ready one must survive beside the old one
	StartTimeout time.Duration // within which a candidate must be ready
	DrainTimeout time.Duration // after which a generation that was told to go is killed

	Ready     ready.Rule    // when a candidate is ready; resolved
	NotifyDir string        // where the NOTIFY_SOCKETs of the generations are; "": they have abstract names
	Watchdog  time.Duration // that the children get; 0: none
	Ping      time.Duration // how often Alive is called; 0: never

	SignalOnHup  unix.Signal // tells a former current one to go
	SignalOnTerm unix.Signal // tells a generation to go in every other case

	// Starter selects start_server's rules: a generation is its leader, failed
	// swaps are tried again for ever, --envdir files override the settings.
	Starter bool
	// IdleExit ends the bridge when the current one exits with status 0.
	IdleExit bool
	// Auto is what automatic restarts go by, unless Overrides says otherwise.
	Auto Auto
	// Overrides reads the settings that a generation's environment overrides;
	// nil: none do. Server::Starter reads ENABLE_AUTO_RESTART,
	// AUTO_RESTART_INTERVAL and KILL_OLD_DELAY anew at each turn.
	Overrides func(env []string) Overrides

	// Unit is the bridge's own, "app.service", for the cures that are told; "":
	// not known.
	Unit string
	// Sockets are what is handed on, for the report.
	Sockets []report.Socket
	// Changes tells what happens to them; nil: they are not watched.
	Changes <-chan socket.Event

	// Alive is called by the loop, when it begins and every Ping: it must not block.
	Alive func()
	// Settled is called by the loop when a generation has been current for a
	// while, and not much is to be done: it must not block.
	Settled func()
	// Log is told what happens, by the loop: it must not block.
	Log func(Notice)
	// Observe is given every new report, by the loop: it must not block.
	Observe func(report.Report)
}

// Auto is when an automatic restart is due.
type Auto struct {
	Enabled  bool
	Interval time.Duration
}

// Overrides are the settings that an environment overrides.
type Overrides struct {
	Auto      Auto
	Probation time.Duration
}
