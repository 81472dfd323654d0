package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// Exit statuses of status; of several bridges it is the highest.
const (
	statusServing  = 0
	statusTrouble  = 1 // the last swap failed, or a socket cannot be reached
	statusNothing  = 2 // nothing serves
	statusNoAnswer = 3
)

// statusCommand is status with the values of its flags.
type statusCommand struct {
	json, prometheus, watch bool
	control                 string
	one                     bool // a certain bridge is meant
}

func newStatus() *cobra.Command {
	var f statusCommand
	c := &cobra.Command{
		Use:   "status [name]",
		Short: "Show generations, sockets and the last verdict of a running bridge",
		Long:  `Show how a running bridge is: that of /run/sdbridge/NAME, or all that answer.` + statusManual,
		Example: `  sdbridge status app
  sdbridge status --prometheus > /var/lib/node-exporter/sdbridge.prom`,
		Args: atMostOneName,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },

		ValidArgsFunction: bridgeNames,
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&f.json, "json", false, "as JSON; without a name, a list")
	c.Flags().BoolVar(&f.prometheus, "prometheus", false, "as metrics for the node exporter's textfile collector")
	c.Flags().BoolVar(&f.watch, "watch", false, "again at each change")
	c.Flags().StringVar(&f.control, "control", "", "path of the bridge's control socket (default $SDBRIDGE_CONTROL, or in $RUNTIME_DIRECTORY)")
	return c
}

func (f *statusCommand) run(c *cobra.Command, args []string) error {
	if (f.json && f.prometheus) || (f.watch && (f.json || f.prometheus)) {
		return usage(fmt.Errorf("--json, --prometheus and --watch exclude each other; give one of them"))
	}
	out := newOutput(c)
	places, err := find(args, f.control)
	if err != nil {
		return err
	}
	f.one = len(args) == 1 || len(places) == 1 && places[0].Name == ""
	var result int
	if f.watch {
		result, err = watch(c.Context(), out, places)
	} else {
		result, err = f.show(c.Context(), out, places)
	}
	switch {
	case err != nil:
		return err
	case result != statusServing:
		return exited(result)
	}
	return nil
}

// show asks each bridge once. Where all are meant, a socket file that a bridge
// left behind counts for nothing.
func (f *statusCommand) show(ctx context.Context, out output, places []remote.Place) (int, error) {
	var all []report.Status
	result := statusServing
	for _, p := range places {
		s, err := statusAt(ctx, p)
		switch {
		case err == nil:
			all = append(all, s)
			result = max(result, health(s.Report))
		case errors.Is(err, remote.ErrNotAllowed):
			out.say(slog.LevelError, "sdbridge: "+err.Error())
			result = exitDenied
		case f.one || !errors.Is(err, remote.ErrNoBridge):
			out.say(slog.LevelError, "sdbridge: "+err.Error())
			result = max(result, statusNoAnswer)
		}
	}
	if len(all) == 0 && result == statusServing {
		out.say(slog.LevelError, "sdbridge: no bridge answers; give its name, or --control PATH")
		result = statusNoAnswer
	}
	return result, f.render(out, all)
}

func statusAt(ctx context.Context, p remote.Place) (report.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, promptly)
	defer cancel()
	client, err := remote.Dial(ctx, p.Path)
	if err != nil {
		return report.Status{}, err
	}
	defer client.Close()
	s, err := client.Status(ctx)
	s.Name = p.Name
	return s, err
}

// health is the exit status for a bridge that answers.
func health(r report.Report) int {
	_, failed := r.Failure()
	_, serving := r.Serving()
	switch {
	case !serving:
		return statusNothing
	case failed, r.Unreachable():
		return statusTrouble
	}
	return statusServing
}

func (f *statusCommand) render(out output, all []report.Status) error {
	switch {
	case f.prometheus:
		return report.Prometheus(out.out, all)
	case f.json:
		return writeJSON(out.out, all, f.one)
	}
	for i, s := range all {
		if i > 0 {
			fmt.Fprintln(out.out)
		}
		if err := writeText(out, s); err != nil {
			return err
		}
	}
	return nil
}

func writeText(out output, s report.Status) error {
	if s.Name != "" {
		fmt.Fprintln(out.out, s.Name)
	}
	if err := report.Text(out.out, s); err != nil {
		return err
	}
	if warning := commandChanged(s.PID); warning != "" {
		out.say(slog.LevelWarn, warning)
	}
	return nil
}

func writeJSON(w io.Writer, all []report.Status, one bool) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if one && len(all) == 1 {
		return e.Encode(all[0])
	}
	return e.Encode(all)
}

// watch shows one bridge until it is gone: on a terminal always in the same
// place, else one behind the other.
func watch(ctx context.Context, out output, places []remote.Place) (int, error) {
	place, err := only(ctx, places)
	if err != nil {
		return statusNoAnswer, out.unanswered(err, statusNoAnswer)
	}
	client, err := remote.Dial(ctx, place.Path)
	if err != nil {
		return statusNoAnswer, out.unanswered(err, statusNoAnswer)
	}
	defer client.Close()
	before := "\n"
	if _, err := unix.IoctlGetTermios(unix.Stdout, unix.TCGETS); err == nil {
		before = "\x1b[H\x1b[2J"
	}
	for s, err := range client.Monitor(ctx) {
		if err != nil {
			return statusNoAnswer, out.unanswered(err, statusNoAnswer)
		}
		fmt.Fprint(out.out, before)
		if err := report.Text(out.out, s); err != nil {
			return statusNoAnswer, err
		}
	}
	out.say(slog.LevelWarn, "the bridge is gone")
	return statusNoAnswer, nil
}
