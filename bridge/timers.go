package bridge

import "time"

// timers are the loop's: each has a key, and arming one replaces that key's.
// One that has fired but was replaced or stopped before the loop came to it
// does nothing.
type timers struct {
	post  func(func())
	armed map[timerKey]*time.Timer
}

// timerKey names a timer: what it is for, and the generation that it is about,
// 0 for those about the bridge.
type timerKey struct {
	use        timerUse
	generation int
}

type timerUse uint8

const (
	phaseTimer timerUse = iota + 1
	watchdogTimer
	retryTimer
	autoTimer
	lookTimer
	pingTimer
	servedTimer
)

func newTimers(post func(func())) *timers {
	return &timers{post: post, armed: map[timerKey]*time.Timer{}}
}

// arm makes the loop call fire once after d.
func (t *timers) arm(k timerKey, d time.Duration, fire func()) {
	t.stop(k)
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		t.post(func() { // on the loop's goroutine, as arm itself: timer is set
			if t.armed[k] == timer {
				delete(t.armed, k)
				fire()
			}
		})
	})
	t.armed[k] = timer
}

func (t *timers) stop(k timerKey) {
	if timer, ok := t.armed[k]; ok {
		timer.Stop()
		delete(t.armed, k)
	}
}
