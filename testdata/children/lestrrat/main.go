// Lestrrat is a net/http server on lestrrat's listener package for
// Server::Starter, as its users write it; the package activation/child drains it.
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

	"github.com/lestrrat/go-server-starter/listener"

	"github.com/sdbridge/sdbridge/activation/child"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listeners, err := listener.ListenAll()
	if err != nil {
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
	fmt.Fprintf(w, "gen=%s pid=%d\n", os.Getenv("SERVER_STARTER_GENERATION"), os.Getpid())
}
