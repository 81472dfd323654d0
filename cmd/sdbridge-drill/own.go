package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// own is a bridge that was started for the drill.
type own struct {
	cmd    *exec.Cmd
	dir    string // with its control socket and its log
	exited chan struct{}
}

func (p *plan) openOwn(ctx context.Context, stderr io.Writer) (*service, error) {
	addr, err := p.toBind()
	if err != nil {
		return nil, err
	}
	program, err := findBridge()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sdbridge-drill-")
	if err != nil {
		return nil, refuse(exitUnavailable, "cannot make a directory for the bridge: %w", err)
	}
	o := &own{dir: dir, exited: make(chan struct{})}
	s := &service{control: filepath.Join(dir, "control"), addr: addr, flags: p.bridge, own: o}
	s.swap = s.askForSwap
	o.cmd = exec.Command(program, p.bridgeArgs(s)...)
	if err := o.start(p.verbose, stderr); err != nil {
		_ = os.RemoveAll(dir)
		return nil, refuse(exitUnavailable, "cannot start the bridge: %w", err)
	}
	if err := o.up(ctx, s); err != nil {
		o.stop()
		return nil, err
	}
	return s, nil
}

// findBridge looks beside this program, where packages put it, and in PATH.
func findBridge() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", refuse(exitUnavailable, "cannot find the drill's own place: %w", err)
	}
	for _, place := range []string{"sdbridge", "../../bin/sdbridge"} {
		if path, err := exec.LookPath(filepath.Join(filepath.Dir(self), place)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("sdbridge")
	if err != nil {
		return "", refuse(exitUnavailable, "cannot find sdbridge beside %s or in PATH; install it there (make build makes both)", self)
	}
	return path, nil
}

// toBind is the address that the bridge binds.
func (p *plan) toBind() (string, error) {
	switch {
	case strings.HasPrefix(p.addr, "@"):
		return "", fmt.Errorf("--connect %q: only systemd binds an abstract socket; drill its --unit", p.addr)
	case p.addr != "":
		return p.addr, nil
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", refuse(exitUnavailable, "cannot find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// bridgeArgs has what must be last: of a flag that is given twice, that counts.
func (p *plan) bridgeArgs(s *service) []string {
	kind := "--port"
	if strings.HasPrefix(s.addr, "/") {
		kind = "--path"
	}
	args := append([]string{"run"}, p.bridge...)
	return append(append(args, "--control", s.control, kind, s.addr, "--"), p.command...)
}

// start runs the bridge in a process group of its own: an interrupt from the
// terminal is for the drill, which then stops it. It never outlives the drill.
func (o *own) start(verbose bool, stderr io.Writer) error {
	out := stderr
	if !verbose {
		file, err := os.Create(o.logPath())
		if err != nil {
			return err
		}
		defer file.Close()
		out = file
	}
	o.cmd.Stdout, o.cmd.Stderr = out, out
	o.cmd.WaitDelay = time.Second // for what an orphan may still print
	o.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the signal comes when this thread ends, prctl(2)
		err := o.cmd.Start()
		started <- err
		if err == nil {
			_ = o.cmd.Wait()
			close(o.exited)
		}
	}()
	return <-started
}

// up waits until the first generation is current.
func (o *own) up(ctx context.Context, s *service) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return &refusal{exitInterrupted, errors.New("interrupted before the command served")}
		case <-o.exited:
			return &refusal{o.status(), fmt.Errorf("the bridge ended before the command served%s", o.lastLines())}
		case <-tick.C:
			if s.look(ctx) == nil {
				return nil
			}
		}
	}
}

// status passes on what the bridge refused with.
func (o *own) status() int {
	if code := o.cmd.ProcessState.ExitCode(); code >= exitUsage && code < 128 {
		return code
	}
	return exitFailed
}

func (o *own) logPath() string { return filepath.Join(o.dir, "log") }

// lastLines are those of the bridge and its child.
func (o *own) lastLines() string {
	const most = 10
	text, err := os.ReadFile(o.logPath())
	text = bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\x1b"), nil)) // a terminal obeys the child in nothing
	if err != nil || len(text) == 0 {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	return "; its last lines:\n  " + strings.Join(lines[max(0, len(lines)-most):], "\n  ")
}

// stop lets the bridge drain, then has it kill, then kills it.
func (o *own) stop() {
	defer os.RemoveAll(o.dir)
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGTERM, 10 * time.Second},
		{syscall.SIGINT, 1200 * time.Millisecond}, // a second one counts after a second
		{syscall.SIGINT, 5 * time.Second},
		{syscall.SIGKILL, time.Minute},
	} {
		_ = o.cmd.Process.Signal(step.signal)
		select {
		case <-o.exited:
			return
		case <-time.After(step.wait):
		}
	}
}
