package main

import (
	"cmp"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// One child's shutdown(2) is everybody's, kazeburo/Gazelle#27; a TCP socket is
// put back at once.
func TestSharedSocketIsHealed(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t)
	l.habits("-mode=block", "-on-term=shutdown")
	l.runActivated([]string{addr}, "--kill-old-delay=0")
	l.up(1)
	refused, done := make(chan time.Duration, 1), make(chan struct{})
	go func() { refused <- longestRefusal(addr, done) }()
	l.habits("-mode=block")
	l.commits()
	l.await(addr + " was shut down by a child and is listening again")
	if l.count(`were reset" generations="[1 2]"`) == 0 {
		t.Error("it does not say which generations lived")
	}
	wantGeneration(t, addr, 2)
	close(done)
	if took := <-refused; took > 2*time.Second { // milliseconds, but on a busy machine
		t.Errorf("clients were refused for %v", took)
	}
	l.wantStatus(0, "serving")
	running := clients(t, addr)
	l.commits()
	awaitAnswers(t, running, 3)
	noneLost(t, running)
}

// longestRefusal connects again and again until done.
func longestRefusal(addr string, done <-chan struct{}) (longest time.Duration) {
	since := time.Now() // when it last connected
	for {
		select {
		case <-done:
			return longest
		case <-time.After(time.Millisecond):
		}
		conn, err := dial(addr)
		if err != nil {
			longest = max(longest, time.Since(since))
			continue
		}
		_ = conn.Close()
		since = time.Now()
	}
}

// A Unix socket cannot be put back, and no candidate is ready where no client
// can come.
func TestSharedSocketIsDead(t *testing.T) {
	t.Parallel()
	path := shortDir(t) + "/socket"
	l := newLive(t)
	l.habits("-on-term=shutdown")
	l.runActivated([]string{"-names", "web.socket", path}, "--kill-old-delay=0", "--start-timeout=3s")
	l.up(1)
	l.habits()
	l.commits()
	cure := "systemctl stop web.socket " + cmp.Or(ownUnit(), "web.service") + " && systemctl start web.socket"
	l.await("no client can reach unix " + path + ": dead; " + cure)
	l.wantStatus(1, cure)
	got := l.do("reload")
	wantIn(t, got.err, "no client can reach unix "+path+": dead; "+cure)
	wantIn(t, got.err, "s: no client can reach "+path+": every stream socket is dead")
	if got.status != 1 || l.count("swap failed") != 1 {
		t.Errorf("reload: %+v", got)
	}
}

// Any of several sockets that is dead is a warning, and decides no swap.
func TestSharedSocketIsDeadBesideAnother(t *testing.T) {
	t.Parallel()
	path, addr := shortDir(t)+"/socket", freeAddr(t)
	l := newLive(t).runActivated([]string{path + "," + addr})
	l.up(1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	l.await("no client can reach unix " + path)
	got := l.do("reload")
	wantIn(t, got.err, "no client can reach unix "+path)
	if got.status != 0 {
		t.Errorf("reload: %+v", got)
	}
	l.wantStatus(1, "no client can reach unix "+path)
	wantGeneration(t, addr, 2)
}

// The path of a Unix socket can go at any time: by hand, by another file in its
// place, by a child that drains.
func TestSharedPath(t *testing.T) {
	tests := map[string]struct {
		habit  string
		harm   func(t *testing.T, l *live, path string)
		change string
	}{
		"removed": {"", func(t *testing.T, _ *live, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, "path gone"},
		"replaced": {"", func(t *testing.T, _ *live, path string) { writeFile(t, path, "") }, "path replaced"},
		"removed by a child that drains": {"-on-term=unlink", func(t *testing.T, l *live, path string) {
			finish := hold(t, path, ask(t, path).pid)
			l.habits()
			l.commits()
			wantGeneration(t, path, 2)
			l.wantNoText("no client can reach")
			finish()
		}, "path gone"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := shortDir(t) + "/socket"
			l := newLive(t)
			l.habits(test.habit)
			l.runActivated([]string{path})
			l.up(1)
			test.harm(t, l, path)
			l.await("no client can reach unix " + path + ": " + test.change)
			l.wantStatus(1, "no client can reach unix "+path)
			l.stop()
			if got := l.count("no client can reach"); got != 1 {
				t.Errorf("it said so %d times", got)
			}
		})
	}
}

// What was moved away and back is well again.
func TestSharedPathComesBack(t *testing.T) {
	t.Parallel()
	path := shortDir(t) + "/socket"
	l := newLive(t).runActivated([]string{path})
	l.up(1)
	for _, move := range [][2]string{{path, path + ".away"}, {path + ".away", path}} {
		if err := unix.Rename(move[0], move[1]); err != nil {
			t.Fatal(err)
		}
		if move[1] != path {
			l.await("no client can reach unix " + path + ": path gone")
		}
	}
	l.await("clients can reach unix " + path + " again")
	l.wantStatus(0, "serving")
	l.commits()
	wantGeneration(t, path, 2)
}
