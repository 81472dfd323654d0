package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	remote "github.com/sdbridge/sdbridge/bridge/control"
)

// promptly is how long a bridge that is well takes at most for an answer, even
// on a loaded machine.
const promptly = 5 * time.Second

// output is where a command says what.
type output struct {
	out, err io.Writer
	journal  bool // err leads there
}

func newOutput(c *cobra.Command) output {
	return output{c.OutOrStdout(), c.ErrOrStderr(), toJournal()}
}

// say writes a line to err, for the journal with its priority, sd-daemon(3).
func (o output) say(level slog.Level, text string) {
	if o.journal {
		text = fmt.Sprintf("<%d>%s", priority(level), text)
	}
	fmt.Fprintln(o.err, text)
}

func atMostOneName(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(fmt.Errorf("%q is one name too many; name one bridge", args[1]))
	}
	return nil
}

// find says where the bridges are that a command line means.
func find(args []string, path string) ([]remote.Place, error) {
	places, err := remote.Find(os.LookupEnv, strings.Join(args, ""), path)
	if err != nil {
		return nil, usage(err)
	}
	return places, nil
}

// only chooses the one bridge that answers.
func only(ctx context.Context, places []remote.Place) (remote.Place, error) {
	if len(places) == 1 {
		return places[0], nil
	}
	var names []string
	var found remote.Place
	for _, p := range places {
		if c, err := remote.Dial(ctx, p.Path); err == nil {
			_ = c.Close()
			names, found = append(names, p.Name), p
		}
	}
	switch len(names) {
	case 0:
		return found, fmt.Errorf("%w: give the bridge's name, or --control PATH", remote.ErrNoBridge)
	case 1:
		return found, nil
	}
	return found, usage(fmt.Errorf("several bridges answer: %s; name one", strings.Join(names, ", ")))
}

// unanswered says why nobody answers. A usage error and one that is not allowed
// have an exit status of their own.
func (o output) unanswered(err error, otherwise int) error {
	refused, isRefusal := errors.AsType[*refusal](err)
	o.say(slog.LevelError, "sdbridge: "+err.Error())
	switch {
	case isRefusal:
		return exited(refused.status)
	case errors.Is(err, remote.ErrNotAllowed):
		return exited(exitDenied)
	}
	return exited(otherwise)
}
