package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	remote "github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/cmd/seconds"
)

// Exit statuses of reload, beside those of a refusal, as in sysexits.h(3head).
const (
	exitFailed   = 1
	exitStopping = 75 // EX_TEMPFAIL: the bridge stops
	exitDenied   = 77 // EX_NOPERM
)

const drained = "drained"

// reloadCommand is reload with the values of its flags.
type reloadCommand struct {
	timeout seconds.Duration
	noWait  bool
	wait    string
	control string
}

func newReload() *cobra.Command {
	var f reloadCommand
	c := &cobra.Command{
		Use:   "reload [name]",
		Short: "Swap the child of a running bridge and wait for the verdict",
		Long: `Swap the child of a running bridge for a new one, and wait for the verdict: what
ExecReload= runs. The bridge is that of /run/sdbridge/NAME, or the only one.` + reloadManual,
		Example: `  sdbridge reload app
  sdbridge reload app --wait=drained && rm -r /srv/app/releases/old`,
		Args: atMostOneName,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },

		ValidArgsFunction: bridgeNames,
	}
	c.Flags().SortFlags = false
	c.Flags().Var(&f.timeout, "timeout", "how long to wait; the swap goes on (default for ever)")
	c.Flags().BoolVar(&f.noWait, "no-wait", false, "ask for the swap and do not wait for its verdict")
	c.Flags().StringVar(&f.wait, "wait", "", "wait until the former generation is gone as well: drained")
	c.Flags().StringVar(&f.control, "control", "", "path of the bridge's control socket (default $SDBRIDGE_CONTROL, or in $RUNTIME_DIRECTORY)")
	values(c, "wait", drained)
	return c
}

func (f *reloadCommand) validate() error {
	switch {
	case f.wait != "" && f.wait != drained:
		return fmt.Errorf("--wait %q is not known; write --wait=%s, or leave it out to wait for the verdict", f.wait, drained)
	case f.noWait && f.wait != "":
		return fmt.Errorf("--no-wait and --wait exclude each other; give one of them")
	}
	return nil
}

func (f *reloadCommand) run(c *cobra.Command, args []string) error {
	if err := f.validate(); err != nil {
		return usage(err)
	}
	out := newOutput(c)
	client, err := f.dial(c.Context(), args)
	if err != nil {
		return out.unanswered(err, exitUnavailable)
	}
	defer client.Close()
	ctx, stop := untilSignal(c.Context())
	defer stop()
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(f.timeout))
		defer cancel()
	}
	changed := make(chan string, 1)
	go func() { changed <- commandChanged(client.PID()) }()
	err = f.reload(ctx, client, out)
	if warning := <-changed; warning != "" {
		out.say(slog.LevelWarn, warning)
	}
	return err
}

// dial connects to the bridge that is meant, and sees that it answers: a swap
// may take its time, an answer may not.
func (f *reloadCommand) dial(ctx context.Context, args []string) (*remote.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, promptly)
	defer cancel()
	places, err := find(args, f.control)
	if err != nil {
		return nil, err
	}
	place, err := only(ctx, places)
	if err != nil {
		return nil, err
	}
	client, err := remote.Dial(ctx, place.Path)
	if err != nil {
		return nil, err
	}
	if _, err := client.Status(ctx); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

func (f *reloadCommand) reload(ctx context.Context, client *remote.Client, out output) error {
	v, err := client.Reload(ctx, !f.noWait)
	switch {
	case err != nil:
		return out.unheard(ctx, err)
	case f.noWait:
		fmt.Fprintln(out.out, "a swap is asked for")
		return nil
	case v.Stopping:
		out.say(slog.LevelError, "no swap: the bridge stops")
		return exited(exitStopping)
	}
	for _, w := range v.Warnings {
		out.say(slog.LevelWarn, w)
	}
	if !v.Committed() {
		out.failed(v)
		return exited(exitFailed)
	}
	fmt.Fprintf(out.out, "generation %d (pid %d) is current since %s\n", v.Generation, v.PID, v.At.Local().Format(time.DateTime))
	if f.wait == drained && v.Former != 0 {
		return out.drained(ctx, client, v.Former)
	}
	return nil
}

func (o output) failed(v report.Verdict) {
	serving := "nothing serves"
	if v.Serving != 0 {
		serving = fmt.Sprintf("generation %d keeps serving", v.Serving)
	}
	candidate := report.Generation{Number: v.Generation, PID: v.PID}
	o.say(slog.LevelError, fmt.Sprintf("swap failed: %v: %s; %s", candidate, v.Reason, serving))
	if lines := o.lastLines(v.PID); lines != "" {
		fmt.Fprintf(o.err, "its last lines (journalctl _PID=%d):\n%s", v.PID, lines)
	}
}

// lastLines are the candidate's, where the caller may read the journal; into
// the journal they would go a second time.
func (o output) lastLines(pid int) string {
	if pid == 0 || o.journal {
		return ""
	}
	lines := askHost("journalctl", "--quiet", "--no-pager", "--boot", "--output=cat", "--lines=10", fmt.Sprint("_PID=", pid))
	return strings.ReplaceAll(lines, "\x1b", "") // a terminal obeys the bridge's child in nothing
}

// drained waits until that generation is gone.
func (o output) drained(ctx context.Context, client *remote.Client, number int) error {
	for s, err := range client.Monitor(ctx) {
		if err != nil {
			return o.unheard(ctx, err)
		}
		if gone(s.Report, number) {
			fmt.Fprintf(o.out, "generation %d is gone\n", number)
			return nil
		}
	}
	o.say(slog.LevelError, fmt.Sprintf("the bridge stops; generation %d may not be gone yet", number))
	return exited(exitStopping)
}

func gone(r report.Report, number int) bool {
	return !slices.ContainsFunc(r.Generations, func(g report.Generation) bool { return g.Number == number })
}

// unheard says why what was asked for was not seen to its end.
func (o output) unheard(ctx context.Context, err error) error {
	if caught, ok := errors.AsType[caught](context.Cause(ctx)); ok {
		o.say(slog.LevelWarn, caught.Error()+": the swap goes on; sdbridge status shows what becomes of it")
		return exited(128 + int(caught))
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o.say(slog.LevelError, "--timeout is over: the swap goes on; sdbridge status shows what becomes of it")
		return exited(exitFailed)
	}
	return o.unanswered(err, exitUnavailable)
}

// caught is a signal that ended the waiting.
type caught syscall.Signal

func (c caught) Error() string { return "interrupted by " + syscall.Signal(c).String() }

// untilSignal returns a context that INT and TERM end, with the signal as cause.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			cancel(caught(s.(syscall.Signal)))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
