package bridge

import (
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// Signals are what the kernel tells the bridge. Each has a channel of its own,
// so that a flood of one cannot crowd out another; one place in it is enough,
// for SIGHUPs are coalesced and the dead are all looked for at each SIGCHLD.
type Signals struct {
	child chan os.Signal
	hup   chan os.Signal
	stop  chan os.Signal
	other chan os.Signal
}

// Listen starts to take the signals in. Until then, TERM ends the process and so
// does HUP: whoever can know the pid must not be able to send one sooner.
func Listen() *Signals {
	s := &Signals{
		child: make(chan os.Signal, 1),
		hup:   make(chan os.Signal, 1),
		stop:  make(chan os.Signal, 4),
		other: make(chan os.Signal, 1),
	}
	signal.Notify(s.child, unix.SIGCHLD)
	signal.Notify(s.hup, unix.SIGHUP)
	signal.Notify(s.stop, unix.SIGTERM, unix.SIGINT, unix.SIGQUIT)
	signal.Notify(s.other, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR)
	signal.Ignore(unix.SIGPIPE, unix.SIGTTOU) // who reads our log may go away
	return s
}
