package starter

import (
	"syscall"
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	const exited1, term = syscall.WaitStatus(1 << 8), syscall.WaitStatus(syscall.SIGTERM)
	for want, got := range map[string]string{
		"start_server (pid:42) starting now...":                          SayStarting(42),
		"socket is duplicated to file descriptor 7":                      SayDuplicated(7),
		"starting new worker 43":                                         SayNewWorker(43),
		"new worker 43 seems to have failed to start, exit status:256":   SayStartFailed(43, exited1),
		"worker 43 died unexpectedly with status:15, restarting":         SayDiedUnexpectedly(43, term),
		"old worker 43 died, status:256":                                 SayOldWorkerDied(43, exited1),
		"received HUP, spawning a new worker":                            SayReceivedHUP(),
		"autorestart triggered (interval=360)":                           SayAutoRestart(6 * time.Minute),
		"autorestart triggered (forced, interval=1.5)":                   SayAutoRestartForced(1500 * time.Millisecond),
		"new worker is now running, sending TERM to old workers:none":    SayNewWorkerRunning("TERM", nil),
		"new worker is now running, sending USR1 to old workers:1000,99": SayNewWorkerRunning("USR1", []int{99, 1000}),
		"sleeping 5 secs before killing old workers":                     SaySleeping(5 * time.Second),
		"killing old workers":                                            SayKillingOldWorkers(),
		"received TERM, sending QUIT to all workers:43,44":               SayStopping("TERM", "QUIT", []int{44, 43}),
		"worker 43 died, status:0":                                       SayWorkerDied(43, 0),
		"exiting":                                                        SayExiting(),
		"stop_server (pid:50) stopping now (pid:42)...":                  sayStopServer(50, 42),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
