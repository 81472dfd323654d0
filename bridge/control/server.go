package control

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/varlink/go/varlink"
)

// maxConnections is how many there may be; of these, reserved are for root and
// the bridge's own user.
const (
	maxConnections = 64
	reserved       = 16
)

// fileID is a file, whatever it is called.
type fileID struct{ dev, ino uint64 }

// farewell is how long Close waits for callers to read their last answer.
const farewell = time.Second

// Server answers callers on a socket of its own.
type Server struct {
	sys      sys
	listener *net.UnixListener
	path     string
	file     fileID // that was made at path
	lock     int
	closing  chan struct{}
	close    func()
	callers  sync.WaitGroup

	mutex       sync.Mutex
	connections map[*connection]bool
	closed      bool
}

func newServer(s sys, l *net.UnixListener, path string, lock int) *Server {
	server := &Server{
		sys: s, listener: l, path: path, lock: lock,
		closing: make(chan struct{}), connections: map[*connection]bool{},
	}
	server.close = sync.OnceFunc(server.shut)
	return server
}

// Serve answers callers until Close. The version is what varlink's GetInfo says.
func (s *Server) Serve(b Bridge, version string) {
	varlinkService, err := varlink.NewService("sdbridge", "sdbridge", version, "https://github.com/sdbridge/sdbridge")
	if err == nil {
		err = varlinkService.RegisterInterface(&service{b})
	}
	if err != nil {
		panic(err) // an interface was registered twice
	}
	for {
		c, err := s.listener.AcceptUnix()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // no descriptor is free, for instance
			s.pause()
		default:
			s.admit(c, varlinkService)
		}
	}
}

// pause keeps a failing accept from being tried in a busy loop.
func (s *Server) pause() {
	select {
	case <-s.closing:
	case <-time.After(time.Second):
	}
}

// admit serves a caller if there is room for it, else hangs up.
func (s *Server) admit(c *net.UnixConn, v *varlink.Service) {
	caller, err := newConnection(s.sys, c)
	if err != nil || !s.add(caller) {
		_ = c.Close()
		return
	}
	go func() {
		defer s.remove(caller)
		v.ServeConn(context.Background(), caller)
	}()
}

func (s *Server) add(c *connection) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	room := maxConnections
	if !c.trusted {
		room -= reserved
	}
	if s.closed || len(s.connections) >= room {
		return false
	}
	s.connections[c] = true
	s.callers.Add(1)
	return true
}

func (s *Server) remove(c *connection) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.connections, c)
	s.callers.Done()
}

// Close answers what still waits with Stopping, cuts off who does not read that
// within a second, and removes the socket file. Verdicts that are to reach
// their callers have to be given before. It may be called more than once.
func (s *Server) Close() { s.close() }

func (s *Server) shut() {
	close(s.closing)
	_ = s.listener.Close()
	s.each(true, func(c *connection) { _ = c.CloseRead() }) // they can still be written to
	late := time.AfterFunc(farewell, func() {
		s.each(true, func(c *connection) { _ = c.Close() })
	})
	s.callers.Wait()
	late.Stop()
	if there, err := s.sys.file(s.path); err == nil && there == s.file {
		_ = s.sys.unlink(s.path)
	}
	_ = s.sys.close(s.lock)
}

func (s *Server) each(closed bool, do func(*connection)) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.closed = closed
	for c := range s.connections {
		do(c)
	}
}
