package load

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// client makes one request at a time.
type client struct {
	config   Config
	exchange exchange
	over     time.Duration // for a body; 0: at once
	made     func() string // the generation of a connection that is made now
	conn     *conn         // kept from the last request; nil: none
}

// exchange is a request and how its answer is read.
type exchange struct {
	text []byte
	body int  // where in text it begins
	safe bool // may be sent again where the server may have begun with it (RFC 9110, 9.2.1)
	read func(*bufio.Reader) (o outcome, keep bool)
}

// conn is a connection and what was read ahead from it.
type conn struct {
	net.Conn
	reader     *bufio.Reader
	generation string
}

func newClient(config Config, keep bool) *client {
	c := &client{config: config, made: func() string { return "" }}
	if config.Line != "" {
		c.exchange = overLines(config.Line, keep)
	} else {
		c.exchange = overHTTP(config, keep)
	}
	return c
}

// request makes one request, on a fresh connection when the kept one turns out
// to have been closed by the server before it read the request.
func (c *client) request() outcome {
	began := time.Now()
	deadline := began.Add(c.config.Timeout + c.over)
	reconnected := false
	if c.conn != nil && c.conn.isClosed() {
		c.drop()
		reconnected = true
	}
	reused := c.conn != nil
	o, unread := c.try(deadline)
	if reused && unread && c.exchange.safe {
		reconnected = true
		o, _ = c.try(deadline)
	}
	o.reconnected, o.took = reconnected, max(0, time.Since(began)-c.over)
	return o
}

// try makes one attempt. unread tells that the server cannot have taken it up.
func (c *client) try(deadline time.Time) (o outcome, unread bool) {
	generation := ""
	defer func() { o.of(generation) }()
	if c.conn == nil {
		generation = c.made()
		fresh, err := c.dial(deadline)
		if err != nil {
			return lost(dialEnd(err), err), false
		}
		c.conn = &conn{fresh, bufio.NewReader(fresh), generation}
	}
	generation = c.conn.generation
	keep := false
	defer func() {
		if !keep {
			c.drop()
		}
	}()
	_ = c.conn.SetDeadline(deadline)
	before := c.conn.acknowledged()
	writeErr := c.send() // an answer may be there all the same
	if _, err := c.conn.reader.Peek(1); err != nil {
		unread := isReset(writeErr) || isReset(err) || err == io.EOF && !c.conn.tookAll(before, len(c.exchange.text))
		return lost(beforeAnswer(err), err), unread
	}
	o, keep = c.exchange.read(c.conn.reader)
	if o.generation != "" {
		c.conn.generation = o.generation // who answers once, answers all
	}
	return o, false
}

// pieces are what a slow body is sent in.
const pieces = 10

func (c *client) send() error {
	if c.over == 0 {
		_, err := c.conn.Write(c.exchange.text)
		return err
	}
	rest := c.exchange.text[c.exchange.body:]
	_, err := c.conn.Write(c.exchange.text[:c.exchange.body])
	for i := pieces; i > 0 && err == nil; i-- {
		<-time.After(c.over / pieces)
		n := len(rest) / i
		_, err = c.conn.Write(rest[:n])
		rest = rest[n:]
	}
	return err
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
		<-time.After(time.Millisecond)
	}
}

func (c *client) drop() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
