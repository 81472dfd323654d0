package main

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/cmd/seconds"
)

// flags are the values of the flags, before they are looked at.
type flags struct {
	run                          []string
	unit, name                   string
	user                         bool
	swaps, clients, slow, post   int
	keepAlive, url, connect      string
	requestFile, send, header    string
	timeout, pause, clientsPause seconds.Duration
	json, verbose                bool
}

func (f *flags) register(set *pflag.FlagSet) {
	f.pause, f.clientsPause = seconds.Duration(200*time.Millisecond), seconds.Duration(10*time.Millisecond)
	f.timeout = seconds.Duration(10 * time.Second)
	set.SortFlags = false
	set.StringArrayVar(&f.run, "run", nil, "flags of sdbridge run for the command, with blanks between (repeatable)")
	set.StringVar(&f.unit, "unit", "", "drill this service: swap by systemctl reload")
	set.BoolVar(&f.user, "user", false, "the --unit is one of the user's own manager")
	set.StringVar(&f.name, "name", "", "drill the bridge of this name, as sdbridge reload finds it")
	set.IntVar(&f.swaps, "swaps", 20, "how often to swap")
	set.Var(&f.pause, "pause", "time between the end of an old generation and the next swap")
	set.IntVar(&f.clients, "clients", 16, "clients at once")
	set.StringVar(&f.keepAlive, "keep-alive", "both", "clients keep their connections: yes, no, both (every second one)")
	set.Var(&f.clientsPause, "client-pause", "time of a client between two requests")
	set.Var(&f.timeout, "timeout", "time after which a request counts as timed out")
	set.StringVar(&f.url, "url", "", "what to ask for: http://host:port/path, or a mere /path (default /)")
	set.StringVar(&f.connect, "connect", "", "where the child listens: HOST:PORT, /path or @abstract (default that of --url, else what the service has, else a free port)")
	set.StringVar(&f.requestFile, "request-file", "", "file with the HTTP request to send; Host and Content-Length are filled in")
	set.IntVar(&f.post, "post", 0, "POST so many bytes with each request")
	set.IntVar(&f.slow, "slow", 0, "clients, beside the others, that take a second for a request's body")
	set.StringVar(&f.send, "send", "", "not HTTP: send this line, await one line")
	set.StringVar(&f.header, "generation-header", "", "header of an answer that names its generation")
	set.BoolVar(&f.json, "json", false, "print JSON instead of a table")
	set.BoolVar(&f.verbose, "verbose", false, "show what the bridge and the command print")
}
