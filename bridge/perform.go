package bridge

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// settled is how long a current one lives before earlier failures are forgotten.
const settled = 10 * time.Second

// killAgain is the pause between two looks at a generation that was killed.
const killAgain = time.Second

// perform carries out one action. What takes time is only begun here.
func (b *Bridge) perform(a machine.Action) {
	g := b.generations[a.Generation]
	switch a.Do {
	case machine.Spawn:
		b.spawn(a.Generation, a.Repeat)
	case machine.Arm:
		b.armPhase(g, a.Phase)
	case machine.ArmKill:
		b.armExpiry(g, machine.Draining, killAgain)
	case machine.Prolong:
		b.prolong(g, a.Phase, a.After)
	case machine.Tell:
		b.tell(g, unix.Signal(a.Signal))
	case machine.Kill:
		b.kill(g)
	case machine.Remove:
		b.remove(g)
	case machine.Verdict:
		b.decided(g, a)
	case machine.ArmRetry:
		b.armRetry(a.Failures)
	case machine.DisarmRetry:
		b.timers.stop(timerKey{use: retryTimer})
	case machine.ArmAuto:
		b.armAuto()
	case machine.DisarmAuto:
		b.disarmAuto()
	case machine.Quit:
		b.ended = true
	case machine.Nothing:
	}
}

// armPhase sets a generation's timer to that of the phase which it enters.
func (b *Bridge) armPhase(g *generation, p machine.Phase) {
	g.entered = time.Now()
	switch p {
	case machine.Starting:
		b.armExpiry(g, p, b.config.StartTimeout)
	case machine.Proving:
		b.prove(g)
	case machine.Current:
		b.armExpiry(g, p, settled)
	case machine.Draining:
		b.armExpiry(g, p, b.config.DrainTimeout)
	case machine.Gone:
	}
}

// armExpiry makes the phase expire after d; d 0 is never.
func (b *Bridge) armExpiry(g *generation, p machine.Phase, d time.Duration) {
	key := timerKey{phaseTimer, g.number}
	if d == 0 {
		g.expires = time.Time{}
		b.timers.stop(key)
		return
	}
	g.expires = time.Now().Add(d)
	b.timers.arm(key, d, func() {
		b.happened(machine.Event{Kind: machine.Expired, Generation: g.number, Phase: p})
		if p == machine.Current && b.config.Settled != nil {
			b.config.Settled()
		}
	})
}

// prolong gives the phase at least d from now. One without a limit has that.
func (b *Bridge) prolong(g *generation, p machine.Phase, d time.Duration) {
	if !g.expires.IsZero() && time.Until(g.expires) < d {
		b.armExpiry(g, p, d)
	}
}

// prove puts a ready candidate on probation, beside the current one.
func (b *Bridge) prove(g *generation) {
	probation := b.overrides(g).Probation
	b.say(Proving{g.who(), b.others(g), b.config.SignalOnHup, probation})
	b.armExpiry(g, machine.Proving, probation)
	if probation == 0 {
		b.happened(machine.Event{Kind: machine.Expired, Generation: g.number, Phase: machine.Proving})
	}
}

// overrides are the settings that hold while g is the newest generation.
func (b *Bridge) overrides(g *generation) Overrides {
	if b.config.Overrides == nil {
		return Overrides{Auto: b.config.Auto, Probation: b.config.Probation}
	}
	return b.config.Overrides(g.launch.Env)
}

// decided tells the verdict of g's swap. One without a generation answers
// requests that no swap will cover, for the bridge stops.
func (b *Bridge) decided(g *generation, a machine.Action) {
	switch {
	case g == nil:
		b.answer(a.UpTo, report.Verdict{Stopping: true})
		return
	case a.Reason == machine.NoReason:
		b.promoted(g)
	default:
		b.failed(g, a.Reason)
	}
	b.record(g, a)
}

func (b *Bridge) promoted(g *generation) {
	b.lastLaunch = &g.launch
	b.auto.settings = b.overrides(g).Auto
	was, _ := b.before.Generation(g.number)
	b.say(Promoted{Who: g.who(), Former: b.current(&b.before), Beside: was.Phase == machine.Proving})
}

func (b *Bridge) failed(g *generation, why machine.Reason) {
	n := Failed{Who: g.who(), Reason: g.reason(why), Ready: g.ready, Serving: b.current(&b.state)}
	if g.exit != nil {
		n.Exit, n.ByExit = *g.exit, why == machine.Died && g.failure == nil
	}
	b.say(n)
	if n.ByExit && (!g.ready || len(b.targets) == 0) && n.Serving.Generation != 0 && !b.config.Starter {
		b.explainDeath(n.Serving)
	}
}

// explainDeath looks whether the current one listens on sockets of its own: then
// the program binds by itself, and the next generation cannot.
func (b *Bridge) explainDeath(serving Who) {
	current := b.generations[serving.Generation]
	go func() {
		pids, err := current.kin.pids()
		if err != nil {
			return
		}
		if own := b.system.elsewhere(pids, b.targets); len(own) > 0 {
			b.post(func() { b.say(OwnPort{serving, own}) })
		}
	}()
}

// armRetry waits before the next try: longer and longer, but under
// start_server's rules until one interval has passed since the last one.
func (b *Bridge) armRetry(failures int) {
	pause := backoff(failures)
	if b.config.Starter {
		pause = max(0, b.config.Interval-time.Since(b.lastSpawn))
	}
	b.retry = time.Now().Add(pause)
	b.say(Backoff{failures, pause})
	b.timers.arm(timerKey{use: retryTimer}, pause, func() {
		b.happened(machine.Event{Kind: machine.Retry})
	})
}

// backoff is the pause before the nth replacement of a dying current one.
func backoff(n int) time.Duration {
	pauses := [...]time.Duration{0, 0, 1, 2, 4, 8, 10}
	return pauses[min(n, len(pauses)-1)] * time.Second
}

// remove forgets a generation.
func (b *Bridge) remove(g *generation) {
	b.timers.stop(timerKey{phaseTimer, g.number})
	b.closeNotify(g)
	delete(b.generations, g.number)
	b.publishLeaders()
}
