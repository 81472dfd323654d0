package bridge

import (
	"os"
	"os/signal"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// beChild in its environment makes the test binary a child that serves until it
// is told to go.
const beChild = "SDBRIDGE_TEST_CHILD=1"

func TestMain(m *testing.M) {
	process.TrampolineMain(os.Args, os.Environ())
	if _, ok := os.LookupEnv("SDBRIDGE_TEST_CHILD"); ok {
		term := make(chan os.Signal, 1)
		signal.Notify(term, unix.SIGTERM)
		select {
		case <-term:
		case <-time.After(time.Minute): // the test has died
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// One swap and the end, with real processes and signals.
func TestRealSwap(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	notices := make(chan Notice, 100)
	c := runRules()
	c.Interval, c.Probation = time.Millisecond, time.Millisecond
	c.Launch = launch.Spec{
		Command: []string{self},
		Base:    []string{beChild, "GORACE=atexit_sleep_ms=0"}, // -race sleeps for a second
		Sockets: listener(t),
	}
	c.Log = func(n Notice) { notices <- n }
	exit := make(chan int, 1)
	go func() { exit <- New(c).Run(Listen()) }()
	if n := await[Promoted](t, notices); n.Generation != 1 || n.Former.Generation != 0 {
		t.Errorf("first promoted: %+v", n)
	}
	kill(t, unix.SIGHUP)
	if n := await[Promoted](t, notices); n.Generation != 2 || n.Former.Generation != 1 {
		t.Errorf("then promoted: %+v", n)
	}
	if n := await[Ended](t, notices); n.Generation != 1 || n.Phase != machine.Draining {
		t.Errorf("ended: %+v", n)
	}
	kill(t, unix.SIGTERM)
	if status := <-exit; status != 0 {
		t.Errorf("exit status %d", status)
	}
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("a child is left: %v", err)
	}
}

// await returns the next notice of that kind.
func await[N Notice](t *testing.T, notices <-chan Notice) N {
	t.Helper()
	for {
		select {
		case n := <-notices:
			if n, ok := n.(N); ok {
				return n
			}
		case <-time.After(time.Minute):
			t.Fatalf("no %T", *new(N))
		}
	}
}

func kill(t *testing.T, sig unix.Signal) {
	t.Helper()
	if err := unix.Kill(os.Getpid(), sig); err != nil {
		t.Fatal(err)
	}
}

// listener is a listening socket as the bridge hands it on.
func listener(t *testing.T) []launch.Descriptor {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 1); err != nil {
		t.Fatal(err)
	}
	return []launch.Descriptor{{From: fd, To: 3, Entry: "127.0.0.1:0"}}
}

func TestStreamSocketsAloneAreTargets(t *testing.T) {
	stream := listener(t)[0]
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	got := targets([]launch.Descriptor{{From: pair[0]}, stream, {From: -1}})
	if len(got) != 1 || got[0].Name != stream.Entry {
		t.Errorf("targets %+v", got)
	}
}

func TestFloodOfHupsLeavesRoomForTheOthers(t *testing.T) {
	s := Listen() // and never stops: one that is delivered late must not kill the test
	for range 1000 {
		kill(t, unix.SIGHUP)
	}
	for _, sig := range []unix.Signal{unix.SIGCHLD, unix.SIGTERM, unix.SIGINT, unix.SIGUSR1, unix.SIGPIPE} {
		kill(t, sig)
	}
	for _, c := range []chan os.Signal{s.child, s.hup, s.stop, s.stop, s.other} {
		select {
		case <-c:
		case <-time.After(time.Minute):
			t.Fatal("a signal was lost")
		}
	}
}
