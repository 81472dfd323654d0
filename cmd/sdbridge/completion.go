package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	remote "github.com/sdbridge/sdbridge/bridge/control"
)

// values lets a shell complete a flag by its values: "TERM", or with a word on
// it behind a tab. Without values it completes nothing, and no file either.
func values(c *cobra.Command, flag string, all ...cobra.Completion) {
	complete := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return all, cobra.ShellCompDirectiveNoFileComp
	}
	if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // no such flag: whoever starts the program sees it
	}
}

// complete says how the flags about sockets complete.
func (f *socketFlags) complete(c *cobra.Command) {
	values(c, "export", "both\tboth conventions", "starter\tSERVER_STARTER_PORT", "systemd\tLISTEN_FDS")
}

// complete says how `run`'s flags complete; as files, where nothing else is said.
func (f *runFlags) complete(c *cobra.Command) {
	f.socketFlags.complete(c)
	values(c, "ready", "auto\twhat the child can", "accept\tit waits on its sockets", "notify\tit sends READY=1", "interval\tit is alive")
	for _, flag := range []string{"signal-on-hup", "signal-on-term"} {
		values(c, flag, stopSignals...)
	}
	_ = c.MarkFlagDirname("dir")
	_ = c.MarkFlagDirname("envdir")
	for _, flag := range unknowable {
		values(c, flag)
	}
}

// unknowable are flags whose values are neither few nor files.
var unknowable = []string{
	"port", "backlog", "select", "rename", "interval", "kill-old-delay", "start-timeout", "drain-timeout",
	"watchdog", "auto-restart-interval", "control-group",
}

// stopSignals are those by which servers are told to go, as far as one knows.
var stopSignals = []cobra.Completion{"TERM", "QUIT", "INT", "HUP", "USR1", "USR2", "WINCH"}

// bridgeNames completes the names of the bridges that answer.
func bridgeNames(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	places, _ := remote.Find(withoutControl, "", "") // without a name it cannot fail
	var names []cobra.Completion
	for _, p := range places {
		if client, err := remote.Dial(ctx, p.Path); err == nil {
			_ = client.Close()
			names = append(names, p.Name)
		}
	}
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

// withoutControl leaves out what would mean one bridge by its path.
func withoutControl(name string) (string, bool) {
	if strings.HasPrefix(name, "XDG_") {
		return os.LookupEnv(name)
	}
	return "", false
}
