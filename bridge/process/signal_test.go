package process

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestSignalNumber(t *testing.T) {
	for name, want := range map[string]unix.Signal{
		"TERM": unix.SIGTERM, "term": unix.SIGTERM, "SIGTERM": unix.SIGTERM, "sigterm": unix.SIGTERM,
		"HUP": unix.SIGHUP, "QUIT": unix.SIGQUIT, "USR1": unix.SIGUSR1, "Usr2": unix.SIGUSR2, "CONT": unix.SIGCONT,
		"WINCH": unix.SIGWINCH, "CLD": unix.SIGCHLD, "sigpoll": unix.SIGIO,
		"15": unix.SIGTERM, "1": unix.SIGHUP, "64": 64,
	} {
		if got, err := SignalNumber(name); got != want || err != nil {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "SIG", "TERMINATE", "0", "-9", "65", "+1", "SIG9", "SIGSIGTERM", " TERM"} {
		got, err := SignalNumber(name)
		if err == nil || got != 0 {
			t.Errorf("%q: %v, no error", name, got)
		} else if !strings.Contains(err.Error(), "USR1") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestSignalName(t *testing.T) {
	for sig := unix.Signal(1); sig <= signals; sig++ {
		if got, err := SignalNumber(SignalName(sig)); got != sig || err != nil {
			t.Errorf("%d is %q is %d, %v", sig, SignalName(sig), got, err)
		}
	}
	if got := SignalName(unix.SIGTERM); got != "TERM" {
		t.Error(got)
	}
}

func FuzzSignalNumber(f *testing.F) {
	f.Add("SIGTERM")
	f.Add("9")
	f.Fuzz(func(t *testing.T, name string) {
		sig, err := SignalNumber(name)
		if (err == nil) != (1 <= sig && sig <= signals) {
			t.Errorf("%q: %d, %v", name, sig, err)
		}
	})
}

// To kill(2), 0 and -1 are the bridge itself and everyone.
func TestSignalIsForOne(t *testing.T) {
	fake(t, func(s *sys) {
		s.kill = func(pid int, _ unix.Signal) error { t.Errorf("kill %d", pid); return nil }
	})
	for _, pid := range []int{0, -1, -5} {
		if err := Signal(pid, unix.SIGTERM); !errors.Is(err, unix.EINVAL) {
			t.Errorf("process %d: %v", pid, err)
		}
	}
	for _, group := range []int{0, 1, -1, -5} {
		if err := SignalGroup(group, unix.SIGTERM); !errors.Is(err, unix.EINVAL) {
			t.Errorf("group %d: %v", group, err)
		}
	}
}

func TestSignals(t *testing.T) {
	leaveNothing(t)
	for name, send := range map[string]func(p Process) error{
		"child":   func(p Process) error { return Signal(p.PID, unix.SIGINT) },
		"group":   func(p Process) error { return SignalGroup(p.Group, unix.SIGINT) },
		"checked": func(p Process) error { return SignalChecked(p, unix.SIGINT) },
	} {
		t.Run(name, func(t *testing.T) {
			c := cat(t)
			c.Group = true
			pid, _ := start(t, c)
			p, err := readStat(pid, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := send(p); err != nil {
				t.Error(err)
			}
			if exit := ended(t, pid); exit.Signal != unix.SIGINT {
				t.Error(exit)
			}
			if err := send(p); !errors.Is(err, unix.ESRCH) {
				t.Errorf("%v after its end, want ESRCH", err)
			}
		})
	}
}

func TestSignalCheckedRefusesAnother(t *testing.T) {
	leaveNothing(t)
	p, err := readStat(os.Getpid(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := SignalChecked(p, 0); err != nil {
		t.Error(err)
	}
	p.Start++
	err = SignalChecked(p, unix.SIGKILL)
	if !errors.Is(err, unix.ESRCH) || !strings.HasPrefix(err.Error(), "cannot send KILL to process ") {
		t.Errorf("%v, want ESRCH", err)
	}
	for errno, change := range map[unix.Errno]func(*sys){
		unix.EMFILE: func(s *sys) { s.pidfdOpen = func(int, int) (int, error) { return -1, unix.EMFILE } },
		unix.EIO:    func(s *sys) { s.readProc = func(int, string, []byte) ([]byte, error) { return nil, unix.EIO } },
		unix.ESRCH:  func(s *sys) { s.readProc = func(int, string, []byte) ([]byte, error) { return nil, unix.ESRCH } },
	} {
		t.Run(errno.Error(), func(t *testing.T) {
			fake(t, change)
			fake(t, func(s *sys) {
				s.pidfdSend = func(int, unix.Signal, *unix.Siginfo, int) error { t.Error("it was sent"); return nil }
			})
			if err := SignalChecked(p, unix.SIGTERM); !errors.Is(err, errno) {
				t.Errorf("%v, want %v", err, errno)
			}
		})
	}
}
