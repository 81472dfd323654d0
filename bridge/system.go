package bridge

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/bridge/ready"
)

// system is all that the loop asks of the world outside of it. Those marked
// "slow" may hang and run outside the loop; tests replace them.
type system struct {
	prepare     func(launch.Spec) (launch.Launch, error)         // slow
	usable      func(launch.Launch) error                        // slow
	spawn       func(process.Command) (int, func() error, error) // slow; so is what it returns, the wait for the exec
	newCensus   func() census
	notify      func(path string, allowed func(uint32) bool) (notifySocket, error) // slow
	watch       func(context.Context, ready.Rule, ready.Subject, notifySocket) watch
	waiting     func(pids []int, targets []ready.Target) map[int]bool           // slow
	established func(pids []int, targets []ready.Target) (int, error)           // slow
	elsewhere   func(pids []int, targets []ready.Target) []string               // slow
	unserved    func(r ready.Rule, pids []int, targets []ready.Target) []string // slow
	stopped     func(pid int) bool                                              // slow
	targets     func([]launch.Descriptor) []ready.Target
	subreaper   func() error
	nextDead    func() (pid int, ok bool, err error)
	reap        func(pid int) (exit process.Exit, ok bool, err error)

	signal        func(pid int, sig unix.Signal) error
	signalGroup   func(group int, sig unix.Signal) error
	signalChecked func(p process.Process, sig unix.Signal) error
}

// census is a [process.Census]: slow, and one at a time.
type census func(leaders []process.Leader, quick bool) (process.Found, error)

func newSystem() system {
	return system{
		prepare:     launch.Spec.Prepare,
		usable:      launch.Launch.Usable,
		spawn:       spawn,
		newCensus:   func() census { return new(process.Census).Look },
		notify:      listen,
		watch:       startWatch,
		waiting:     waiting,
		established: ready.Established,
		elsewhere:   elsewhere,
		unserved:    ready.Rule.Unserved,
		stopped:     process.Stopped,
		targets:     targets,
		subreaper:   process.Subreaper,
		nextDead:    process.NextDead,
		reap:        process.Reap,

		signal:        process.Signal,
		signalGroup:   process.SignalGroup,
		signalChecked: process.SignalChecked,
	}
}

func spawn(c process.Command) (int, func() error, error) {
	s, err := process.Spawn(c)
	if err != nil {
		return 0, nil, err
	}
	return s.PID, s.Launched, nil
}

func listen(path string, allowed func(uint32) bool) (notifySocket, error) {
	n, err := ready.Listen(path, allowed)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func startWatch(ctx context.Context, r ready.Rule, s ready.Subject, n notifySocket) watch {
	own, _ := n.(*ready.Notify) // nil without one
	return r.Watch(ctx, s, own)
}

// waiting returns the pids that are seen waiting on one of the targets.
func waiting(pids []int, targets []ready.Target) map[int]bool {
	seen := map[int]bool{}
	for _, on := range ready.Look(pids, targets).Waiting {
		for _, pid := range on {
			seen[pid] = true
		}
	}
	return seen
}

// elsewhere returns the addresses that these processes listen on beside the
// targets; none where one may not look.
func elsewhere(pids []int, targets []ready.Target) []string {
	listeners, _ := ready.Elsewhere(pids, targets)
	var addresses []string
	for _, l := range listeners {
		addresses = append(addresses, l.Addr)
	}
	return addresses
}

// targets are the stream sockets among what is handed on.
func targets(all []launch.Descriptor) []ready.Target {
	var streams []ready.Target
	for _, d := range all {
		if s, err := activation.Inspect(d.From); err != nil || !s.Kind.Stream() {
			continue
		}
		if t, err := ready.TargetOf(d.From, d.Entry); err == nil {
			streams = append(streams, t)
		}
	}
	return streams
}
