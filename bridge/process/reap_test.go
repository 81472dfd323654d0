package process

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReap(t *testing.T) {
	leaveNothing(t)
	pid, input := start(t, cat(t))
	if dead, ok, err := NextDead(); ok || err != nil {
		t.Errorf("process %d is dead (%v), want none", dead, err)
	}
	if exit, ok, err := Reap(pid); ok || err != nil {
		t.Errorf("%v (%v) while it lives", exit, err)
	}
	input.close()
	for range 2 { // to look is not to reap
		await(t, "its end", func() bool {
			dead, ok, err := NextDead()
			if err != nil || ok && dead != pid {
				t.Fatalf("process %d is dead (%v), want %d", dead, err, pid)
			}
			return ok
		})
	}
	if exit, ok, err := Reap(pid); !ok || err != nil || !exit.Clean() {
		t.Errorf("%v, %v, %v", exit, ok, err)
	}
	if dead, ok, err := NextDead(); ok || err != nil {
		t.Errorf("process %d is dead (%v), want none", dead, err)
	}
	if _, ok, err := Reap(pid); ok || !errors.Is(err, unix.ECHILD) {
		t.Errorf("%v, want ECHILD", err)
	}
}

func TestReapOnlyByPID(t *testing.T) {
	for _, pid := range []int{0, -1, -unix.Getpgrp()} {
		if _, ok, err := Reap(pid); ok || !errors.Is(err, unix.EINVAL) {
			t.Errorf("%d: %v, %v", pid, ok, err)
		}
	}
}

func TestReapFailure(t *testing.T) {
	fake(t, func(s *sys) {
		s.waitid = func(int, int, *unix.Siginfo, int, *unix.Rusage) error { return unix.ENOSYS }
		s.wait4 = func(int, *unix.WaitStatus, int, *unix.Rusage) (int, error) { return -1, unix.ENOSYS }
	})
	if _, ok, err := NextDead(); ok || !errors.Is(err, unix.ENOSYS) {
		t.Errorf("%v, %v", ok, err)
	}
	if _, ok, err := Reap(1); ok || !errors.Is(err, unix.ENOSYS) {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestExit(t *testing.T) {
	for _, test := range []struct {
		status unix.WaitStatus
		want   Exit
		text   string
	}{
		{0, Exit{}, "exited 0"},
		{255 << 8, Exit{Code: 255, Status: 65280}, "exited 255"},
		{9, Exit{Signal: unix.SIGKILL, Status: 9}, "killed by SIGKILL"},
		{11 | 0x80, Exit{Signal: unix.SIGSEGV, CoreDump: true, Status: 139}, "killed by SIGSEGV (core dumped)"},
		{40, Exit{Signal: 40, Status: 40}, "killed by signal 40"},
	} {
		got := exitOf(test.status)
		if got != test.want || got.String() != test.text || got.Clean() != (test.status == 0) {
			t.Errorf("%d: %+v, %q", test.status, got, got)
		}
	}
}
