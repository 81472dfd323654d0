package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// drillProgram has the libraries that a load needs, which the bridge is spared.
const drillProgram = "sdbridge-drill"

func newDrill() *cobra.Command {
	return &cobra.Command{
		Use:   "drill [flags] -- command [arg…]",
		Short: "Swap under load and count what every client saw",
		Long: `Run the command behind a bridge of its own, or take a running one (--unit, --name),
send it requests, swap it again and again, and count what every client saw. This
becomes the program sdbridge-drill: sdbridge drill --help lists the flags.`,
		Example: `  sdbridge drill -- plackup -s Starlet app.psgi
  sdbridge drill --unit app.service --swaps 5`,
		DisableFlagParsing: true,
		RunE:               func(_ *cobra.Command, args []string) error { return becomeDrill(args) },
	}
}

// becomeDrill returns only if that fails.
func becomeDrill(args []string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find sdbridge's own place: %w", err)
	}
	path, err := findDrill(filepath.Dir(self), os.Getenv("PATH"))
	if err != nil {
		return refuse(exitUnavailable, err)
	}
	err = syscall.Exec(path, append([]string{drillProgram}, args...), os.Environ())
	return refuse(exitUnavailable, fmt.Errorf("cannot run %s: %w", path, err))
}

// findDrill looks beside sdbridge, where packages put it, and in PATH.
func findDrill(dir, paths string) (string, error) {
	places := append([]string{dir, filepath.Join(dir, "../libexec/sdbridge")}, filepath.SplitList(paths)...)
	for _, place := range places {
		path := filepath.Join(place, drillProgram)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && unix.Access(path, unix.X_OK) == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is neither in %s, nor in %s, nor in PATH; install it beside sdbridge (make build makes both)",
		drillProgram, places[0], places[1])
}
