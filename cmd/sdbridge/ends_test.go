package main

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// A child that stops sending WATCHDOG=1 is replaced beside itself.
func TestWatchdogOfTheChild(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t)
	l.habits("-pings=3")
	l.run("--port", addr, "--watchdog=2s")
	l.up(1)
	running := clients(t, addr)
	l.await("did not send WATCHDOG=1 for 2s; starting a replacement beside it")
	l.up(2)
	awaitAnswers(t, running, 2)
	noneLost(t, running)
	l.wantNoText("ended unasked")
}

// What a generation still had to do when it was killed tells how long
// --drain-timeout should be.
func TestDrainTimeoutTellsWhatItCut(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr, "--drain-timeout=1s")
	l.up(1)
	pid := ask(t, addr).pid
	for range 3 {
		hold(t, addr, pid)
	}
	l.commits("--wait=drained")
	l.find(`(msg="generation did not go in time and is killed" generation=1 .*established_connections=3)`)
	wantGeneration(t, addr, 2)
}

// Any number of generations drain beside each other, each in its own time.
func TestFiveDrainingGenerations(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr, "--interval=0", "--kill-old-delay=0", "--drain-timeout=0")
	l.up(1)
	var finish []func() answer
	for generation := range 5 {
		finish = append(finish, hold(t, addr, wantGeneration(t, addr, generation+1).pid))
		l.commits()
	}
	want := func(draining ...int) {
		t.Helper()
		want := fmt.Sprint(draining)
		await(t, "draining "+want, func() bool { return fmt.Sprint(drainingOf(l.report())) == want })
	}
	want(1, 2, 3, 4, 5)
	l.wantStatus(0, "generation 6")
	if got := finish[2](); got.generation != 3 {
		t.Errorf("generation 3 had the request, %+v answered", got)
	}
	want(1, 2, 4, 5)
	for _, i := range []int{0, 1, 3, 4} {
		finish[i]()
	}
	want()
}

func drainingOf(s report.Status) (numbers []int) {
	for _, g := range s.Generations {
		if g.Phase == machine.Draining {
			numbers = append(numbers, g.Number)
		}
	}
	return numbers
}

// With --idle-exit a child that has nothing to do may end the bridge; one that
// dies is replaced.
func TestIdleExit(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr, "--idle-exit")
	l.up(1)
	_ = unix.Kill(ask(t, addr).pid, unix.SIGKILL)
	l.awaitCount(2, `msg="generation is current"`)
	_ = unix.Kill(ask(t, addr).pid, unix.SIGTERM) // upon which it exits 0
	l.wantExit(0)
}
