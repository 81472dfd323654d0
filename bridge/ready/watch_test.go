package ready

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

const (
	leader = 10
	worker = 11
)

var (
	web   = Target{Inode: 1, Name: "0.0.0.0:8080", family: unix.AF_INET}
	local = Target{Inode: 2, Name: "/run/app.sock", family: unix.AF_UNIX}
)

// scene is a generation as its watch sees it. Times count from its spawn; the
// zero time is never.
type scene struct {
	rule    string
	targets []Target
	seen    func(age time.Duration) Seen // nil: nothing
	follows time.Duration                // when it announces a READY=1
	said    time.Duration                // when it says READY=1
	alive   time.Duration                // from when clients can reach it; dead sockets before

	listeners []Listener
	program   string
	stopped   int   // pid
	err       error // of listing its processes

	looks int
}

const (
	interval = time.Second
	long     = 20 * time.Second // as good as for ever
	slack    = 60 * time.Millisecond
)

// watch plays the scene for a long time and returns the outcome, its time, and
// what is said if it does not get ready.
func (s *scene) watch(t *testing.T) (o Outcome, at time.Duration, why string) {
	synctest.Test(t, func(t *testing.T) {
		spawned := time.Now()
		age := func() time.Duration { return time.Since(spawned) }
		said := make(chan struct{})
		if s.said != 0 {
			time.AfterFunc(s.said, func() { close(said) })
		}
		ctx, cancel := context.WithCancel(t.Context())
		w := parsed(t, s.rule).watch(Subject{
			Processes: func() ([]int, error) { return []int{leader, worker}, s.err },
			Stopped:   func(pid int) bool { return pid == s.stopped },
			Leader:    leader, Targets: s.targets, Spawned: spawned, Interval: interval,
			Dead: func() bool { return age() < s.alive },
		}, senses{
			look: func(_ []int, targets []Target) Seen {
				s.looks++
				time.Sleep(100 * time.Microsecond)
				if s.seen == nil {
					return Seen{}
				}
				return only(s.seen(age()), targets)
			},
			listeners: func([]int, []Target) ([]Listener, error) { return s.listeners, nil },
			program:   func(int) string { return s.program },
			said:      said,
			follows:   func() bool { return s.follows != 0 && s.follows <= age() },
		})
		go w.run(ctx)
		select {
		case o = <-w.Ready():
			at = age()
		case <-time.After(long):
			why = w.Why()
		}
		cancel()
		if o, ok := <-w.Ready(); ok {
			t.Errorf("one more outcome: %+v", o)
		}
	})
	return o, at, why
}

// only is what a look finds of the targets that it is asked about.
func only(seen Seen, targets []Target) Seen {
	asked := func(inode uint64, _ []int) bool {
		for _, t := range targets {
			if t.Inode == inode {
				return false
			}
		}
		return true
	}
	seen.Waiting, seen.Connected = maps.Clone(seen.Waiting), maps.Clone(seen.Connected)
	maps.DeleteFunc(seen.Waiting, asked)
	maps.DeleteFunc(seen.Connected, asked)
	return seen
}

func waitingOn(targets ...Target) Seen {
	seen := Seen{Waiting: map[uint64][]int{}}
	for _, t := range targets {
		seen.Waiting[t.Inode] = []int{worker}
	}
	return seen
}

// from is what is seen from an age on; nothing before.
func from(begin time.Duration, seen Seen) func(time.Duration) Seen {
	return between(begin, long, seen)
}

func between(begin, end time.Duration, seen Seen) func(time.Duration) Seen {
	return func(age time.Duration) Seen {
		if age < begin || age >= end {
			return Seen{}
		}
		return seen
	}
}

var (
	denied11 = Seen{Unreadable: []Unreadable{{PID: worker, What: "fd", Err: unix.EACCES}}}
	ring11   = Seen{Ring: []int{worker}}
)

const deniedText = "cannot read /proc/11/fd: permission denied: it takes CAP_SYS_PTRACE"

func TestReady(t *testing.T) {
	one, two := []Target{web}, []Target{web, local}
	for name, test := range map[string]struct {
		scene
		at   time.Duration
		how  string
		note string
	}{
		"interval: the age":        {scene{rule: "interval", targets: one}, interval, "alive for 1s", ""},
		"notify: READY=1":          {scene{rule: "notify", targets: one, said: 3 * time.Second}, 3 * time.Second, "READY=1", ""},
		"notify: and the interval": {scene{rule: "notify", said: time.Millisecond}, interval, "READY=1", ""},
		"accept: seen early, held back": {
			scene{rule: "accept", targets: one, seen: from(0, waitingOn(web))}, interval, "seen waiting on 0.0.0.0:8080", "",
		},
		"accept: seen late": {
			scene{rule: "accept", targets: one, seen: from(5*time.Second, waitingOn(web))},
			5 * time.Second, "seen waiting on 0.0.0.0:8080", "",
		},
		"accept: once is enough": {
			scene{rule: "accept", targets: one, seen: between(100*time.Millisecond, 200*time.Millisecond, waitingOn(web))},
			interval, "seen waiting on 0.0.0.0:8080", "",
		},
		"accept: a saturated server": {
			scene{rule: "accept", targets: one, seen: from(0, Seen{Connected: map[uint64][]int{1: {worker}}})},
			interval, "seen with a connection from 0.0.0.0:8080", "",
		},
		"accept: all, in any look": {
			scene{rule: "accept", targets: two, seen: func(age time.Duration) Seen {
				return map[bool]Seen{true: waitingOn(web), false: waitingOn(local)}[age < 2*time.Second]
			}}, 2 * time.Second, "seen waiting on 0.0.0.0:8080, /run/app.sock", "",
		},
		"accept: only those named": {
			scene{rule: "accept:/run/app.sock", targets: two, seen: from(0, waitingOn(local))},
			interval, "seen waiting on /run/app.sock", "",
		},
		"accept: does not listen to READY=1": {
			scene{rule: "accept", targets: one, seen: from(0, waitingOn(web)), follows: time.Millisecond},
			interval, "seen waiting on 0.0.0.0:8080", "",
		},
		"auto: seen": {
			scene{rule: "auto", targets: two, seen: from(0, waitingOn(web, local)), said: time.Millisecond},
			interval, "seen waiting on 0.0.0.0:8080, /run/app.sock", "",
		},
		"auto: announced as well": {
			scene{rule: "auto", targets: one, seen: from(0, waitingOn(web)), follows: time.Millisecond, said: 4 * time.Second},
			4 * time.Second, "seen waiting on 0.0.0.0:8080, READY=1", "",
		},
		"auto: READY=1 alone is not enough": {
			scene{rule: "auto", targets: one, seen: from(6*time.Second, waitingOn(web)), follows: time.Millisecond, said: time.Second},
			6 * time.Second, "seen waiting on 0.0.0.0:8080, READY=1", "",
		},
		"auto: no stream socket": {scene{rule: "auto"}, interval, "alive for 1s: no stream socket to look at", ""},
		"auto: no stream socket, announced": {
			scene{rule: "auto", follows: time.Millisecond, said: 2 * time.Second},
			2 * time.Second, "READY=1: no stream socket to look at", "",
		},
		"auto: unreadable": {
			scene{rule: "auto", targets: one, seen: from(0, denied11)},
			interval,
			"alive for 1s: no process was seen waiting on 0.0.0.0:8080",
			"cannot tell whether a process waits on 0.0.0.0:8080: " + deniedText,
		},
		"auto: unreadable from later on": {
			scene{rule: "auto", targets: one, seen: from(3*time.Second, denied11)},
			4 * time.Second,
			"alive for 1s: no process was seen waiting on 0.0.0.0:8080",
			"cannot tell whether a process waits on 0.0.0.0:8080: " + deniedText,
		},
		"auto: unreadable, announced": {
			scene{rule: "auto", targets: one, seen: from(0, denied11), follows: time.Millisecond, said: 2 * time.Second},
			2 * time.Second, "READY=1: no process was seen waiting on 0.0.0.0:8080",
			"cannot tell whether a process waits on 0.0.0.0:8080: " + deniedText,
		},
		"auto: a silent io_uring": {
			scene{rule: "auto", targets: one, seen: from(0, ring11)},
			interval,
			"alive for 1s: no process was seen waiting on 0.0.0.0:8080",
			"cannot tell whether a process waits on 0.0.0.0:8080: pid 11 has an io_uring that does not tell what it waits for",
		},
		"auto: a helper that cannot be read, in passing": {
			scene{rule: "auto", targets: one, seen: func(age time.Duration) Seen {
				if age < 900*time.Millisecond {
					return denied11
				}
				return from(5*time.Second, waitingOn(web))(age)
			}}, 5 * time.Second, "seen waiting on 0.0.0.0:8080", "",
		},
		"auto: one helper after the other": {
			scene{rule: "auto", targets: one, seen: func(age time.Duration) Seen {
				if age < 5*time.Second {
					return Seen{Ring: []int{100 + int(age/(500*time.Millisecond))}}
				}
				return waitingOn(web)
			}}, 5 * time.Second, "seen waiting on 0.0.0.0:8080", "",
		},
		"dead sockets: withheld": {
			scene{rule: "interval", targets: one, alive: 3 * time.Second}, 3 * time.Second, "alive for 1s", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, at, why := test.watch(t)
			if o.How != test.how || o.Note != test.note {
				t.Errorf("got %+v; %s", o, why)
			}
			if at < test.at || at > test.at+slack {
				t.Errorf("after %v, want %v", at, test.at)
			}
		})
	}
}

func TestWhyNotReady(t *testing.T) {
	one, two := []Target{web}, []Target{web, local}
	const wayOut = "; if it serves all the same, write --ready=interval or notify"
	for name, test := range map[string]struct {
		scene
		want string
	}{
		"nothing":     {scene{rule: "auto", targets: one}, "no process waits on 0.0.0.0:8080" + wayOut},
		"not READY=1": {scene{rule: "notify", targets: one}, "no READY=1 came to its NOTIFY_SOCKET; if it sends none, write --ready=auto, accept or interval"},
		"announced": {
			scene{rule: "auto", targets: one, seen: from(0, waitingOn(web)), follows: time.Millisecond},
			"it announced a READY=1 by X_READY_FOLLOWS=1 and has not sent it",
		},
		"dead": {
			scene{rule: "accept", targets: two, seen: from(0, waitingOn(web, local)), alive: 2 * long},
			"no client can reach 0.0.0.0:8080, /run/app.sock: every stream socket is dead",
		},
		"a port of its own": {
			scene{rule: "auto", targets: one, listeners: []Listener{{"127.0.0.1:18099", leader}}},
			"no process waits on 0.0.0.0:8080; it listens on 127.0.0.1:18099 instead, which it bound by itself: let it take the descriptor" + wayOut,
		},
		"many ports": {
			scene{rule: "auto", targets: one, listeners: []Listener{{"a", 1}, {"b", 1}, {"b", 2}, {"c", 1}, {"d", 1}, {"e", 1}}},
			"no process waits on 0.0.0.0:8080; it listens on a, b, c, d and 1 more instead, which it bound by itself: let it take the descriptor" + wayOut,
		},
		"a shell": {
			scene{rule: "auto", targets: one, program: "dash"},
			"no process waits on 0.0.0.0:8080; its leader (pid 10, dash) is a shell that did not exec, and a LISTEN_PID names the shell, not what it runs: write exec in front of that" + wayOut,
		},
		"a process that is stopped": {
			scene{rule: "auto", targets: one, stopped: worker},
			"no process waits on 0.0.0.0:8080; pid 11 is stopped by a signal, as one is that uses the terminal from the background (SIGTTIN, SIGTTOU): give the command </dev/null, or kill -CONT it" + wayOut,
		},
		"a Unix socket": {
			scene{rule: "auto", targets: two, seen: from(0, waitingOn(web))},
			"no process waits on /run/app.sock; /run/app.sock: a Unix socket (AF_UNIX), where many servers take TCP only; if it serves all the same, write --ready=accept:0.0.0.0:8080, interval or notify",
		},
		"none of two": {
			scene{rule: "accept", targets: []Target{web, {Inode: 3, Name: "8081"}}},
			"no process waits on 0.0.0.0:8080, 8081; if it serves all the same, write --ready=accept:SOCKET for the one that it takes, interval or notify",
		},
		"accept has no way round": {
			scene{rule: "accept", targets: one, seen: from(0, denied11)},
			"no process waits on 0.0.0.0:8080; " + deniedText + wayOut,
		},
		"nobody to look at": {
			scene{rule: "auto", targets: one, err: errors.New("too many")},
			"no process waits on 0.0.0.0:8080; cannot list its processes: too many" + wayOut,
		},
		"connections that cannot be seen": {
			scene{rule: "auto", targets: one, seen: from(0, Seen{ConnectedErr: errors.New("no sock_diag")})},
			"no process waits on 0.0.0.0:8080; no sock_diag" + wayOut,
		},
		"accept without a stream socket": {
			scene{rule: "accept"}, "no stream socket was handed over that a process could wait on" + wayOut,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if o, at, why := test.watch(t); why != test.want {
				t.Errorf("got %q\nwant %q\n%+v after %v", why, test.want, o, at)
			}
		})
	}
}

func TestWatchDoesNotLookForMoreThanItNeeds(t *testing.T) {
	s := scene{rule: "auto", targets: []Target{web}, seen: from(0, waitingOn(web))}
	if s.watch(t); s.looks != 1 {
		t.Errorf("%d looks, want one", s.looks)
	}
	s = scene{rule: "notify", targets: []Target{web}, said: time.Second}
	if s.watch(t); s.looks != 0 {
		t.Errorf("%d looks, want none", s.looks)
	}
	s = scene{rule: "accept", targets: []Target{web}, seen: from(10*time.Second, waitingOn(web))}
	if s.watch(t); s.looks > 10_000 {
		t.Errorf("%d looks in 10 s", s.looks)
	}
}

func TestPause(t *testing.T) {
	for cost, want := range map[time.Duration]time.Duration{
		0: time.Millisecond, 50 * time.Microsecond: time.Millisecond, 500 * time.Microsecond: 4 * time.Millisecond,
		900 * time.Microsecond: 5 * time.Millisecond, time.Millisecond: 8 * time.Millisecond,
		10 * time.Millisecond: 50 * time.Millisecond, time.Second: 50 * time.Millisecond,
	} {
		if got := pauseAfter(cost); got != want {
			t.Errorf("after %v: %v, want %v", cost, got, want)
		}
	}
}

// With no interval, what cannot be looked at must still be no passing helper.
func TestWatchSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		w := parsed(t, "auto").watch(Subject{
			Processes: func() ([]int, error) { return []int{leader}, nil },
			Targets:   []Target{web}, Spawned: begun,
		}, senses{
			look:    func([]int, []Target) Seen { return denied11 },
			follows: func() bool { return false },
		})
		go w.run(t.Context())
		if o := <-w.Ready(); o.Note == "" || time.Since(begun) != 200*time.Millisecond {
			t.Errorf("%+v after %v", o, time.Since(begun))
		}
	})
}

// With no interval, the first look decides.
func TestWatchIsQuick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		w := parsed(t, "accept").watch(Subject{
			Processes: func() ([]int, error) { return []int{leader}, nil },
			Targets:   []Target{web}, Spawned: begun,
		}, senses{look: func([]int, []Target) Seen { return waitingOn(web) }})
		go w.run(t.Context())
		if o := <-w.Ready(); o.How != "seen waiting on 0.0.0.0:8080" || time.Since(begun) != 0 {
			t.Errorf("%+v after %v", o, time.Since(begun))
		}
	})
}

func TestWhyIsForAnyGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := parsed(t, "accept").watch(Subject{
			Processes: func() ([]int, error) { return []int{leader}, nil }, Targets: []Target{web}, Spawned: time.Now(),
		}, senses{
			look:      func([]int, []Target) Seen { return denied11 },
			listeners: func([]int, []Target) ([]Listener, error) { return []Listener{{"a", 1}}, nil },
			program:   func(int) string { return "" },
		})
		go w.run(ctx)
		for range 100 {
			time.Sleep(7 * time.Millisecond)
			if why := w.Why(); !strings.HasPrefix(why, "no process waits on 0.0.0.0:8080") {
				t.Error(why)
			}
		}
		cancel()
		if _, ok := <-w.Ready(); ok {
			t.Error("ready at the end")
		}
	})
}
