package starter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The functions in this file give start_server's log lines, without a newline,
// to the letter: scripts and tests look for them. A status is Perl's $?, the
// status as wait(2) gives it, so exit 1 is 256. Lists of pids are in Perl's
// order, which sorts them as strings.

// SayStarting is the first line.
func SayStarting(pid int) string {
	return fmt.Sprintf("start_server (pid:%d) starting now...", pid)
}

// SayDuplicated follows the binding of a --port with a descriptor.
func SayDuplicated(fd int) string {
	return fmt.Sprintf("socket is duplicated to file descriptor %d", fd)
}

// SayNewWorker follows the spawning of a candidate.
func SayNewWorker(pid int) string {
	return fmt.Sprintf("starting new worker %d", pid)
}

// SayStartFailed is the end of a candidate.
func SayStartFailed(pid int, status syscall.WaitStatus) string {
	return fmt.Sprintf("new worker %d seems to have failed to start, exit status:%d", pid, status)
}

// SayDiedUnexpectedly is the end of the current generation's leader.
func SayDiedUnexpectedly(pid int, status syscall.WaitStatus) string {
	return fmt.Sprintf("worker %d died unexpectedly with status:%d, restarting", pid, status)
}

// SayOldWorkerDied is the end of a draining generation's leader.
func SayOldWorkerDied(pid int, status syscall.WaitStatus) string {
	return fmt.Sprintf("old worker %d died, status:%d", pid, status)
}

// SayReceivedHUP comes before a candidate that a SIGHUP asked for.
func SayReceivedHUP() string { return "received HUP, spawning a new worker" }

// SayAutoRestart comes before a candidate that is due by time.
func SayAutoRestart(interval time.Duration) string {
	return fmt.Sprintf("autorestart triggered (interval=%s)", inSeconds(interval))
}

// SayAutoRestartForced is SayAutoRestart when twice the interval is over and
// older generations still drain.
func SayAutoRestartForced(interval time.Duration) string {
	return fmt.Sprintf("autorestart triggered (forced, interval=%s)", inSeconds(interval))
}

// SayNewWorkerRunning follows readiness at a swap; old are the leaders that
// will be told to go.
func SayNewWorkerRunning(signal string, old []int) string {
	list := pidList(old)
	if list == "" {
		list = "none"
	}
	return fmt.Sprintf("new worker is now running, sending %s to old workers:%s", signal, list)
}

// SaySleeping follows SayNewWorkerRunning when there is a kill-old-delay.
func SaySleeping(delay time.Duration) string {
	return fmt.Sprintf("sleeping %s secs before killing old workers", inSeconds(delay))
}

// SayKillingOldWorkers comes before the signal to the older generations, also
// when there are none.
func SayKillingOldWorkers() string { return "killing old workers" }

// SayStopping follows a TERM or INT; sent is the signal that workers get.
func SayStopping(received, sent string, workers []int) string {
	return fmt.Sprintf("received %s, sending %s to all workers:%s", received, sent, pidList(workers))
}

// SayWorkerDied is the end of a leader while stopping.
func SayWorkerDied(pid int, status syscall.WaitStatus) string {
	return fmt.Sprintf("worker %d died, status:%d", pid, status)
}

// SayExiting is the last line.
func SayExiting() string { return "exiting" }

// sayStopServer is what --stop says.
func sayStopServer(own, pid int) string {
	return fmt.Sprintf("stop_server (pid:%d) stopping now (pid:%d)...", own, pid)
}

func pidList(pids []int) string {
	list := make([]string, 0, len(pids))
	for _, pid := range pids {
		list = append(list, strconv.Itoa(pid))
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}

func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}
