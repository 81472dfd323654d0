package bridge

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// Config is what a bridge runs by. The zero duration of a time limit is none.
type Config struct {
	Launch launch.Spec

	Interval     time.Duration // least age before a generation can be ready
	Probation    time.Duration // --kill-old-delay: how long a ready one must survive beside the old one
	StartTimeout time.Duration // within which a candidate must be ready
	DrainTimeout time.Duration // after which a generation that was told to go is killed

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

// Validate refuses settings that cannot work together.
func (c Config) Validate() error {
	if c.StartTimeout > 0 && c.StartTimeout <= c.Interval {
		return fmt.Errorf("--start-timeout %v is not longer than --interval %v: no generation could ever be ready in time; give --start-timeout more, or 0 for none",
			c.StartTimeout, c.Interval)
	}
	if len(c.Launch.Command) == 0 {
		return fmt.Errorf("no command: write it after --, as in: sdbridge run --port 8080 -- ./app")
	}
	return nil
}
