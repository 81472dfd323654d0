package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// ending is how a request ended.
type ending string

const (
	answered ending = "answered"
	refused  ending = "refused"
	reset    ending = "reset"
	closed   ending = "closed unanswered"
	cut      ending = "cut short"
	timedOut ending = "timed out"
	wrong    ending = "wrong"
)

// patience is how long a client waits for an answer.
const patience = 10 * time.Second

// client makes one request at a time, in HTTP/1.1.
type client struct {
	addr    string
	keep    bool
	conn    net.Conn // kept from the last request; nil: none
	reader  *bufio.Reader
	body    []byte // of the last answer
	retried bool   // the last request
}

var errWrong = errors.New("not the answer that was expected")

// request makes one request. On a kept connection that was closed before any
// byte of an answer it is made anew on a fresh one, as every client does with a
// GET (RFC 9112, 9.3.1); that is counted as retried.
func (c *client) request() ending {
	c.retried = false
	reused := c.conn != nil
	end := c.try()
	if reused && (end == closed || end == reset) {
		c.retried = true
		end = c.try()
	}
	return end
}

func (c *client) try() ending {
	if c.conn == nil {
		conn, err := net.DialTimeout("tcp", c.addr, patience)
		if err != nil {
			return endOf(err, refused)
		}
		c.conn = conn
		if c.reader == nil {
			c.reader = bufio.NewReader(conn)
		}
		c.reader.Reset(conn)
	}
	keep, err := c.exchange()
	if !keep || err != nil {
		defer c.drop()
	}
	switch {
	case err == nil:
		return answered
	case errors.Is(err, errWrong):
		return wrong
	}
	return endOf(err, closed)
}

const (
	requestKept  = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	requestFresh = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
)

var errCut = errors.New("cut short")

func (c *client) exchange() (keep bool, err error) {
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	request := requestFresh
	if c.keep {
		request = requestKept
	}
	_, writeErr := io.WriteString(c.conn, request) // an answer may be there all the same
	if _, err := c.reader.Peek(1); err != nil {
		return false, errors.Join(err, writeErr)
	}
	length, keep, err := c.head()
	if err != nil {
		return false, err
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	if _, err := io.ReadFull(c.reader, c.body); err != nil {
		return false, errors.Join(errCut, err)
	}
	return keep && c.keep, nil
}

// head reads the status line and the fields of an answer that has begun.
func (c *client) head() (length int, keep bool, err error) {
	keep = true
	for first := true; ; first = false {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, false, errors.Join(errCut, err)
		}
		line = bytes.TrimRight(line, "\r\n")
		if first {
			if !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
				return 0, false, errWrong
			}
			continue
		}
		if len(line) == 0 {
			return length, keep, nil
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, false, errWrong
			}
		case "Connection":
			keep = !bytes.EqualFold(value, []byte("close"))
		}
	}
}

func endOf(err error, otherwise ending) ending {
	switch {
	case errors.Is(err, errCut):
		return cut
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reset
	}
	return otherwise
}

func (c *client) drop() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// whoAnswers is the pid in the answer to one request on a fresh connection.
func whoAnswers(addr string) (pid int, ok bool) {
	c := client{addr: addr}
	defer c.drop()
	if c.request() != answered {
		return 0, false
	}
	text, found := bytes.CutPrefix(bytes.TrimSpace(c.body), []byte("pid="))
	pid, err := strconv.Atoi(string(text))
	return pid, found && err == nil
}
