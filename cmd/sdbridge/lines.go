package main

import (
	"fmt"
	"io"
	"time"
)

// lines is a log that does not block: what its reader does not take in time is
// counted and left out, so that a log that hangs cannot stop a swap.
type lines struct {
	out   io.Writer
	queue chan []byte
	done  chan struct{}
}

// maxQueued is how many lines wait for a slow reader.
const maxQueued = 1024

func newLines(out io.Writer) *lines {
	l := &lines{out: out, queue: make(chan []byte, maxQueued), done: make(chan struct{})}
	go l.run()
	return l
}

// Write takes one or more whole lines. It never fails.
func (l *lines) Write(p []byte) (int, error) {
	select {
	case l.queue <- append([]byte(nil), p...):
	default:
		l.drop()
		l.queue <- append([]byte(nil), p...)
	}
	return len(p), nil
}

// drop makes room: the oldest lines go, and one says how many.
func (l *lines) drop() {
	dropped := 0
	for ; dropped < maxQueued/2; dropped++ {
		select {
		case <-l.queue:
		default:
			return
		}
	}
	l.queue <- fmt.Appendf(nil, "sdbridge: the log was not read in time: %d lines are left out\n", dropped)
}

func (l *lines) run() {
	defer close(l.done)
	for p := range l.queue {
		_, _ = l.out.Write(p) // a full disk or a reader that is gone: the bridge goes on
	}
}

// close waits for what is queued, but not for longer than the patience.
func (l *lines) close() {
	close(l.queue)
	select {
	case <-l.done:
	case <-time.After(patience):
	}
}
