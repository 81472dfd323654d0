// Nethttp is a net/http server on the package activation/child, as its users
// write it. With the argument "shutdown" it stops as the documentation of
// http.Server has it, and loses requests at a swap.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/sdbridge/sdbridge/activation/child"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ready, err := child.Announce()
	if err != nil {
		log.Fatal(err)
	}
	listeners, err := child.Listeners()
	if err != nil {
		log.Fatal(err)
	}
	if err := ready(); err != nil {
		log.Fatal(err)
	}
	serve := child.Serve
	if slices.Contains(os.Args[1:], "shutdown") {
		serve = shutdown
	}
	if err := serve(ctx, &http.Server{Handler: http.HandlerFunc(answer)}, listeners...); err != nil {
		log.Fatal(err)
	}
}

func shutdown(ctx context.Context, server *http.Server, listeners ...net.Listener) error {
	for _, l := range listeners {
		go func() { _ = server.Serve(l) }()
	}
	<-ctx.Done()
	return server.Shutdown(context.Background())
}

func answer(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if d, err := time.ParseDuration(r.URL.Query().Get("sleep") + "s"); err == nil {
		time.Sleep(d)
	}
	fmt.Fprintf(w, "gen=%d pid=%d\n", child.Generation(), os.Getpid())
}
