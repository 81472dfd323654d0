package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// lines is a log that does not block: what its reader does not take in time is
// left out and counted, so that a log that hangs cannot stop a swap.
type lines struct {
	out  io.Writer
	wake chan struct{} // has room for one

	mu      sync.Mutex
	queue   [][]byte
	dropped int           // since the last one that was written
	idle    chan struct{} // closed while nothing waits
}

// maxQueued is how many lines wait for a slow reader.
const maxQueued = 1024

func newLines(out io.Writer) *lines {
	l := &lines{out: out, wake: make(chan struct{}, 1), idle: make(chan struct{})}
	close(l.idle)
	go l.run()
	return l
}

// Write takes one or more whole lines. It never fails.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		l.idle = make(chan struct{})
	}
	if len(l.queue) == maxQueued { // the oldest goes, but for the one that is being written
		l.queue = append(l.queue[:1], l.queue[2:]...)
		l.dropped++
	}
	l.queue = append(l.queue, append([]byte(nil), p...))
	select {
	case l.wake <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (l *lines) run() {
	for range l.wake {
		for p := l.next(); p != nil; p = l.next() {
			_, _ = l.out.Write(p) // a full disk or a reader that is gone: the bridge goes on
			l.written()
		}
	}
}

// next is what is to be written: the count of what was left out comes first.
func (l *lines) next() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	if l.dropped > 0 {
		text := fmt.Appendf(nil, "sdbridge: the log was not read in time: %d lines are left out\n", l.dropped)
		l.queue = append([][]byte{text}, l.queue...)
		l.dropped = 0
	}
	return l.queue[0]
}

func (l *lines) written() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = l.queue[1:]
	if len(l.queue) == 0 {
		close(l.idle)
	}
}

// flush waits until all is written, but not for longer than the patience.
func (l *lines) flush() {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(patience):
	}
}
