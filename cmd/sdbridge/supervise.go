package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge"
	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/launch"
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
	running := bridge.New(b.config())
	if b.control != nil {
		go b.control.Serve(running, version())
	}
	return exited(running.Run(b.signals))
}

// opened is what a bridge holds while it runs.
type opened struct {
	settings

	voice      *voice
	signals    *bridge.Signals
	placed     []socket.Placed
	spec       launch.Spec
	watcher    *socket.Watcher
	control    *remote.Server
	pidFile    *starter.PidFile
	statusFile *starter.StatusFile
	systemd    *systemd
	memory     memory
}

// open makes ready, in start_server's order but for the log: a log command must
// not inherit what was handed over. With an error nothing is left behind.
func open(s settings) (_ *opened, err error) {
	b := &opened{settings: s, voice: newVoice(s.starter)}
	b.systemd = newSystemd(b.voice.trouble)
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	b.signals = bridge.Listen() // from here on there is something to put away
	steps := []func() error{
		b.bind,
		b.resolveReady,
		b.checkCommand,
		b.openLog,
		b.openControl,
		b.openFiles,
		b.watch,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// openLog opens the --log-file and puts it at stdout and stderr.
func (b *opened) openLog() error {
	if b.logFile == "" {
		return nil
	}
	var env []string // what is meant for the bridge is not for its log command
	for _, v := range b.env {
		if name, _, _ := strings.Cut(v, "="); !activation.Scrubbed(name) {
			env = append(env, v)
		}
	}
	log, err := starter.OpenLog(b.logFile, env)
	if err != nil {
		return refuse(exitUnavailable, err)
	}
	b.voice.flush()
	return log.Redirect()
}

func (b *opened) openFiles() (err error) {
	if b.settings.pidFile != "" {
		if b.pidFile, err = starter.CreatePidFile(b.settings.pidFile); err != nil {
			return refuse(exitUnavailable, err)
		}
	}
	if b.settings.statusFile != "" {
		b.statusFile = starter.NewStatusFile(b.settings.statusFile, b.voice.trouble)
	}
	return nil
}

// openControl opens the control socket, if it is known where.
func (b *opened) openControl() error {
	path := b.controlPath
	if !b.starter {
		path = remote.Path(b.lookup, path)
	}
	if path == "" {
		if !b.starter {
			b.voice.say("no control socket, so sdbridge reload and status cannot reach this bridge: give --control PATH or SDBRIDGE_CONTROL, or RuntimeDirectory=sdbridge/NAME in the unit")
		}
		return nil
	}
	server, err := remote.Listen(path, b.controlGroup)
	if err != nil {
		return refuse(exitUnavailable, err)
	}
	b.control = server
	return nil
}

// watch sees to the sockets that all generations share.
func (b *opened) watch() error {
	w, err := socket.Watch(b.placed)
	if err != nil {
		b.voice.trouble(fmt.Errorf("the sockets are not watched: %w", err))
		return nil
	}
	b.watcher = w
	return nil
}

// close puts away what open made. A file system that hangs is not waited for.
func (b *opened) close() {
	if b.statusFile != nil {
		b.voice.trouble(b.statusFile.Remove(patience))
	}
	b.voice.trouble(within(patience, b.putAway))
	b.systemd.close()
	b.voice.flush()
}

// putAway removes the files; the pid file last, since whoever waits for its lock
// takes it that all is gone.
func (b *opened) putAway() error {
	if b.control != nil {
		b.control.Close()
	}
	if b.watcher != nil {
		b.watcher.Close()
	}
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
