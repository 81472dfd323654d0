// Package bridge runs a child behind sockets that it was handed, and swaps it.
//
// The invariant: one goroutine, the loop, owns the state. Everything else (a
// timer, a file that is read, a process that is spawned, a walk through /proc)
// happens elsewhere and comes back to the loop as a call of its own; so nothing
// that hangs can stop the loop from obeying TERM. Only the loop reaps, and only
// it signals a leader, so that no pid can have been reused.
//
// What is decided stands in [machine]: an event goes in, actions come out, and
// perform.go carries them out.
//
//	b := bridge.New(bridge.Config{
//		Launch:   launch.Spec{Command: []string{"./app"}, Sockets: sockets},
//		Interval: time.Second,
//		...
//	})
//	exit := b.Run(bridge.Listen())
package bridge
