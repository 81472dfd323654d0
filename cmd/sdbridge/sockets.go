package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/bridge/socket"
	"github.com/sdbridge/sdbridge/units/servers"
)

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
	if !b.starter {
		for _, w := range unfit(b.command, placed) {
			b.voice.warn(w)
		}
	}
	numbered, err := socket.Place(placed)
	if err != nil {
		return usage(err)
	}
	var files []process.File
	for _, n := range numbered {
		files = append(files, process.File{From: n.FD, To: n.Number})
	}
	if err := process.Fits(files); err != nil {
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
	err := errors.New("no socket: none was handed over and none was asked for; give --port or --path (sdbridge run has them), start it from a .socket unit, or say --no-socket")
	if notForUs != nil {
		err = fmt.Errorf("no socket: %w", notForUs)
	}
	return refuse(exitConfig, err)
}

// unfit names the sockets that a server which is known cannot take.
func unfit(command []string, placed []socket.Placed) (warnings []string) {
	s := servers.Find(command)
	for _, p := range placed {
		switch {
		case p.Kind == activation.TCP && p.Addr.Addr().Is6() && s.DiesOn6:
			warnings = append(warnings, fmt.Sprintf("%s is an IPv6 socket, of which %s dies: its clients will be reset; write ListenStream=0.0.0.0:%d in the .socket unit",
				p, s.Name, p.Addr.Port()))
		case p.Kind == activation.UnixStream && s.NoUnix != "":
			warnings = append(warnings, fmt.Sprintf("%s is handed to %s, which %s: give it a port", p, s.Name, s.NoUnix))
		}
	}
	return warnings
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

// resolveReady refuses a --ready that these sockets can never satisfy.
func (b *opened) resolveReady() error {
	var all []ready.Socket
	for _, p := range b.placed {
		all = append(all, ready.Socket{Name: p.Entry, FDName: p.FDName, Stream: p.Kind.Stream()})
	}
	rule, err := b.ready.Resolve(all)
	if err != nil {
		return usage(err)
	}
	b.ready = rule
	return nil
}

// reported are the sockets as reports have them.
func (b *opened) reported() []report.Socket {
	var all []report.Socket
	for i, p := range b.placed {
		all = append(all, report.Socket{Entry: p.Entry, Address: p.String(), FD: b.spec.Sockets[i].To, Here: p.FD})
	}
	return all
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
