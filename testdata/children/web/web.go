// Package web is the HTTP server of the Go children. Every request that it
// accepted is answered, however it is told to stop: Drain closes the listeners,
// waits until every connection is idle, and only then shuts down.
package web

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// quiet is for how long no connection may be busy before the idle ones are
// closed: a client that keeps a connection busy has been told to close it by then.
const quiet = 200 * time.Millisecond

// Server answers each request with Line, on any number of listeners.
type Server struct {
	// Work is how long each request takes.
	Work time.Duration

	http      http.Server
	accepting sync.WaitGroup
	listeners []net.Listener
	draining  atomic.Bool
	mu        sync.Mutex
	busy      map[net.Conn]struct{}
}

// Line is the answer to every request: the generation (0 outside a supervisor
// of the starter convention) and the pid.
func Line() string {
	generation := os.Getenv("SERVER_STARTER_GENERATION")
	if generation == "" {
		generation = "0"
	}
	return fmt.Sprintf("gen=%s pid=%d\n", generation, os.Getpid())
}

// New makes a server whose requests take the given time.
func New(work time.Duration) *Server {
	s := &Server{Work: work, busy: map[net.Conn]struct{}{}}
	s.http.Handler = s
	s.http.ConnState = s.connState
	// A client that connects and says nothing does not hold up Drain for longer.
	s.http.ReadHeaderTimeout = 5 * time.Second
	return s
}

// Serve starts answering what ln accepts and returns at once. It is not called
// beside or after Drain.
func (s *Server) Serve(ln net.Listener) {
	s.listeners = append(s.listeners, ln)
	s.accepting.Go(func() { _ = s.http.Serve(ln) })
}

// Drain stops accepting and returns when everything is answered. It does not
// begin with http.Server.Shutdown, which closes connections that were accepted
// but not yet read (golang/go#75591).
func (s *Server) Drain() {
	s.draining.Store(true)
	for _, ln := range s.listeners {
		_ = ln.Close()
	}
	s.accepting.Wait() // now each connection that was accepted is in busy
	for since := time.Now(); time.Since(since) < quiet; time.Sleep(5 * time.Millisecond) {
		if s.isBusy() {
			since = time.Now()
		}
	}
	_ = s.http.Shutdown(context.Background())
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	time.Sleep(s.Work)
	if s.draining.Load() {
		w.Header().Set("Connection", "close")
	}
	_, _ = io.WriteString(w, Line())
}

func (s *Server) connState(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew, http.StateActive:
		s.busy[conn] = struct{}{}
	case http.StateIdle, http.StateHijacked, http.StateClosed:
		delete(s.busy, conn)
	}
}

func (s *Server) isBusy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.busy) > 0
}
