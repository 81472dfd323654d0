package main

import (
	"errors"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge"
	"github.com/sdbridge/sdbridge/bridge/process"
)

func newExec() *cobra.Command {
	var f socketFlags
	c := &cobra.Command{
		Use:   "exec [flags] -- command [arg…]",
		Short: "Translate the conventions and become the command",
		Long: `Announce the sockets that were handed over, by systemd (LISTEN_FDS) or by a
start_server (SERVER_STARTER_PORT), in the command's own convention, and become
the command. Nothing stays behind, and nothing is swapped.` + execManual,
		Example: `  start_server --port 8080 -- sdbridge exec -- gunicorn app:wsgi
  ExecStart=/usr/bin/sdbridge exec --export=starter -- /usr/bin/plackup -s Starlet app.psgi`,
		DisableFlagsInUseLine: true,
		RunE:                  func(_ *cobra.Command, args []string) error { return f.become(args) },
	}
	c.Flags().SetInterspersed(false)
	c.Flags().SortFlags = false
	f.register(c.Flags())
	f.complete(c)
	return c
}

func (f *socketFlags) become(args []string) error {
	s := settings{env: os.Environ(), command: args, outer: true}
	if err := f.choose(&s); err != nil {
		return usage(err)
	}
	if len(args) == 0 {
		return usage(errors.New("no command: write it behind --, as in: sdbridge exec -- ./app"))
	}
	b := &opened{settings: s, voice: newVoice(false)}
	defer b.voice.flush()
	if err := b.bind(); err != nil {
		return err
	}
	l, err := b.spec.Prepare()
	if err != nil {
		return err
	}
	b.voice.flush() // nothing is left to do it
	return process.Become(bridge.Command(l.For(s.generation(), s.kept()...)))
}

// generation is the one of an outer start_server, which goes on counting.
func (s *settings) generation() int {
	value, _ := s.lookup(activation.StarterGeneration)
	if n, err := strconv.Atoi(value); err == nil && n > 0 {
		return n
	}
	return 1
}

// kept is what systemd says to its main process, which the command becomes.
func (s *settings) kept() (variables []string) {
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE", "SYSTEMD_EXEC_PID"} {
		if value, ok := s.lookup(name); ok {
			variables = append(variables, name+"="+value)
		}
	}
	return variables
}
