package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/bridge/socket"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

// patience is how long leaving waits for a file system that hangs.
const patience = time.Second

// supervise does all that comes before the first spawn, runs the bridge, and
// puts away what it made.
func supervise(s settings) error {
	if !s.daemonize {
		return supervised(s, nil)
	}
	env, daemon, err := starter.Daemonize(os.Args, s.env)
	if err != nil {
		daemon.Failed(statusOf(err))
		return err
	}
	s.env = env
	return supervised(s, daemon)
}

// supervised tells the first process of a daemon what became of it.
func supervised(s settings, daemon *starter.Report) error {
	b, err := open(s)
	if err != nil {
		daemon.Failed(statusOf(err))
		return err
	}
	defer b.close()
	daemon.Up()
	b.voice.detach()
	return exited(bridge.Run(b.config(), b.signals))
}

// opened is what a bridge holds while it runs.
type opened struct {
	settings

	signals    *bridge.Signals
	spec       launch.Spec
	placed     []socket.Placed
	voice      *voice
	pidFile    *starter.PidFile
	statusFile *starter.StatusFile
	systemd    *systemd
}

// open makes ready, in start_server's order: log, sockets, pid file. With an
// error nothing is left behind.
func open(s settings) (_ *opened, err error) {
	b := &opened{settings: s}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	log, err := b.openLog()
	if err != nil {
		return nil, err
	}
	if err := b.bind(); err != nil {
		return nil, err
	}
	if err := b.checkCommand(); err != nil {
		return nil, err
	}
	if log != nil {
		if err := log.Redirect(); err != nil {
			return nil, err
		}
	}
	b.signals = bridge.Listen() // before anybody can read the pid
	if s.pidFile != "" {
		if b.pidFile, err = starter.CreatePidFile(s.pidFile); err != nil {
			return nil, err
		}
	}
	if s.statusFile != "" {
		b.statusFile = starter.NewStatusFile(s.statusFile, b.voice.trouble)
	}
	b.systemd = newSystemd()
	return b, nil
}

func (b *opened) openLog() (*starter.Log, error) {
	b.voice = newVoice(b.starter)
	if b.logFile == "" {
		return nil, nil
	}
	log, err := starter.OpenLog(b.logFile, b.env)
	if err != nil {
		return nil, refuse(exitUnavailable, err)
	}
	return &log, nil
}

// bind finds or makes the sockets and gives them their numbers in the child.
func (b *opened) bind() error {
	b.voice.starting()
	sockets, notForUs, err := handed(b.lookup, b.outer)
	if err != nil {
		return err
	}
	if notForUs != nil {
		b.voice.warn(notForUs.Error())
	}
	b.sockets.Handed = sockets
	placed, warnings, err := socket.Acquire(b.sockets)
	if err != nil {
		return commandLine(err)
	}
	b.placed = placed
	for _, w := range warnings {
		b.voice.warn(w)
	}
	if len(placed) == 0 && !b.noSocket {
		return noSocket(notForUs)
	}
	numbered, _, err := socket.Place(placed)
	if err != nil {
		return usage(err)
	}
	b.describe(numbered)
	return nil
}

// commandLine makes a refusal of what is not the system's.
func commandLine(err error) error {
	if _, ok := errors.AsType[*socket.BindError](err); ok {
		return err
	}
	return usage(err)
}

func noSocket(notForUs error) error {
	err := errors.New("no socket: none was handed over and none was asked for; give --port or --path, start it from a .socket unit, or say --no-socket")
	if notForUs != nil {
		err = fmt.Errorf("no socket: %w", notForUs)
	}
	return refuse(exitConfig, err)
}

// describe makes the launch's specification.
func (b *opened) describe(numbered []socket.Numbered) {
	b.spec = launch.Spec{
		Command:      b.command,
		Dir:          b.dir,
		EnvDir:       b.envDir,
		EnvFiles:     b.envFiles,
		Base:         append(slices.Clip(b.env), b.environ...),
		Export:       b.export,
		StarterRules: b.starter,
	}
	for _, n := range numbered {
		if n.Want >= 0 {
			b.voice.duplicated(n.Number)
		}
		b.spec.Sockets = append(b.spec.Sockets, launch.Descriptor{
			From: n.FD, To: n.Number, Entry: n.Entry, FDName: n.FDName,
		})
	}
}

// checkCommand refuses what cannot be started before anything is spawned. File
// systems that hang are left to the first start and its time limit.
func (b *opened) checkCommand() error {
	result := make(chan error, 1)
	go func() {
		_, err := b.spec.Prepare()
		result <- err
	}()
	select {
	case err := <-result:
		return err
	case <-time.After(patience):
		return nil
	}
}

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
		Log:          b.voice.notice,
		Observe:      b.observe,
	}
	if b.starter {
		c.Overrides = overrides
	}
	return c
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

// close puts away what open made. A file system that hangs is not waited for.
func (b *opened) close() {
	if b.statusFile != nil {
		b.voice.trouble(b.statusFile.Remove(patience))
	}
	b.voice.trouble(within(patience, b.putAway))
	b.systemd.close()
	b.voice.close()
}

// putAway removes the files; the pid file last, since whoever waits for its lock
// takes it that all is gone.
func (b *opened) putAway() error {
	err := socket.Remove(b.placed)
	if b.pidFile != nil {
		err = errors.Join(err, b.pidFile.Remove())
	}
	return err
}

// within waits for f, but no longer than d.
func within(d time.Duration, f func() error) error {
	result := make(chan error, 1)
	go func() { result <- f() }()
	select {
	case err := <-result:
		return err
	case <-time.After(d):
		return fmt.Errorf("a file system does not answer within %v: its files are left", d)
	}
}
