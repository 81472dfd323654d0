package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/socket"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

func newStartServer() *cobra.Command {
	return &cobra.Command{
		Use:   "start_server [options] -- command [arg…]",
		Short: "Do as Server::Starter's start_server does",
		Long: `A drop-in for start_server of Server::Starter 0.35, by this name or by a link of
the name start_server: the same options, files, environment and words.` + starterManual,
		DisableFlagParsing: true, // Getopt::Long's rules are others
		RunE:               func(_ *cobra.Command, args []string) error { return startServer(args) },
	}
}

// startServer is the drop-in for start_server 0.35.
func startServer(args []string) error {
	o, err := starter.Parse(args)
	switch {
	case err != nil:
		return err
	case o.Help:
		fmt.Print(starter.Help())
		return nil
	case o.Version:
		fmt.Println(version())
		return nil
	case o.Restart, o.Stop:
		return restartOrStop(o.Restart, o.Stop && !o.Restart, o.PidFile, o.StatusFile)
	}
	s, err := starterSettings(o)
	if err != nil {
		return usage(err)
	}
	return supervise(s)
}

func starterSettings(o starter.Options) (settings, error) {
	s := settings{
		env: os.Environ(), starter: true, command: o.Command, noSocket: true, export: launch.Starter,
		// An outer start_server's sockets are taken where none are asked for: a
		// deploy script that runs under one hands its environment to all it starts.
		outer:   len(o.Ports)+len(o.Paths) == 0,
		sockets: socket.Request{Paths: o.Paths, Backlog: o.Backlog},
		dir:     o.Dir, environ: o.Environ(),
		interval:     o.Interval,
		controlGroup: remote.NoGroup,
		pidFile:      o.PidFile, statusFile: o.StatusFile, logFile: o.LogFile, daemonize: o.Daemonize,
	}
	for _, p := range o.Ports {
		port, err := socket.ParsePort(p)
		if err != nil {
			return settings{}, err
		}
		s.sockets.Ports = append(s.sockets.Ports, port)
	}
	s.envDir = starter.ReadOverrides(append(slices.Clip(s.env), s.environ...)).EnvDir
	var err error
	if s.onHup, err = signalOf("signal-on-hup", o.SignalOnHUP); err == nil {
		s.onTerm, err = signalOf("signal-on-term", o.SignalOnTERM)
	}
	return s, err
}

// logf says what --restart and --stop are about.
func logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
