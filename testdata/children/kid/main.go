// Kid is the child with every bad habit, one flag for each. It answers every
// request with "gen=3 pid=4711". Without flags it behaves as plain does.
//
// Further flags are read from KID_FLAGS, so that an environment file can give
// the next generation other habits.
//
// TERM, INT and QUIT tell it to stop; the second of them cuts what is left, as
// in many servers. Other signals are only logged.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/cmd/seconds"
	"github.com/sdbridge/sdbridge/testdata/children/handed"
	"github.com/sdbridge/sdbridge/testdata/children/web"
)

type kid struct {
	boot, dieAfter, work    *time.Duration
	failIf, env, logSignals *string
	onTerm, mode, ownPort   *string
	announce, notify        *string
	workers, pings          *int
	helper, daemonize       *bool

	role      string
	signals   chan os.Signal
	sockets   []handed.Socket
	server    *web.Server   // nil in a leader of workers
	pool      []*os.Process // its workers
	childless chan struct{} // closed when the last worker is gone
}

func parse(args []string) (*kid, error) {
	f := flag.NewFlagSet("kid", flag.ExitOnError)
	k := &kid{
		boot:       seconds.Flag(f, "boot", "take this long before serving"),
		dieAfter:   seconds.Flag(f, "die-after", "exit 1 when this old"),
		work:       seconds.Flag(f, "work", "take this long for each request"),
		failIf:     f.String("fail-if", "", "exit 3 at once if this `FILE` exists"),
		onTerm:     f.String("on-term", "drain", "what to do when told to stop: drain, quick, ignore, shutdown, unlink or fork"),
		mode:       f.String("mode", "poll", "how to wait for connections: poll (sets O_NONBLOCK) or block (in accept, sets nothing)"),
		logSignals: f.String("log-signals", "", "append each signal to `FILE`"),
		env:        f.String("env", "", "write the environment to `FILE`"),
		ownPort:    f.String("own-port", "", "bind this `ADDR` and leave what was handed over alone"),
		announce:   f.String("announce", "", "send this `MESSAGE` to NOTIFY_SOCKET before booting"),
		notify:     f.String("notify", "", "send this `MESSAGE` to NOTIFY_SOCKET when serving"),
		workers:    f.Int("workers", 0, "let `N` workers accept, and not the leader"),
		pings:      f.Int("pings", 0, "send WATCHDOG=1 `N` times at half of WATCHDOG_USEC"),
		helper:     f.Bool("helper", false, "start a sleep that inherits the sockets"),
		daemonize:  f.Bool("daemonize", false, "go on in a session of its own while the leader exits 0"),
		role:       os.Getenv(roleVariable),
		childless:  make(chan struct{}),
	}
	_ = f.Parse(append(args, strings.Fields(os.Getenv("KID_FLAGS"))...))
	if *k.mode != "poll" && *k.mode != "block" {
		return nil, fmt.Errorf("-mode %s: no such mode", *k.mode)
	}
	if _, ok := stops[*k.onTerm]; !ok {
		return nil, fmt.Errorf("-on-term %s: no such habit", *k.onTerm)
	}
	return k, nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix(fmt.Sprintf("kid %d: ", os.Getpid()))
	k, err := parse(os.Args[1:])
	if err == nil {
		err = k.run()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run is the life of a process in any role.
func (k *kid) run() error {
	k.watchSignals()
	sockets, err := handed.Sockets(os.LookupEnv, os.Getpid())
	if err != nil {
		return err
	}
	k.sockets = sockets
	switch k.role {
	case roleWorker, roleCopy:
		err = k.serve()
	case roleDaemon:
		err = k.start()
	default:
		k.failOnRequest()
		if *k.daemonize {
			_, err := k.spawn(roleDaemon)
			return err
		}
		err = k.start()
	}
	if err != nil {
		return err
	}
	return k.untilTold()
}

func (k *kid) failOnRequest() {
	if *k.failIf == "" {
		return
	}
	if _, err := os.Stat(*k.failIf); err == nil {
		log.Printf("%s exists", *k.failIf)
		os.Exit(3)
	}
}

// start brings up the process that stays: the leader, or the daemon after it.
func (k *kid) start() error {
	if *k.dieAfter > 0 {
		time.AfterFunc(*k.dieAfter, func() { log.Fatal("died, as asked by -die-after") })
	}
	if err := k.writeEnvironment(); err != nil {
		return err
	}
	k.send(*k.announce)
	if *k.helper {
		if err := k.startHelper(); err != nil {
			return err
		}
	}
	if err := k.takeTime(); err != nil {
		return err
	}
	serve := k.serve
	if *k.workers > 0 {
		serve = k.lead
	}
	if err := serve(); err != nil {
		return err
	}
	k.send(*k.notify)
	go k.ping()
	return nil
}

// takeTime boots slowly, but not deafly.
func (k *kid) takeTime() error {
	done := time.After(*k.boot)
	for {
		select {
		case <-done:
			return nil
		case sig := <-k.signals:
			k.logSignal(sig)
			if isStop(sig) && *k.onTerm != "ignore" {
				return errors.New("told to stop while booting")
			}
		}
	}
}

// writeEnvironment is whole or not at all: a test waits for the file.
func (k *kid) writeEnvironment() error {
	if *k.env == "" {
		return nil
	}
	temporary := fmt.Sprintf("%s.%d", *k.env, os.Getpid())
	text := strings.Join(os.Environ(), "\n") + "\n"
	if err := os.WriteFile(temporary, []byte(text), 0o666); err != nil {
		return err
	}
	return os.Rename(temporary, *k.env)
}
