package child

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// quiet is for how long no connection may be busy before the idle ones are
// closed: by then a client that uses its connection steadily has been told to
// close it.
const quiet = 200 * time.Millisecond

// look is how often a draining server looks whether all is quiet.
const look = 10 * time.Millisecond

// Serve serves on the listeners until ctx is done, then drains: it closes them,
// answers all that was accepted, tells clients to close their connections, and
// returns nil when no connection has been busy for 200 ms. There is no time
// limit on that but the supervisor's (sdbridge's --drain-timeout).
//
// It is the cure for [http.Server.Shutdown], which closes connections that were
// accepted but not yet read (golang/go#75591). A client that connects and says
// nothing holds it up for 5 s.
//
// When a listener fails, or there is none, that is the error; the others are
// drained first. Serve adds to server.Handler and server.ConnState; nobody else
// serves by server.
func Serve(ctx context.Context, server *http.Server, listeners ...net.Listener) error {
	if len(listeners) == 0 {
		return errors.New("no listener to serve on: none was handed over")
	}
	var draining atomic.Bool
	var open connections
	server.Handler = closing(server.Handler, &draining)
	server.ConnState = open.follow(server.ConnState)

	ended := make(chan error, len(listeners))
	var accepting sync.WaitGroup
	for _, l := range listeners {
		accepting.Go(func() { ended <- server.Serve(l) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	draining.Store(true)
	for _, l := range listeners {
		_ = l.Close()
	}
	accepting.Wait() // each connection that was accepted is followed now
	open.wait()
	return errors.Join(err, server.Shutdown(context.Background()))
}

// closing has each answer to what arrives at a draining server say that it is
// its connection's last. SetKeepAlivesEnabled would close the idle ones at once.
func closing(next http.Handler, draining *atomic.Bool) http.Handler {
	if next == nil {
		next = http.DefaultServeMux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
