package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// longest is how long one step of a supervisor may take.
const longest = 30 * time.Second

// server is a supervisor that runs with its child.
type server struct {
	variant variant
	addr    string
	pid     int // of the supervisor, or of the child alone
	child   int // of the generation that serves, or is said to
	booted  event
	began   time.Duration // when it was started
	events  *events

	files []*os.File // handed over from 3 on
	cmd   *exec.Cmd
	gone  chan struct{}
	dir   string
	log   string
}

// start starts a supervisor and waits until its child serves.
func start(p *programs, v variant, childFlags ...string) (*server, error) {
	if v.missing != "" {
		return nil, errors.New(v.missing)
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s, err := newServer(v, addr)
	if err != nil {
		return nil, err
	}
	child := append([]string{p.child, "-events=" + s.events.name}, childFlags...)
	if v.notify {
		child = append(child, "-notify")
	}
	if v.command == nil {
		return s, s.launch(append(child, "-listen="+addr))
	}
	return s, s.launch(v.command(v, addr, child, s.dir))
}

func newServer(v variant, addr string) (*server, error) {
	e, err := listenEvents()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sdbridge-bench-")
	return &server{variant: v, addr: addr, events: e, dir: dir, log: filepath.Join(dir, "log")}, err
}

// launch runs the command and waits for its child.
func (s *server) launch(command []string) error {
	err := s.spawn(command)
	if err == nil {
		s.booted, err = s.events.await(longest, "serving", func(int) bool { return true })
	}
	if err != nil {
		defer s.stop()
		return s.explain(err)
	}
	s.child = s.booted.pid
	return nil
}

func (s *server) spawn(command []string) error {
	log, err := os.Create(s.log)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command(command[0], command[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.ExtraFiles = s.files
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a ^C is for us
	s.gone = make(chan struct{})
	s.began = now()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.pid = s.cmd.Process.Pid
	go func() {
		_ = s.cmd.Wait()
		close(s.gone)
	}()
	return nil
}

// explain adds the end of what the supervisor said.
func (s *server) explain(err error) error {
	text, _ := os.ReadFile(s.log)
	return fmt.Errorf("%s: %w; it said: %s", s.variant.title(), err, text[max(0, len(text)-1000):])
}

// swapped says how long after SIGHUP each step came.
type swapped struct {
	serving time.Duration // the new child says that it serves
	answer  time.Duration // first answer of the new child, to a client that asks all the time
	told    time.Duration // the old one got its signal
	ended   time.Duration // the old one was gone
	stuck   bool          // the old one did not go, and was killed
}

// hupPatience is how long a new child may take to serve.
const hupPatience = 15 * time.Second

// errNoEffect is a SIGHUP that no new child follows.
var errNoEffect = errors.New("SIGHUP has no effect")

// swap sends SIGHUP and waits until the old child is gone. With ask a client
// makes requests, one after the other, until the new one answers.
func (s *server) swap(ask bool) (swapped, error) {
	old := s.child
	watch, err := watchEnd(old)
	if err != nil {
		return swapped{}, s.explain(err)
	}
	s.events.forget()
	began := now()
	if err := unix.Kill(s.pid, unix.SIGHUP); err != nil {
		return swapped{}, s.explain(err)
	}
	var w swapped
	var client sync.WaitGroup
	if ask {
		client.Go(func() { w.answer = s.firstAnswer(old) - began })
	}
	type ending struct {
		at   time.Duration
		gone bool
	}
	ended := make(chan ending, 1)
	go func() {
		at, gone := watch.wait(longest)
		ended <- ending{at, gone}
	}()
	err = s.steps(&w, old, began)
	client.Wait()
	if err != nil {
		return w, err
	}
	end := <-ended
	if w.ended, w.stuck = end.at-began, !end.gone; w.stuck {
		_ = unix.Kill(old, unix.SIGKILL)
	}
	return w, nil
}

func (s *server) steps(w *swapped, old int, began time.Duration) error {
	serving, err := s.events.await(hupPatience, "serving", func(pid int) bool { return pid != old })
	if err != nil {
		return s.explain(fmt.Errorf("%w: %w", errNoEffect, err))
	}
	told, err := s.events.await(longest, "signal", func(pid int) bool { return pid == old })
	if err != nil {
		return s.explain(err)
	}
	s.child = serving.pid
	w.serving, w.told = serving.at-began, told.at-began
	return nil
}

// firstAnswer asks until another one than old answers.
func (s *server) firstAnswer(old int) time.Duration {
	for deadline := time.Now().Add(longest); time.Now().Before(deadline); {
		if pid, ok := whoAnswers(s.addr); ok && pid != old {
			break
		}
		time.Sleep(100 * time.Microsecond)
	}
	return now()
}

// own are the processes of the supervisor, without those of its child.
func (s *server) own() []int {
	if s.variant.command == nil {
		return []int{s.pid}
	}
	return append([]int{s.pid}, descendants(s.pid, s.child)...)
}

// stop ends the supervisor and whatever it started.
func (s *server) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		left := descendants(s.pid)
		_ = unix.Kill(s.pid, unix.SIGTERM)
		select {
		case <-s.gone:
		case <-time.After(longest):
			_ = unix.Kill(s.pid, unix.SIGKILL)
			<-s.gone
		}
		killAll(left)
	}
	s.events.close()
	_ = os.RemoveAll(s.dir)
}

// killAll kills those of pids that are still ours: we are the reaper of all that
// lost its parent, so a pid that was given away is not below us.
func killAll(pids []int) {
	below := map[int]bool{}
	for _, pid := range descendants(os.Getpid()) {
		below[pid] = true
	}
	for _, pid := range pids {
		if below[pid] {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
