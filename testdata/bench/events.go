package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// event is what a child told: "exec", "serving" or "signal".
type event struct {
	what string
	pid  int
	at   time.Duration // CLOCK_MONOTONIC
}

// events collects what the children of one supervisor tell.
type events struct {
	name string // of the socket: "@…"
	file *os.File

	mu      sync.Mutex
	told    []event
	changed chan struct{} // closed and replaced when one comes
}

// now is CLOCK_MONOTONIC, which all processes share.
func now() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return time.Duration(t.Nano())
}

func listenEvents() (*events, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{}); err != nil { // a name of the kernel's choice
		unix.Close(fd)
		return nil, err
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	e := &events{
		name:    name.(*unix.SockaddrUnix).Name,
		file:    os.NewFile(uintptr(fd), "events"),
		changed: make(chan struct{}),
	}
	go e.read()
	return e, nil
}

func (e *events) read() {
	buffer := make([]byte, 128)
	for {
		n, err := e.file.Read(buffer)
		if err != nil {
			return
		}
		var got event
		if _, err := fmt.Sscan(string(buffer[:n]), &got.what, &got.pid, &got.at); err != nil {
			continue
		}
		e.mu.Lock()
		e.told = append(e.told, got)
		close(e.changed)
		e.changed = make(chan struct{})
		e.mu.Unlock()
	}
}

// forget drops what was told so far.
func (e *events) forget() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.told = nil
}

// await returns the first event that matches, since forget.
func (e *events) await(patience time.Duration, what string, match func(pid int) bool) (event, error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		e.mu.Lock()
		for _, got := range e.told {
			if got.what == what && match(got.pid) {
				e.mu.Unlock()
				return got, nil
			}
		}
		changed := e.changed
		e.mu.Unlock()
		select {
		case <-changed:
		case <-limit.C:
			return event{}, fmt.Errorf("no child told %q within %v", what, patience)
		}
	}
}

func (e *events) close() { _ = e.file.Close() }
