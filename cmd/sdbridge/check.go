package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/units/check"
)

// checkCommand is check with the values of its flags.
type checkCommand struct {
	json bool
	root string
	user bool
}

func newCheck() *cobra.Command {
	var f checkCommand
	c := &cobra.Command{
		Use:   "check [flags] UNIT…",
		Short: "Say what is wrong with a pair of units",
		Long: `Say what is wrong with a .socket and its .service: what loses connections, closes
the socket, keeps the pair from starting, or makes a reload succeed that changed
nothing. Each finding has its reason and the line to write. Units are only read.

A unit is a name (app.service; app is the same), a path with a slash in it
(./app.service), or that of a directory, for all units there. A service brings its
sockets along, and a socket its service. Drop-ins, aliases and templates count as
they do for systemd.

Exit status:
  0   nothing, or hints only
  1   something is wrong
  64  the command line is wrong
  69  a unit is not there, is masked, or cannot be read`,
		Example: `  sdbridge check app
  sdbridge check ./app.service ./app.socket
  sdbridge check --user app
  sdbridge check --root /srv/image app.service`,
		DisableFlagsInUseLine: true,
		RunE:                  func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&f.json, "json", false, "as a JSON list")
	c.Flags().StringVar(&f.root, "root", "", "directory to look for systemd's directories in (default the host's own)")
	c.Flags().BoolVar(&f.user, "user", false, "units of your systemd --user, not the system's")
	_ = c.MarkFlagDirname("root")
	return c
}

func (f *checkCommand) run(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usage(errors.New("no unit; name one, as in: sdbridge check app.service"))
	}
	findings, err := f.host().Check(args...)
	if err != nil { // a unit is not there, or cannot be read
		return refuse(exitUnavailable, err)
	}
	if err := f.write(c.OutOrStdout(), findings); err != nil {
		return err
	}
	if check.Faulty(findings) {
		return exited(exitFailed)
	}
	return nil
}

func (f *checkCommand) write(w io.Writer, findings []check.Finding) error {
	if !f.json {
		return check.Text(w, findings)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(append([]check.Finding{}, findings...)) // [] where there are none
}

// host asks systemd for its version and the files of a unit; below a root there
// is none to ask.
func (f *checkCommand) host() check.Host {
	h := check.Host{Root: f.root, RunFlags: checkedRun}
	manager := "--system"
	if f.user {
		manager = "--user"
		h.Dirs = check.UserDirs(os.LookupEnv)
	}
	if f.root == "" {
		h.Version = systemdVersion(askHost("systemctl", "--version"))
		h.Cat = func(unit string) string { return askHost("systemctl", manager, "cat", "--", unit) }
	}
	return h
}

// checkedRun are the flags of `run`, and what it makes of their values. What only
// the host that they run on knows, as its groups, is not looked at.
func checkedRun() (*pflag.FlagSet, func(command []string) error) {
	f := defaultRun()
	set := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f.register(set)
	return set, func(command []string) error {
		if f.restart || f.stop {
			return nil
		}
		_, err := f.values(command)
		return err
	}
}

// systemdVersion reads "systemd 252 (252.38-1~deb12u1)"; 0 is unknown.
func systemdVersion(text string) int {
	var number string
	_, _ = fmt.Sscanf(text, "systemd %s", &number)
	number, _, _ = strings.Cut(number, "~")
	n, _ := strconv.Atoi(number)
	return n
}
