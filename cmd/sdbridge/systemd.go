package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/report"
)

// systemd tells the service manager how the bridge is, sd_notify(3). It does so
// from a goroutine of its own: a manager that does not read must not block.
type systemd struct {
	ping     time.Duration // how often it wants to hear WATCHDOG=1; 0: never
	notifier report.Notifier
	trouble  func(error)

	mu    sync.Mutex
	queue []string
	wake  chan struct{} // has room for one
	done  chan struct{}
}

func newSystemd(trouble func(error)) *systemd {
	s := &systemd{trouble: trouble, wake: make(chan struct{}, 1), done: make(chan struct{})}
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		trouble(fmt.Errorf("systemd's watchdog is not told that the bridge is alive: WATCHDOG_USEC=%s, WATCHDOG_PID=%s: %w",
			os.Getenv("WATCHDOG_USEC"), os.Getenv("WATCHDOG_PID"), err))
	}
	s.ping = interval / 2
	go s.run()
	return s
}

func (s *systemd) run() {
	defer close(s.done)
	for range s.wake {
		s.mu.Lock()
		queue := s.queue
		s.queue = nil
		s.mu.Unlock()
		for _, m := range queue {
			s.notify(m)
		}
	}
}

// notify says once what is wrong with NOTIFY_SOCKET; without it, it does nothing.
func (s *systemd) notify(m string) {
	_, err := daemon.SdNotify(false, m)
	if err != nil && s.trouble != nil {
		s.trouble(fmt.Errorf("systemd does not hear how the bridge is, and with Type=notify waits in vain: NOTIFY_SOCKET: %w", err))
		s.trouble = nil
	}
}

// observe sends what is new in a report.
func (s *systemd) observe(r report.Report) {
	var monotonic unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &monotonic) // cannot fail
	for _, m := range s.notifier.Next(r, time.Now(), time.Duration(monotonic.Nano())) {
		s.send(m)
	}
}

// alive is called by the loop, and only by it: a loop that is stuck is noticed.
func (s *systemd) alive() { s.send(daemon.SdNotifyWatchdog) }

// maxUnread is what waits for a manager that does not read.
const maxUnread = 1000

func (s *systemd) send(m string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= maxUnread {
		i := max(0, slices.IndexFunc(s.queue, isPassing))
		s.queue = slices.Delete(s.queue, i, i+1)
	}
	s.queue = append(s.queue, m)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// isPassing tells a message that a newer one makes void from those that only mean
// something in their order: RELOADING=1, READY=1, STOPPING=1.
func isPassing(m string) bool {
	return m == daemon.SdNotifyWatchdog || strings.HasPrefix(m, "STATUS=")
}

// close waits until all is sent, within patience.
func (s *systemd) close() {
	close(s.wake)
	select {
	case <-s.done:
	case <-time.After(patience):
	}
}
