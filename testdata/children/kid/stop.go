package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/testdata/children/web"
)

// stops are the habits of -on-term; each returns when the process may exit.
var stops = map[string]func(*kid) error{
	"drain":    (*kid).drain,
	"quick":    func(*kid) error { return nil },
	"ignore":   nil,
	"shutdown": func(k *kid) error { return errors.Join(k.shutDown(), k.drain()) },
	"unlink":   func(k *kid) error { return errors.Join(k.drain(), k.unlink()) },
	"fork":     (*kid).leaveCopy,
}

func (k *kid) watchSignals() {
	k.signals = make(chan os.Signal, 64)
	signal.Notify(k.signals, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCONT)
}

func isStop(sig os.Signal) bool {
	return sig == unix.SIGTERM || sig == unix.SIGINT || sig == unix.SIGQUIT
}

// untilTold waits for a stop and does what -on-term says; meanwhile a second
// stop ends the process at once.
func (k *kid) untilTold() error {
	stop := stops[*k.onTerm]
	var done chan error
	childless := k.childless
	for {
		select {
		case err := <-done:
			return err
		case <-childless:
			if done == nil {
				return errors.New("no worker is left")
			}
			childless = nil
		case sig := <-k.signals:
			k.logSignal(sig)
			switch {
			case !isStop(sig) || stop == nil:
			case done != nil:
				return errors.New("told to stop twice: what is left is cut")
			default:
				done = make(chan error, 1)
				go func() { done <- stop(k) }()
			}
		}
	}
}

// logSignal appends one line: "gen=1 pid=4711 TERM".
func (k *kid) logSignal(sig os.Signal) {
	if *k.logSignals == "" {
		return
	}
	file, err := os.OpenFile(*k.logSignals, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		log.Print(err)
		return
	}
	defer file.Close()
	name := strings.TrimPrefix(unix.SignalName(sig.(syscall.Signal)), "SIG")
	_, _ = fmt.Fprintf(file, "%s %s\n", strings.TrimSpace(web.Line()), name)
}

func (k *kid) drain() error {
	if k.server == nil {
		return k.stopWorkers()
	}
	k.server.Drain()
	return nil
}

// shutDown ends the sockets for every process that holds them (shutdown(2)).
func (k *kid) shutDown() error {
	for _, socket := range k.sockets {
		if err := unix.Shutdown(socket.FD, unix.SHUT_RD); err != nil {
			return fmt.Errorf("cannot shut down %q: %w", socket.Name, err)
		}
	}
	return nil
}

// unlink removes the files of the Unix sockets, as if it had made them.
func (k *kid) unlink() error {
	for _, socket := range k.sockets {
		address, err := unix.Getsockname(socket.FD)
		if err != nil {
			return err
		}
		if address, ok := address.(*unix.SockaddrUnix); ok {
			if err := os.Remove(address.Name); err != nil {
				log.Print(err)
			}
		}
	}
	return nil
}

// leaveCopy starts a process that serves on with the same code, and goes.
func (k *kid) leaveCopy() error {
	_, err := k.spawn(roleCopy)
	return errors.Join(err, k.drain())
}
