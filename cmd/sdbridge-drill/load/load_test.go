package load

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	head = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
	full = head + "gen=7 pid=1\n"
)

// TestCounts has a server that handles each connection in turn and looks at how
// the last of the client's requests is counted.
func TestCounts(t *testing.T) {
	one := map[string]int{"7": 1}
	two := map[string]int{"7": 2}
	unknown := map[string]int{"?": 1}
	keep := Config{KeepAlive: On}
	foreign := Config{AnyAnswer: true, GenerationHeader: "X-Release"}
	lines, keptLines := Config{Line: "PING"}, Config{Line: "PING", KeepAlive: On}
	tests := []struct {
		name     string
		config   Config
		requests int
		server   []handler // of the first connection, the second, …
		want     Result
	}{
		{"answered", Config{}, 1, []handler{answer(full)}, Result{Answered: one}},
		{"answered a POST", Config{Request: posted(9000)}, 1, []handler{answer(full)}, Result{Answered: one}},
		{"answered without a length", Config{}, 1, []handler{answer("HTTP/1.0 200 OK\r\n\r\ngen=7 pid=1\n")}, Result{Answered: one}},
		{"answered by an unknown generation", Config{}, 1, []handler{answer(head + "hello, world")}, Result{Answered: map[string]int{"?": 1}}},
		{"reset", Config{}, 1, []handler{abort}, Result{Reset: 1}},
		{"closed", Config{}, 1, []handler{answer("")}, Result{Closed: 1}},
		{"cut in the head", Config{}, 1, []handler{answer(head[:20])}, Result{Cut: 1}},
		{"cut in the body", Config{}, 1, []handler{answer(full[:len(full)-1])}, Result{Cut: 1}},
		{"cut without a length", Config{}, 1, []handler{answer("HTTP/1.0 200 OK\r\n\r\ngen=7 pi")}, Result{Cut: 1}},
		{"timed out", Config{Timeout: 50 * time.Millisecond}, 1, []handler{stall}, Result{TimedOut: 1}},
		{"server error", Config{}, 1, []handler{answer("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")}, Result{ServerErrors: 1}},
		{"wrong status", Config{}, 1, []handler{answer("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")}, Result{Wrong: 1}},
		{"not HTTP", Config{}, 1, []handler{answer("220 mail\r\n")}, Result{Wrong: 1}},

		{"kept", keep, 2, []handler{answer(full, full)}, Result{Answered: two}},
		{"closed as announced", keep, 2, []handler{answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 12\r\n\r\ngen=7 pid=1\n"), answer(full)}, Result{Answered: two}},
		{"closed between requests", keep, 2, []handler{answer(full), answer(full)}, Result{Answered: two, Reconnects: 1}},
		{"closed between POSTs", Config{KeepAlive: On, Request: posted(9)}, 2, []handler{answer(full), answer(full)}, Result{Answered: two, Reconnects: 1}},
		{"reset by a server that had not read", keep, 2, []handler{answerThenAbort, answer(full)}, Result{Answered: two, Reconnects: 1}},
		{"reset in a POST", Config{KeepAlive: On, Request: posted(9)}, 2, []handler{answerThenAbort, answer(full)}, Result{Answered: one, Reset: 1}},
		{"closed by a server that had read", keep, 2, []handler{answer(full, ""), answer(full)}, Result{Answered: one, Closed: 1}},
		{"lost on the fresh connection too", keep, 2, []handler{answer(full), abort}, Result{Answered: one, Reset: 1, Reconnects: 1}},

		{"any answer: another status", foreign, 1, []handler{answer("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")}, Result{Answered: unknown}},
		{"any answer: without a length", foreign, 1, []handler{answer("HTTP/1.0 200 OK\r\n\r\nhello")}, Result{Answered: unknown}},
		{"any answer: 5xx", foreign, 1, []handler{answer("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")}, Result{ServerErrors: 1}},
		{"any answer: cut", foreign, 1, []handler{answer(full[:len(full)-1])}, Result{Cut: 1}},
		{"its header names the generation", foreign, 1, []handler{answer("HTTP/1.1 200 OK\r\nX-Release: 7\r\nContent-Length: 0\r\n\r\n")}, Result{Answered: one}},
		{"interim answers", Config{}, 1, []handler{answer("HTTP/1.1 103 Early Hints\r\n\r\n" + full)}, Result{Answered: one}},
		{"HEAD", Config{Request: parsed(t, "HEAD /"), KeepAlive: On}, 2, []handler{answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", full)}, Result{Answered: map[string]int{"?": 2}}},
		{"a slow body", Config{Request: posted(5), Slow: 1, Over: 50 * time.Millisecond}, 1, []handler{answer(full)}, Result{Answered: one}},

		{"a line", lines, 1, []handler{echo(1)}, Result{Answered: unknown}},
		{"lines on a kept connection", keptLines, 2, []handler{echo(2)}, Result{Answered: map[string]int{"?": 2}}},
		{"a line on a connection that was closed", keptLines, 2, []handler{echo(1), echo(1)}, Result{Answered: map[string]int{"?": 2}, Reconnects: 1}},
		{"a line cut", lines, 1, []handler{answerLine("PON")}, Result{Cut: 1}},
		{"no line", lines, 1, []handler{answerLine("")}, Result{Closed: 1}},
	}
	for _, network := range []string{"tcp", "unix"} {
		for _, test := range tests {
			t.Run(network+"/"+test.name, func(t *testing.T) {
				server := serve(t, network, test.server)
				test.config.Addr = server.addr
				compare(t, requests(test.config, test.requests, server.turns), test.want)
			})
		}
	}
}

func TestRefused(t *testing.T) {
	ln := listen(t, "tcp")
	_ = ln.Close()
	compare(t, requests(Config{Addr: ln.Addr().String()}, 1, nil), Result{Refused: 1})
	compare(t, requests(Config{Addr: filepath.Join(t.TempDir(), "gone")}, 1, nil), Result{Refused: 1})
}

func TestLongestStall(t *testing.T) {
	const pause = 60 * time.Millisecond
	slow := func(c *serverConn) {
		time.Sleep(pause)
		answer(full)(c)
	}
	server := serve(t, "tcp", []handler{answer(full), slow})
	result := requests(Config{Addr: server.addr}, 2, server.turns)
	if result.LongestStall < pause {
		t.Errorf("the longest stall is %v, want %v at least", result.LongestStall, pause)
	}
}

func TestStartAndStop(t *testing.T) {
	ln := listen(t, "tcp")
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("gen=3 pid=5\n"))
	})}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })

	running := Start(Config{Addr: ln.Addr().String(), Clients: 4, KeepAlive: Both})
	for deadline := time.Now().Add(10 * time.Second); running.Result().Total() < 100; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no 100 answers within 10 s")
		}
	}
	result := running.Stop()
	if result.Lost() != 0 || result.Answered["3"] != result.Total() {
		t.Errorf("got %+v, want only answers of generation 3", result)
	}
}

// What is lost belongs to the generation that its connection was made to.
func TestLapsAndGenerations(t *testing.T) {
	var failing atomic.Bool
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if failing.Load() {
			panic(http.ErrAbortHandler)
		}
	})}
	ln := listen(t, "tcp")
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	running := Start(Config{Addr: ln.Addr().String(), AnyAnswer: true})
	running.SetGeneration("1")
	await := func(is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("not within 10 s")
			}
		}
	}
	await(func() bool { return running.Result().Answered["1"] > 10 })
	running.Lap()
	running.SetGeneration("2")
	failing.Store(true)
	await(func() bool { return running.Generations()["2"].Closed > 10 })
	whole := running.Stop()
	laps, all := running.Laps()
	if len(laps) != 2 || laps[0].Lost() != 0 || laps[1].Closed < 10 || laps[0].Total()+laps[1].Total() != whole.Total() {
		t.Errorf("laps %+v of %+v", laps, whole)
	}
	if all.Lost() != whole.Lost() || all.P50 == 0 || all.P99 < all.P50 || all.LongestStall < all.P99/2 {
		t.Errorf("all are %+v, want %+v", all, whole)
	}
	if g := running.Generations(); g["1"].Lost() > 1 || g["1"].Total() < 10 { // one may be under way
		t.Errorf("generations %+v", g)
	}
}

func TestTry(t *testing.T) {
	config := Config{Addr: serve(t, "tcp", []handler{answer(full), answer("")}).addr}
	if err := Try(config); err != nil {
		t.Error(err)
	}
	if err := Try(config); err == nil || err.Error() != "closed before the answer: EOF" {
		t.Errorf("got %v", err)
	}
}

func posted(bytes int) *Request { return NewRequest("/", "localhost", bytes) }

func parsed(t *testing.T, text string) *Request {
	t.Helper()
	r, err := ParseRequest([]byte(text), "localhost")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJSON(t *testing.T) {
	text, err := json.Marshal(Result{Answered: map[string]int{"1": 2}, LongestStall: 1500 * time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"answered":{"1":2},"refused":0,"reset":0,"closed":0,"cut":0,"timed_out":0,"server_errors":0,` +
		`"wrong":0,"other":0,"reconnects":0,"longest_stall_ms":1.5}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

// requests makes n requests. Those on a kept connection begin at the server's
// second turn: then it waits for one, or has closed.
func requests(config Config, n int, turns <-chan struct{}) Result {
	config = withDefaults(config)
	c := newClient(config, config.KeepAlive == On)
	if config.Slow > 0 {
		c.over = config.Over
	}
	defer c.drop()
	result := Result{Answered: map[string]int{}}
	for range n {
		if c.conn != nil {
			<-turns
			<-turns
		}
		result.count(c.request())
	}
	return result
}

func compare(t *testing.T, got, want Result) {
	t.Helper()
	got.LongestStall, got.LastError = 0, ""
	answered, wantAnswered := got.Answered, want.Answered
	got.Answered, want.Answered = nil, nil
	gotText, _ := json.Marshal(got)
	wantText, _ := json.Marshal(want)
	if string(gotText) != string(wantText) || !maps.Equal(answered, wantAnswered) {
		t.Errorf("got %v %s\nwant %v %s", answered, gotText, wantAnswered, wantText)
	}
}

type server struct {
	addr string
	// turns has an element for each time that the server is about to read a
	// request, or has closed a connection.
	turns chan struct{}
}

type serverConn struct {
	net.Conn
	in    *bufio.Reader
	turns chan<- struct{}
}

// handler is what the server does with one connection before it closes it.
type handler func(*serverConn)

// answer reads a request for each text and sends the text.
func answer(texts ...string) handler {
	return func(c *serverConn) {
		for _, text := range texts {
			c.readRequest()
			_, _ = c.Write([]byte(text))
		}
	}
}

// abort leaves most of a request unread: the close becomes a reset.
func abort(c *serverConn) {
	c.turns <- struct{}{}
	_, _ = c.in.Peek(1)
}

func answerThenAbort(c *serverConn) {
	answer(full)(c)
	abort(c)
}

// echo answers so many lines, each with a long one.
func echo(n int) handler {
	return func(c *serverConn) {
		for range n {
			answerLine(strings.Repeat("PONG", 2000) + "\n")(c)
		}
	}
}

// answerLine reads a line and sends the text.
func answerLine(text string) handler {
	return func(c *serverConn) {
		c.turns <- struct{}{}
		_, _ = c.in.ReadString('\n')
		_, _ = c.Write([]byte(text))
	}
}

func stall(c *serverConn) {
	c.readRequest()
	_, _ = c.in.ReadByte() // until the client gives up
}

func (c *serverConn) readRequest() {
	c.turns <- struct{}{}
	if request, err := http.ReadRequest(c.in); err == nil {
		_, _ = io.Copy(io.Discard, request.Body)
	}
}

func serve(t *testing.T, network string, handlers []handler) server {
	ln := listen(t, network)
	turns := make(chan struct{}, 16)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, handle := range handlers {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			handle(&serverConn{conn, bufio.NewReaderSize(conn, 16), turns})
			_ = conn.Close()
			turns <- struct{}{}
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-done
	})
	return server{ln.Addr().String(), turns}
}

func listen(t *testing.T, network string) net.Listener {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	return ln
}
