// Command sdbridge runs a Server::Starter-style program under systemd: it takes
// listening sockets from systemd, hands them to its child, and swaps the child
// for a new one on SIGHUP without losing a connection.
//
// Called by the name start_server it is a drop-in for Server::Starter's program.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sdbridge/sdbridge/bridge/process"
)

func main() {
	process.TrampolineMain(os.Args, os.Environ())
	os.Exit(status(execute(os.Args)))
}

func execute(args []string) error {
	if filepath.Base(args[0]) == "start_server" {
		return startServer(args[1:])
	}
	var root *cobra.Command
	if len(args) > 1 && args[1] == "run" { // the other commands would stay on its heap, 70 kB for good
		root = rootOf(newRun())
	} else {
		root = newRoot()
	}
	root.SetArgs(args[1:])
	return root.Execute()
}

func newRoot() *cobra.Command {
	return rootOf(newRun(), newExec(), newReload(), newStatus(), newDrill(), newUnits(), newCheck(), newStartServer())
}

func rootOf(commands ...*cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use:   "sdbridge",
		Short: "Hot swap for Server::Starter-style programs, under systemd and without",
		Long: `Take listening sockets from systemd, hand them to a child in the child's own
convention, SERVER_STARTER_PORT, LISTEN_FDS or both, and swap the child for a new
one on SIGHUP or systemctl reload without losing a connection. A reload fails when
the new child does not come up, and then the old one was never touched.

Called by the name start_server it is that program, see sdbridge start_server.`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("unknown command %q; sdbridge --help lists them", args[0]))
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(commands...)
	return root
}

// version is the one that the build recorded.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
