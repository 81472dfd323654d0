package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// client makes one request at a time.
type client struct {
	config Config
	keep   bool
	text   []byte // the request
	conn   *conn  // kept from the last request; nil: none
}

// conn is a connection and what was read ahead from it.
type conn struct {
	net.Conn
	reader *bufio.Reader
}

func newClient(config Config, keep bool) *client {
	method, connection, rest := "GET", "close", "\r\n"
	if config.Post > 0 {
		method = "POST"
		rest = fmt.Sprintf("Content-Length: %d\r\n\r\n%s", config.Post, strings.Repeat("x", config.Post))
	}
	if keep {
		connection = "keep-alive"
	}
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n%s", method, config.Target, connection, rest)
	return &client{config: config, keep: keep, text: []byte(text)}
}

// request makes one request, on a fresh connection when the kept one turns out
// to have been closed by the server before it read the request.
func (c *client) request() outcome {
	began := time.Now()
	deadline := began.Add(c.config.Timeout)
	reconnected := false
	if c.conn != nil && c.conn.isClosed() {
		c.drop()
		reconnected = true
	}
	reused := c.conn != nil
	o, unread := c.try(deadline)
	if reused && unread && c.config.Post == 0 {
		reconnected = true
		o, _ = c.try(deadline)
	}
	o.reconnected, o.took = reconnected, time.Since(began)
	return o
}

// try makes one attempt. unread tells that the server cannot have taken it up.
func (c *client) try(deadline time.Time) (o outcome, unread bool) {
	if c.conn == nil {
		fresh, err := c.dial(deadline)
		if err != nil {
			return lost(dialEnd(err), err), false
		}
		c.conn = &conn{fresh, bufio.NewReader(fresh)}
	}
	keep := false
	defer func() {
		if !keep {
			c.drop()
		}
	}()
	_ = c.conn.SetDeadline(deadline)
	before := c.conn.acknowledged()
	_, writeErr := c.conn.Write(c.text) // an answer may be there all the same
	if _, err := c.conn.reader.Peek(1); err != nil {
		unread := isReset(writeErr) || isReset(err) || err == io.EOF && !c.conn.tookAll(before, len(c.text))
		return lost(beforeAnswer(err), err), unread
	}
	o, keep = c.read()
	return o, false
}

const protocol = "HTTP/1."

// read reads an answer that has begun.
func (c *client) read() (o outcome, keep bool) {
	peeked, _ := c.conn.reader.Peek(len(protocol))
	start := string(peeked)
	response, err := http.ReadResponse(c.conn.reader, nil)
	if err != nil {
		// A head that breaks off within a line is "malformed" there.
		if _, next := c.conn.reader.Peek(1); next != nil && strings.HasPrefix(protocol, start) {
			err = next
		}
		return lost(withinAnswer(err), err), false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return lost(withinAnswer(err), err), false
	}
	keep = c.keep && !response.Close
	switch {
	case response.StatusCode >= 500:
		return lost(serverError, errors.New(response.Status)), keep
	case response.StatusCode != http.StatusOK:
		return lost(wrong, errors.New(response.Status)), keep
	}
	return whole(body, response.ContentLength >= 0), keep
}

var line = regexp.MustCompile(`^gen=(\S+) pid=\d+\n`)

// whole finds the generation. An answer that does not say its length is as long
// as its connection, so there an unfinished line is a cut.
func whole(body []byte, sized bool) outcome {
	if match := line.FindSubmatch(body); match != nil {
		return outcome{end: answered, generation: string(match[1])}
	}
	if !sized && !bytes.HasSuffix(body, []byte("\n")) {
		return lost(cut, fmt.Errorf("the answer is %q", body))
	}
	return outcome{end: answered, generation: "?"}
}

// dial waits, as a blocking connect(2) does, where a Unix socket's queue is full
// (EAGAIN), and where this machine has no free port for a moment.
func (c *client) dial(deadline time.Time) (net.Conn, error) {
	dialer := net.Dialer{Deadline: deadline}
	for {
		conn, err := dialer.Dial(network(c.config.Addr), c.config.Addr)
		if !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EADDRNOTAVAIL) {
			return conn, err
		}
		if time.Now().After(deadline) {
			return nil, os.ErrDeadlineExceeded
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *client) drop() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
