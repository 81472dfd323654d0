package main

import (
	"slices"
	"strconv"
	"testing"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A manager that does not read loses what a newer message makes void, and no
// RELOADING=1 or READY=1.
func TestUnreadMessages(t *testing.T) {
	s := &systemd{wake: make(chan struct{}, 1)}
	s.send("RELOADING=1\nSTATUS=0")
	for i := range 2 * maxUnread {
		s.send("STATUS=" + strconv.Itoa(i))
		s.alive()
	}
	s.send("READY=1\nSTATUS=up")
	if len(s.queue) != maxUnread {
		t.Errorf("%d wait", len(s.queue))
	}
	for _, m := range []string{"RELOADING=1\nSTATUS=0", "READY=1\nSTATUS=up", daemon.SdNotifyWatchdog, "STATUS=" + strconv.Itoa(2*maxUnread-1)} {
		if !slices.Contains(s.queue, m) {
			t.Errorf("%q is lost", m)
		}
	}
}
