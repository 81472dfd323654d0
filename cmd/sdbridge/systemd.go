package main

import (
	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/sdbridge/sdbridge/bridge/report"
)

// systemd tells the service manager how the bridge is, sd_notify(3). It does so
// from a goroutine of its own: a manager that does not read must not block.
type systemd struct {
	messages chan string
	done     chan struct{}
	said     string
}

func newSystemd() *systemd {
	s := &systemd{messages: make(chan string, 2), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for m := range s.messages {
			_, _ = daemon.SdNotify(false, m) // without NOTIFY_SOCKET it does nothing
		}
	}()
	return s
}

// observe says READY=1 when the first generation is current, and STOPPING=1.
// Each is said once, so that the channel has room for both.
func (s *systemd) observe(r report.Report) {
	_, serving := r.Serving()
	switch {
	case r.Stopping && s.said != daemon.SdNotifyStopping:
		s.say(daemon.SdNotifyStopping)
	case serving && s.said == "":
		s.say(daemon.SdNotifyReady)
	}
}

func (s *systemd) say(m string) {
	s.said = m
	s.messages <- m
}

func (s *systemd) close() {
	if s != nil {
		close(s.messages)
	}
}
