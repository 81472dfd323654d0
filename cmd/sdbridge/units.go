package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sdbridge/sdbridge/units/pair"
	"github.com/sdbridge/sdbridge/units/porting"
)

// unitsCommand is units with the values of its flags.
type unitsCommand struct {
	pair.Options
	from, hardening string
	set             []string
	outDir          string
	install, force  bool
}

func newUnits() *cobra.Command {
	var f unitsCommand
	c := &cobra.Command{
		Use:   "units [flags] -- start_server [arg…]",
		Short: "Write the .socket and .service for a start_server command line",
		Long: `Write the systemd units that take the place of a start_server command line: of
the one behind --, or of those that --from finds in a unit, a run script, a
Procfile or the like. Nothing of it is run. What the text computes is asked for,
never guessed, and then nothing is written; what is not carried over is said, in
the units and on stderr. For a line with --restart or --stop the answer is the
systemctl command in its place.

Exit status:
  0   all is written
  1   a file is there and differs, or cannot be written
  64  the command line is wrong, or the text leaves something open
  69  the file of --from is not there`,
		Example: `  sdbridge units --name app --user www -- start_server --port=80 -- plackup -s Starlet app.psgi
  sdbridge units --from /etc/systemd/system/app.service -o /tmp
  sdbridge units --from /service/app/run --name app --set PORT=8080 --install`,
		DisableFlagsInUseLine: true,
		RunE:                  func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().SetInterspersed(false)
	f.register(c)
	return c
}

func (f *unitsCommand) register(c *cobra.Command) {
	set := c.Flags()
	set.SortFlags = false
	set.StringVar(&f.Name, "name", "", "name of the units (default what the text calls it); of several services, the one to write, or NAME, NAME-2, … for those that have none")
	set.StringVar(&f.User, "user", "", "User= (default that of the text, else one with the name of the units)")
	set.StringVar(&f.Group, "group", "", "Group=")
	set.StringVar(&f.from, "from", "", "file to look for start_server in; - is stdin")
	set.StringArrayVar(&f.set, "set", nil, "value of what the text computes: NAME=VALUE (repeatable)")
	set.StringVar(&f.Directory, "directory", "", "directory that start_server ran in")
	set.StringVar(&f.SocketUser, "socket-user", "", "owner of the Unix socket")
	set.StringVar(&f.SocketGroup, "socket-group", "", "group of the Unix socket")
	set.StringVar(&f.SocketMode, "socket-mode", "", "mode of the Unix socket (default 0666, as start_server's)")
	set.BoolVar(&f.DualStack, "dual-stack", false, "let a bare port take IPv6 clients, too")
	set.StringVar(&f.hardening, "hardening", "default", "the sandbox: default, none, strict")
	set.BoolVar(&f.KeepPidFile, "keep-pid-file", false, "keep --pid-file and --status-file, for what reads them")
	set.BoolVar(&f.UserUnit, "user-unit", false, "units for systemd --user")
	set.StringVar(&f.Binary, "sdbridge", "", "path of sdbridge on the host that the units are for (default this one's)")
	set.StringVarP(&f.outDir, "output", "o", "", "directory to write the units into, in place of stdout")
	set.BoolVar(&f.install, "install", false, "write them where systemd looks, and say what to run next")
	set.BoolVar(&f.force, "force", false, "write over files that differ")
	values(c, "hardening", "default\tas the shipped units", "none\tno sandbox", "strict\tread-only but /var/lib/NAME")
	for _, flag := range []string{"directory", "output"} {
		_ = c.MarkFlagDirname(flag)
	}
	for _, flag := range []string{"name", "user", "group", "set", "socket-user", "socket-group", "socket-mode"} {
		values(c, flag) // none that one could know
	}
}

func (f *unitsCommand) run(c *cobra.Command, args []string) error {
	if err := f.validate(args); err != nil {
		return usage(err)
	}
	services, err := f.services(c.InOrStdin(), args)
	if err != nil {
		return err
	}
	out := newOutput(c)
	pairs, err := f.pairs(services)
	if err != nil {
		for _, s := range services {
			for _, n := range s.Notes { // which say why a value is not known
				out.say(slog.LevelWarn, n)
			}
		}
		return usage(err)
	}
	for _, p := range pairs {
		for _, n := range p.Notes {
			out.say(slog.LevelWarn, p.Name+": "+n)
		}
	}
	dir, err := f.dir()
	switch {
	case err != nil:
		return err
	case dir == "":
		return show(out.out, pairs)
	}
	return f.write(out.out, dir, pairs)
}

func (f *unitsCommand) validate(args []string) (err error) {
	switch {
	case f.from == "" && len(args) == 0:
		return errors.New("no command line: write it behind --, as in: sdbridge units --name app -- start_server --port 8080 -- ./app; or name its file by --from")
	case f.from != "" && len(args) > 0:
		return errors.New("--from and a command line exclude each other; give one of them")
	case f.outDir != "" && f.install:
		return errors.New("--output and --install exclude each other; give one of them")
	case f.UserUnit && f.User+f.Group != "":
		return errors.New("--user and --group are for the system's units: those of --user-unit run as the user that they belong to")
	}
	if mode, err := strconv.ParseUint(f.SocketMode, 8, 16); f.SocketMode != "" && (err != nil || mode > 0o777) {
		return fmt.Errorf("--socket-mode %q is not a mode: write one as in 0660", f.SocketMode)
	}
	f.Hardening, err = pair.ParseHardening(f.hardening)
	if err != nil {
		return fmt.Errorf("--%w", err)
	}
	if f.Binary == "" {
		f.Binary, err = os.Executable()
	}
	return err
}

// pairs are written all or none.
func (f *unitsCommand) pairs(services []porting.Service) (pairs []pair.Pair, err error) {
	var all []error
	seen := map[string]string{}
	for _, s := range services {
		p, err := pair.Make(s, f.Options)
		if other, ok := seen[p.Name]; ok && err == nil && p.Service != "" {
			err = fmt.Errorf("%s: %s has the name %s already: give each line behind -- with a --name", s.Source, other, p.Name)
		}
		if p.Service != "" {
			seen[p.Name] = s.Source
		}
		pairs, all = append(pairs, p), append(all, err)
	}
	return pairs, errors.Join(all...)
}

// show prints the files, each under its name.
func show(w io.Writer, pairs []pair.Pair) error {
	var b bytes.Buffer
	for _, p := range pairs {
		if p.Answer != "" {
			fmt.Fprintln(&b, p.Answer)
		}
		for _, u := range unitFiles(p) {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "# %s\n%s", u.name, u.text)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
