package main

import (
	"path/filepath"
	"slices"

	"github.com/sdbridge/sdbridge/bridge"
	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

func (b *opened) config() bridge.Config {
	c := bridge.Config{
		Launch:       b.spec,
		Interval:     b.interval,
		Probation:    b.probation,
		StartTimeout: b.startTimeout,
		DrainTimeout: b.drainTimeout,
		SignalOnHup:  b.onHup,
		SignalOnTerm: b.onTerm,
		Starter:      b.starter,
		IdleExit:     b.idleExit,
		Auto:         b.auto,
		Ready:        b.ready,
		NotifyDir:    b.notifyDir(),
		Watchdog:     b.watchdog,
		Ping:         b.systemd.ping,
		Alive:        b.systemd.alive,
		Settled:      func() { go b.memory.rest() },
		Unit:         ownUnit(),
		Sockets:      b.reported(),
		Log:          b.voice.notice,
		Observe:      b.observe,
	}
	if b.starter {
		c.Overrides = overrides
	}
	if b.watcher != nil {
		c.Changes = b.watcher.Events()
	}
	return c
}

// notifyDir is where the generations have their NOTIFY_SOCKETs: beside the
// control socket of a unit with a RuntimeDirectory=, else nowhere.
func (b *opened) notifyDir() string {
	path := remote.Path(func(name string) (string, bool) {
		if name != "RUNTIME_DIRECTORY" {
			return "", false
		}
		return b.lookup(name)
	}, "")
	if path == "" || b.starter {
		return ""
	}
	return filepath.Join(filepath.Dir(path), "notify")
}

func overrides(env []string) bridge.Overrides {
	o := starter.ReadOverrides(env)
	return bridge.Overrides{
		Auto:      bridge.Auto{Enabled: o.AutoRestart, Interval: o.AutoRestartInterval},
		Probation: o.KillOldDelay,
	}
}

// observe passes each new report on.
func (b *opened) observe(r report.Report) {
	if slices.ContainsFunc(r.Generations, func(g report.Generation) bool { return g.Phase == machine.Starting }) {
		b.memory.work()
	}
	if b.statusFile != nil {
		b.statusFile.Set(statusLines(r))
	}
	b.systemd.observe(r)
}

// statusLines are the generations that serve or drain: start_server lists a
// starting one only when it is up, and one whose leader is gone no more.
func statusLines(r report.Report) []starter.StatusLine {
	lines := []starter.StatusLine{}
	for _, g := range r.Generations {
		if g.Phase != machine.Starting && !g.Exited && g.PID != 0 {
			lines = append(lines, starter.StatusLine{Generation: g.Number, PID: g.PID})
		}
	}
	return lines
}
