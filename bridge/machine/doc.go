// Package machine holds the supervisor's decisions and nothing else.
//
// The invariant: there is at most one current generation and one candidate,
// and a living current one is told to go only in the step that makes another
// living one current, or when the bridge was asked to stop.
//
// [Step] is a pure function: no clock, goroutine, file or process. Timers leave
// as actions and come back as events that name generation and phase, so that a
// stale one is recognised and ignored.
//
//	s := machine.New(machine.Rules{OnHup: 15, OnTerm: 15})
//	s, actions := machine.Step(s, machine.Event{Kind: machine.Reload}) // boot
//	// actions: spawn 1, arm 1 starting
package machine
