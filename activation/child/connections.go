package child

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// silence is how long a new connection may say nothing before it counts as idle:
// what http.Server.Shutdown allows it.
const silence = 5 * time.Second

// connections are those of a server that are busy: a request is being read or
// answered, or may be on its way since the client has just connected.
type connections struct {
	mu   sync.Mutex
	busy map[net.Conn]time.Time // when a silent one is given up; zero: never
	idle time.Time              // since when none has become idle
}

// follow is the server's ConnState hook. It calls next, too, where there is one.
func (c *connections) follow(next func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	c.busy = map[net.Conn]time.Time{}
	return func(conn net.Conn, state http.ConnState) {
		c.changed(conn, state)
		if next != nil {
			next(conn, state)
		}
	}
}

func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.busy[conn] = time.Now().Add(silence)
	case http.StateActive:
		c.busy[conn] = time.Time{}
	case http.StateIdle, http.StateHijacked, http.StateClosed:
		delete(c.busy, conn)
		c.idle = time.Now()
	}
}

// wait returns when, from now on, no connection has been busy for as long as
// quiet says.
func (c *connections) wait() {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	c.mu.Lock()
	c.idle = time.Now()
	c.mu.Unlock()
	for now := time.Now(); ; now = <-ticker.C {
		if c.quiet(now) {
			return
		}
	}
}

func (c *connections) quiet(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, giveUp := range c.busy {
		if giveUp.IsZero() || now.Before(giveUp) {
			return false
		}
	}
	return now.Sub(c.idle) >= quiet
}
