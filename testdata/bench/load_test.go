package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func answerAll(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pid=4711\n")) }

func TestLoadCountsAnswers(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		answerAll(w, r)
	}))
	defer server.Close()
	o := load{addr: server.Listener.Addr().String(), kept: 2, fresh: 2}.run(100 * time.Millisecond)
	if o.lostAll() != 0 || o.answered == 0 || int64(o.answered) != served.Load() {
		t.Errorf("answered %d of %d, lost %v", o.answered, served.Load(), o.lost)
	}
	if pid, ok := whoAnswers(server.Listener.Addr().String()); pid != 4711 || !ok {
		t.Errorf("whoAnswers: %d, %v", pid, ok)
	}
}

// A stall counts for every request that was due in it.
func TestLoadOmitsNothing(t *testing.T) {
	const stall = 500 * time.Millisecond
	until := time.Now().Add(stall)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Until(until))
		answerAll(w, r)
	}))
	defer server.Close()
	o := load{addr: server.Listener.Addr().String(), kept: 2, rate: 1000}.run(2 * stall)
	slow := 0
	for _, s := range o.samples {
		if s.took > stall/2 {
			slow++
		}
	}
	if slow < 100 { // about 250 were due in the stall's first half
		t.Errorf("%d of %d requests are slow, by %v", slow, len(o.samples), o.longest)
	}
}

func TestLoadCountsLosses(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  ending
	}{
		"closed": {func(c net.Conn) { _, _ = c.Read(make([]byte, 1000)) }, closed},
		"cut": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1000))
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npid"))
		}, cut},
		"wrong": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1000))
			_, _ = c.Write([]byte("HTTP/1.1 503 Service Unavailable\r\n\r\n"))
		}, wrong},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					test.serve(c)
					c.Close()
				}
			}()
			c := client{addr: l.Addr().String()}
			if got := c.request(); got != test.want {
				t.Errorf("the request is %q, want %q", got, test.want)
			}
		})
	}
}

func TestLoadCountsRefusals(t *testing.T) {
	addr, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	c := client{addr: addr}
	if got := c.request(); got != refused {
		t.Errorf("the request is %q", got)
	}
}
