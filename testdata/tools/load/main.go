// Load sends requests to a server while it is swapped and prints, as one JSON
// object, what its clients saw. It exits 1 when a request was lost.
//
//	load -clients 8 -keep-alive both -duration 5 127.0.0.1:8080
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
	"github.com/sdbridge/sdbridge/cmd/seconds"
)

var keepAlive = map[string]load.KeepAlive{"true": load.On, "false": load.Off, "both": load.Both}

func main() {
	log.SetFlags(0)
	log.SetPrefix("load: ")
	config := load.Config{}
	flag.IntVar(&config.Clients, "clients", 4, "`N` clients at once")
	post := flag.Int("post", 0, "POST this many `BYTES` with each request")
	target := flag.String("target", "/", "`PATH` and query to ask for")
	keep := flag.String("keep-alive", "false", "keep connections: true, false, or both (every second client)")
	duration := seconds.Flag(flag.CommandLine, "duration", "stop after this `TIME`; else at INT, TERM or -until-file")
	timeout := seconds.Flag(flag.CommandLine, "timeout", "give up a request after this `TIME` (default 10s)")
	pause := seconds.Flag(flag.CommandLine, "pause", "`TIME` between the requests of a client (default 1ms)")
	untilFile := flag.String("until-file", "", "stop when `FILE` exists")
	flag.Parse()
	var known bool
	config.KeepAlive, known = keepAlive[*keep]
	if flag.NArg() != 1 || !known {
		flag.Usage()
		os.Exit(64)
	}
	config.Addr, config.Timeout, config.Pause = flag.Arg(0), *timeout, *pause
	config.Request = load.NewRequest(*target, "localhost", *post)

	ctx, stop := until(*duration, *untilFile)
	result := load.Run(ctx, config)
	stop()
	text, err := json.Marshal(result)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	if result.Lost() > 0 {
		os.Exit(1)
	}
}

// until is done at the first of a signal, the end of duration and the file.
func until(duration time.Duration, file string) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	if duration > 0 {
		time.AfterFunc(duration, stop)
	}
	if file != "" {
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(file); err == nil {
					stop()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	return ctx, stop
}
