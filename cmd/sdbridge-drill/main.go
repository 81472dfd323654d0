// Command sdbridge-drill swaps a child under load and counts what every client
// saw. `sdbridge drill` becomes this program; it is one of its own so that its
// libraries cost the resident bridge nothing.
//
//	sdbridge drill -- plackup -s Starlet app.psgi
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit statuses, those of a refusal as in sysexits.h(3head).
const (
	exitLost        = 1
	exitFailed      = 2
	exitUsage       = 64
	exitUnavailable = 69
	exitInterrupted = 128 + int(syscall.SIGINT)
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second one ends it at once
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := newCommand()
	c.SetArgs(args)
	c.SetOut(stdout)
	c.SetErr(stderr)
	err := c.ExecuteContext(ctx)
	var refused *refusal
	switch {
	case err == nil:
		return 0
	case errors.As(err, &refused):
	default:
		refused = &refusal{exitUsage, err}
	}
	if refused.err != nil {
		fmt.Fprintf(stderr, "sdbridge drill: %v\n", refused.err)
	}
	return refused.status
}

// refusal ends the program with a status; without an error all is said.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return fmt.Sprint(r.err) }
func (r *refusal) Unwrap() error { return r.err }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Errorf(format, args...)}
}

func newCommand() *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use:   "sdbridge-drill [flags] -- command [arg…]",
		Short: "Swap under load and count what every client saw",
		Long: `Run the command behind a bridge of its own on a free port of the loopback, or take
a service that runs (--unit, --name); send it requests, swap it again and again,
and count what every client saw.

Requests are counted by the swap in or after which they ended, and by the
generation that was current when their connection was made, where the answer
does not tell.

Exit status:
  0    nothing was lost
  1    a request was lost; the likely cause is said
  2    a swap failed, or the bridge ended
  64   the command line is wrong
  69   something that is needed is not there
  130  interrupted; what was counted so far is said`,
		Example: `  sdbridge drill -- plackup -s Starlet app.psgi
  sdbridge drill --run=--signal-on-hup=QUIT --url=/health -- starman app.psgi
  sdbridge drill --unit=app.service --swaps=5 --request-file=login.http
  sdbridge drill --send=PING -- ./line-server`,
		SilenceUsage:          true,
		SilenceErrors:         true,
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := f.plan(args)
			if err != nil {
				return err
			}
			return p.drill(c.Context(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.CompletionOptions.DisableDefaultCmd = true
	c.Flags().SetInterspersed(false)
	f.register(c.Flags())
	return c
}
