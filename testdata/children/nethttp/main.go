// Nethttp is a net/http server on the package activation/child, as its users
// write it.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
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
	if err := child.Serve(ctx, &http.Server{Handler: http.HandlerFunc(answer)}, listeners...); err != nil {
		log.Fatal(err)
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if d, err := time.ParseDuration(r.URL.Query().Get("sleep") + "s"); err == nil {
		time.Sleep(d)
	}
	fmt.Fprintf(w, "gen=%d pid=%d\n", child.Generation(), os.Getpid())
}
