package activation

import (
	"errors"
	"strings"
	"testing"
)

// lookup is os.LookupEnv of a process that has nothing but these NAME=value.
func lookup(env ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, line := range env {
			if n, value, _ := strings.Cut(line, "="); n == name {
				return value, true
			}
		}
		return "", false
	}
}

// wantEnvError checks for an EnvError with just this text; "" wants none.
func wantEnvError(t *testing.T, err error, text string) {
	t.Helper()
	if text == "" {
		if err != nil {
			t.Errorf("error = %v", err)
		}
		return
	}
	var env *EnvError
	if !errors.As(err, &env) || err.Error() != text {
		t.Errorf("error = %v\nwant    %s", err, text)
	}
}

func TestScrubbed(t *testing.T) {
	for _, name := range []string{
		"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "NOTIFY_SOCKET",
		"WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE", "MAINPID", "MAINPIDFDID", "SYSTEMD_EXEC_PID",
		"LSS2_SOCKET_TYPES", "SERVER_STARTER_PORT", "SERVER_STARTER_GENERATION",
	} {
		if !Scrubbed(name) {
			t.Errorf("%s is inherited", name)
		}
	}
	for _, name := range []string{"", "PATH", "LISTEN", "LISTEN_ADDR", "listen_fds", "INVOCATION_ID", "JOURNAL_STREAM"} {
		if Scrubbed(name) {
			t.Errorf("%s is not inherited", name)
		}
	}
}

func TestEnvErrorIsShort(t *testing.T) {
	err := &EnvError{Var: "X", Value: strings.Repeat("é", 1<<16), Problem: "is bad", Remedy: "mend it"}
	if n := len(err.Error()); n > 300 {
		t.Errorf("a message of %d bytes", n)
	}
}

func TestFitting(t *testing.T) {
	longest := strings.Repeat("x", 128*1024-len("SERVER_STARTER_PORT=")-1)
	if got, err := fitting(StarterPort, longest); got != longest || err != nil {
		t.Errorf("the longest value is refused: %v", err)
	}
	got, err := fitting(StarterPort, longest+"x")
	if got != "" {
		t.Error("a value beside the error")
	}
	wantEnvError(t, err, `SERVER_STARTER_PORT: "`+strings.Repeat("x", 120)+
		`…" is too long: one variable can have 131072 bytes; hand over fewer sockets with --select`)
}
