package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge"
	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/socket"
	"github.com/sdbridge/sdbridge/bridge/starter"
	"github.com/sdbridge/sdbridge/cmd/seconds"
)

// runFlags are the values of `run`'s flags, before they are looked at.
type runFlags struct {
	socketFlags

	ports, paths, envFiles []string
	backlog                int
	ready                  string

	dir, envDir                                     string
	interval, probation, startTimeout, drainTimeout seconds.Duration
	onHup, onTerm                                   string
	auto                                            bool
	autoInterval                                    seconds.Duration
	idleExit                                        bool

	watchdog                     seconds.Duration
	control, controlGroup        string
	pidFile, statusFile, logFile string
	daemonize, restart, stop     bool
}

// defaultRun is what counts where no flag is given.
func defaultRun() runFlags {
	return runFlags{
		interval: seconds.Duration(time.Second), probation: seconds.Duration(2 * time.Second),
		startTimeout: seconds.Duration(time.Minute), drainTimeout: seconds.Duration(time.Minute),
		autoInterval: seconds.Duration(6 * time.Minute),
	}
}

func newRun() *cobra.Command {
	f := defaultRun()
	c := &cobra.Command{
		Use:   "run [flags] -- command [arg…]",
		Short: "Run a child behind its sockets and swap it on SIGHUP",
		Long: `Run the command behind the sockets that systemd hands over, or that --port and
--path name, and keep it running. SIGHUP swaps it for a new one: only when that
has proved itself is the old one told to go. TERM and INT stop everything.

Durations are seconds (2, 1.5) or have a unit (500ms, 2m).` + runManual,
		Example: `  sdbridge run --port 8080 -- ./app
  sdbridge run --path /run/app.sock --signal-on-hup=QUIT -- starman app.psgi`,
		DisableFlagsInUseLine: true,
		RunE:                  func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	c.Flags().SetInterspersed(false) // what stands behind the command's name is the command's
	f.register(c.Flags())
	f.complete(c)
	return c
}

func (f *runFlags) register(set *pflag.FlagSet) {
	set.SortFlags = false
	set.StringArrayVar(&f.ports, "port", nil, "TCP port to hand on: [host:]port[=fd]; u before the port: UDP (repeatable)")
	set.StringArrayVar(&f.paths, "path", nil, "Unix socket to hand on (repeatable)")
	set.IntVar(&f.backlog, "backlog", 0, "length of the queue of what is bound here (default the most the kernel grants)")
	f.socketFlags.register(set)
	set.StringVar(&f.ready, "ready", "auto", "when a candidate is ready: auto, accept[:SOCKET,…] (it waits on its sockets), notify (READY=1), interval (it is alive)")
	set.Var(&f.interval, "interval", "least age of a candidate that counts as ready")
	set.Var(&f.probation, "kill-old-delay", "how long a ready candidate must survive beside the old one")
	set.Var(&f.startTimeout, "start-timeout", "time within which a candidate must be ready; 0: no limit")
	set.Var(&f.drainTimeout, "drain-timeout", "time after which an old generation is killed, all of it; 0: never")
	set.StringVar(&f.onHup, "signal-on-hup", "TERM", "signal that tells an old generation to go at a swap")
	set.StringVar(&f.onTerm, "signal-on-term", "TERM", "signal that tells a generation to go when the bridge stops")
	set.Var(&f.watchdog, "watchdog", "replace a child that sends no WATCHDOG=1 for so long; 0: never")
	set.StringVar(&f.dir, "dir", "", "the child's directory, looked up anew at each reload")
	set.StringVar(&f.envDir, "envdir", "", "directory of variables, one a file, read anew at each reload")
	set.StringArrayVar(&f.envFiles, "env-file", nil, "file of variables as EnvironmentFile= takes it, read anew at each reload; -FILE may be missing (repeatable)")
	set.BoolVar(&f.auto, "enable-auto-restart", false, "swap by itself, every --auto-restart-interval")
	set.Var(&f.autoInterval, "auto-restart-interval", "time between two swaps of --enable-auto-restart")
	set.BoolVar(&f.idleExit, "idle-exit", false, "end with status 0 when the child does")
	set.StringVar(&f.control, "control", "", "path of the control socket (default $SDBRIDGE_CONTROL, or in $RUNTIME_DIRECTORY)")
	set.StringVar(&f.controlGroup, "control-group", "", "group that may ask for the status")
	set.StringVar(&f.pidFile, "pid-file", "", "file for the bridge's pid, locked while it lives")
	set.StringVar(&f.statusFile, "status-file", "", "file for generation:pid lines")
	set.StringVar(&f.logFile, "log-file", "", `file for stdout and stderr, or "|command"`)
	set.BoolVar(&f.daemonize, "daemonize", false, "go into the background; needs --log-file")
	set.BoolVar(&f.restart, "restart", false, "swap the bridge of --pid-file and wait for it, by --status-file")
	set.BoolVar(&f.stop, "stop", false, "stop the bridge of --pid-file and wait for its end")
}

func (f *runFlags) run(args []string) error {
	if f.restart || f.stop {
		return restartOrStop(f.restart, f.stop, f.pidFile, f.statusFile)
	}
	s, err := f.values(args)
	if err != nil {
		return usage(err)
	}
	if s.controlGroup, err = groupOf(f.controlGroup); err != nil {
		return usage(err)
	}
	return supervise(s)
}

// values looks at the flags' values, but for those that the host has to know.
func (f *runFlags) values(args []string) (settings, error) {
	s := settings{
		env: os.Environ(), command: args, outer: true,
		dir: f.dir, envDir: f.envDir, envFiles: f.envFiles,
		interval: time.Duration(f.interval), probation: time.Duration(f.probation),
		startTimeout: time.Duration(f.startTimeout), drainTimeout: time.Duration(f.drainTimeout),
		auto:     bridge.Auto{Enabled: f.auto, Interval: time.Duration(f.autoInterval)},
		idleExit: f.idleExit, watchdog: time.Duration(f.watchdog), controlPath: f.control,
		pidFile: f.pidFile, statusFile: f.statusFile, logFile: f.logFile, daemonize: f.daemonize,
	}
	steps := []func() error{
		func() (err error) { s.sockets, err = f.request(); return err },
		func() error { return f.choose(&s) },
		func() (err error) { s.onHup, err = signalOf("signal-on-hup", f.onHup); return err },
		func() (err error) { s.onTerm, err = signalOf("signal-on-term", f.onTerm); return err },
		func() (err error) { s.ready, err = ready.ParseRule(f.ready); return err },
		func() error { return f.validate(args) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return settings{}, err
		}
	}
	return s, nil
}

func (f *runFlags) validate(args []string) error {
	switch {
	case len(args) == 0:
		return fmt.Errorf("no command: write it behind --, as in: sdbridge run --port 8080 -- ./app")
	case f.startTimeout > 0 && f.startTimeout <= f.interval:
		return fmt.Errorf("--start-timeout %v is not longer than --interval %v: no candidate could ever be ready in time; give --start-timeout more, or 0 for no limit",
			&f.startTimeout, &f.interval)
	case f.daemonize && f.logFile == "":
		return fmt.Errorf("--daemonize needs --log-file: the child's output would go nowhere")
	case f.backlog < 0:
		return fmt.Errorf("--backlog %d is negative; leave it out for the most that the kernel grants", f.backlog)
	}
	return nil
}

// request is what the flags say of sockets.
func (f *runFlags) request() (socket.Request, error) {
	r := socket.Request{Paths: f.paths, Backlog: f.backlog}
	for _, p := range f.ports {
		port, err := socket.ParsePort(p)
		if err != nil {
			return r, err
		}
		r.Ports = append(r.Ports, port)
	}
	return r, nil
}

// restartOrStop is --restart and --stop.
func restartOrStop(restart, stop bool, pidFile, statusFile string) error {
	switch {
	case restart && stop:
		return usage(fmt.Errorf("--restart and --stop exclude each other; give one of them"))
	case restart && (pidFile == "" || statusFile == ""):
		return usage(fmt.Errorf("--restart needs --pid-file and --status-file, those that the bridge was started with"))
	case pidFile == "":
		return usage(fmt.Errorf("--stop needs --pid-file, the one that the bridge was started with"))
	case restart:
		return starter.Restart(pidFile, statusFile, logf)
	}
	return starter.Stop(pidFile, logf)
}

// groupOf is the id of a --control-group.
func groupOf(name string) (int, error) {
	if name == "" {
		return remote.NoGroup, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("--control-group %q: %w; name a group of this system", name, err)
	}
	return strconv.Atoi(g.Gid)
}

func signalOf(flag, name string) (unix.Signal, error) {
	s, err := process.SignalNumber(name)
	if err != nil {
		return 0, fmt.Errorf("--%s: %w", flag, err)
	}
	return s, nil
}
