package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// program is a command under test: sdbridge, or what becomes it.
type program struct {
	*transcript

	t      *testing.T
	cmd    *exec.Cmd
	mark   string // stands in the environment of all that it starts
	exited chan struct{}
}

// quick are the settings of a bridge that need not be the ones of real life.
var quick = []string{"run", "--ready=interval", "--interval=100ms", "--kill-old-delay=100ms", "--drain-timeout=20s"}

// startBridge runs `sdbridge run` with quick settings, which args may override.
func startBridge(t *testing.T, args ...string) *program {
	t.Helper()
	return start(t, nil, sdbridge(t, args...)...)
}

// sdbridge is the command line of startBridge.
func sdbridge(t *testing.T, args ...string) []string {
	t.Helper()
	return append(append([]string{binary(t, "sdbridge")}, quick...), args...)
}

// startStarter runs `start_server`.
func startStarter(t *testing.T, args ...string) *program {
	t.Helper()
	return start(t, nil, append([]string{binary(t, "start_server")}, args...)...)
}

// startActivated runs sdbridge as systemd would, with sockets of its own.
func startActivated(t *testing.T, addresses string, args ...string) *program {
	t.Helper()
	return start(t, nil, append([]string{binary(t, "act"), addresses, "--"}, sdbridge(t, args...)...)...)
}

// start runs argv in a session of its own, with env added to the environment.
// At the test's end it is stopped, and nothing of it may be left.
func start(t *testing.T, env []string, argv ...string) *program {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	p := &program{
		t: t, mark: fmt.Sprintf("SDBRIDGE_TEST=%s-%d", t.Name(), time.Now().UnixNano()),
		transcript: transcribe(t, read), exited: make(chan struct{}),
	}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Env = append(append(os.Environ(), p.mark), env...)
	p.cmd.Stdout, p.cmd.Stderr = write, write
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.cleanUp)
	return p
}

func (p *program) pid() int { return p.cmd.Process.Pid }

func (p *program) signal(sig unix.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Errorf("cannot send %v: %v", sig, err)
	}
}

func (p *program) hup() { p.t.Helper(); p.signal(unix.SIGHUP) }

// wait waits for the end and returns the exit status, negative for a signal.
func (p *program) wait() int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patienceOfTests):
		p.t.Fatal("it does not end")
	}
	await(p.t, "its last words", func() bool { return p.complete() || len(p.own()) > 0 })
	status := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal())
	}
	return status.ExitStatus()
}

// stop tells it to stop by TERM, which must end it with status 0.
func (p *program) stop() {
	p.t.Helper()
	p.signal(unix.SIGTERM)
	p.wantExit(0)
}

func (p *program) wantExit(want int) {
	p.t.Helper()
	if got := p.wait(); got != want {
		p.t.Errorf("exit status %d, want %d", got, want)
	}
}

// up waits until a generation of `run` is current.
func (p *program) up(generation int) {
	p.t.Helper()
	if generation == 1 {
		p.await("generation is current")
		return
	}
	p.await(fmt.Sprintf("swap committed: generation %d is current", generation))
}

// swap asks for a swap to that generation and waits for it.
func (p *program) swap(generation int) {
	p.t.Helper()
	p.hup()
	p.up(generation)
}

func (p *program) cleanUp() {
	select {
	case <-p.exited:
	default:
		_ = p.cmd.Process.Signal(unix.SIGTERM)
		select {
		case <-p.exited:
		case <-time.After(patienceOfTests):
			p.t.Error("TERM does not end it")
		}
	}
	p.nothingLeft()
	for _, bad := range []string{"DATA RACE", "goroutine "} {
		if p.count(bad) > 0 {
			p.t.Errorf("it said %q", bad)
		}
	}
	if p.t.Failed() {
		p.t.Logf("%s\nsaid:\n%s", strings.Join(p.cmd.Args, " "), p.text())
	}
}
