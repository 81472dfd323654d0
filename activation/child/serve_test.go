package child

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// server serves on loopback until stop, and tells how that ended.
type server struct {
	addr     string
	stop     context.CancelFunc
	accepted chan struct{}
	ended    chan error
}

func serve(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	s := &server{l.Addr().String(), stop, make(chan struct{}), make(chan error, 1)}
	h := &http.Server{Handler: handler, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.accepted <- struct{}{}
		}
	}}
	go func() { s.ended <- Serve(ctx, h, l) }()
	return s
}

func (s *server) wantEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
}

// dial connects, and returns when that was accepted.
func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	<-s.accepted
	return conn
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

// ask makes a request; told says whether the answer closes the connection.
func ask(t *testing.T, conn net.Conn) (told bool) {
	t.Helper()
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return answer(t, conn)
}

func answer(t *testing.T, conn net.Conn) (told bool) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.Close
}

func TestServeAnswersWhatItAccepted(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	kept, silent := s.dial(t), s.dial(t)
	if ask(t, kept) {
		t.Error("the connection is not kept")
	}
	s.stop()
	if !ask(t, silent) || !ask(t, kept) {
		t.Error("a client was not told to close its connection")
	}
	s.wantEnd(t)
}

func TestServeWaitsForWhatRuns(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		close(began)
		<-finish
		fmt.Fprint(w, "done")
	})
	conn := s.dial(t)
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	<-began
	s.stop()
	select {
	case <-s.ended:
		t.Error("it ended while it worked")
	case <-time.After(3 * quiet):
	}
	close(finish)
	answer(t, conn)
	s.wantEnd(t)
}

func TestServeFailure(t *testing.T) {
	if err := Serve(t.Context(), &http.Server{}); err == nil {
		t.Error("no listener is no error")
	}
	broken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = broken.Close()
	fine, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), &http.Server{}, fine, broken); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := fine.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Error("the other is still open:", err)
	}
}

func TestServeKeepsTheHookOfTheServer(t *testing.T) {
	var c connections
	var seen []http.ConnState
	follow := c.follow(func(_ net.Conn, s http.ConnState) { seen = append(seen, s) })
	follow(nil, http.StateNew)
	follow(nil, http.StateClosed)
	if len(seen) != 2 || len(c.busy) != 0 {
		t.Error(seen, c.busy)
	}
}

func TestConnectionsWait(t *testing.T) {
	for name, test := range map[string]struct {
		state http.ConnState
		then  http.ConnState // after a second
		want  time.Duration
	}{
		"none":                    {http.StateClosed, http.StateClosed, quiet},
		"a silent one":            {http.StateNew, http.StateNew, silence},
		"one that becomes idle":   {http.StateActive, http.StateIdle, time.Second + quiet},
		"one that is taken over":  {http.StateActive, http.StateHijacked, time.Second + quiet},
		"one that speaks at last": {http.StateNew, http.StateIdle, time.Second + quiet},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c connections
				follow := c.follow(nil)
				follow(nil, test.state)
				if test.then != test.state {
					time.AfterFunc(time.Second, func() { follow(nil, test.then) })
				}
				began := time.Now()
				c.wait()
				if took := time.Since(began); took < test.want || took > test.want+2*look {
					t.Errorf("took %v, want %v", took, test.want)
				}
			})
		})
	}
}
