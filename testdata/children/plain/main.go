// Plain is an HTTP child of ordinary quality: it takes its sockets in either
// convention, answers "gen=3 pid=4711", and drains on TERM.
package main

import (
	"errors"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sdbridge/sdbridge/cmd/seconds"
	"github.com/sdbridge/sdbridge/testdata/children/handed"
	"github.com/sdbridge/sdbridge/testdata/children/web"
)

func main() {
	boot := seconds.Flag(flag.CommandLine, "boot", "take this long before serving")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("plain: ")
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	select {
	case <-term:
		return
	case <-time.After(*boot):
	}
	server, err := serve()
	if err != nil {
		log.Fatal(err)
	}
	<-term
	server.Drain()
}

func serve() (*web.Server, error) {
	sockets, err := handed.Sockets(os.LookupEnv, os.Getpid())
	if err != nil {
		return nil, err
	}
	if len(sockets) == 0 {
		return nil, errors.New("no socket: neither SERVER_STARTER_PORT nor LISTEN_FDS names one for this process")
	}
	server := web.New(0)
	for _, socket := range sockets {
		ln, err := socket.Listen()
		if err != nil {
			return nil, err
		}
		_ = socket.Close()
		server.Serve(ln)
	}
	return server, nil
}
