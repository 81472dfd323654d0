package bridge

import (
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// auto is the state of automatic restarts, --enable-auto-restart.
type auto struct {
	settings Auto
	since    time.Time    // when the timers were armed anew
	next     machine.Kind // AutoDue, then AutoOverdue, then none
}

// envdirPause is how often --envdir is read while automatic restarts are on, for
// its files can change when they are due: Server::Starter wakes up as often.
const envdirPause = time.Second

func (b *Bridge) armAuto() {
	b.auto.since, b.auto.next = time.Now(), machine.AutoDue
	b.awaitAuto()
}

func (b *Bridge) disarmAuto() {
	b.auto.next = machine.NoEvent
	b.timers.stop(timerKey{use: autoTimer})
}

// awaitAuto sets the timer to what comes next.
func (b *Bridge) awaitAuto() {
	if !b.auto.settings.Enabled || b.auto.next == machine.NoEvent {
		b.disarmAuto()
		return
	}
	rest := b.auto.rest()
	if b.rereads() {
		rest = min(rest, envdirPause)
	}
	b.timers.arm(timerKey{use: autoTimer}, rest, b.autoElapsed)
}

// rest is the time until what comes next: due after the interval, overdue after
// twice that.
func (a *auto) rest() time.Duration {
	d := a.settings.Interval
	if a.next == machine.AutoOverdue {
		d *= 2
	}
	return max(0, d-time.Since(a.since))
}

// rereads tells whether --envdir can change the settings while a generation runs.
func (b *Bridge) rereads() bool { return b.config.Overrides != nil && b.config.Launch.EnvDir != "" }

func (b *Bridge) autoElapsed() {
	if !b.rereads() {
		b.autoTurn()
		return
	}
	go func() {
		l, err := b.system.prepare(b.config.Launch)
		b.post(func() {
			if err == nil {
				b.auto.settings = b.config.Overrides(l.Env).Auto
			}
			b.autoTurn()
		})
	}()
}

// autoTurn tells the machine when the time has come.
func (b *Bridge) autoTurn() {
	now := b.auto.next
	if b.auto.settings.Enabled && b.auto.rest() == 0 && now != machine.NoEvent {
		b.auto.next = machine.NoEvent
		if now == machine.AutoDue {
			b.auto.next = machine.AutoOverdue
		}
		b.happened(machine.Event{Kind: now})
	}
	b.awaitAuto()
}

// sayAuto says that the step which e led to began an automatic restart.
func (b *Bridge) sayAuto(e machine.Event) {
	pending := e.Kind == machine.Emptied && b.before.AutoPending
	if b.state.Last > b.before.Last && (pending || e.Kind == machine.AutoDue || e.Kind == machine.AutoOverdue) {
		b.say(AutoRestart{b.auto.settings.Interval, e.Kind == machine.AutoOverdue})
	}
}
