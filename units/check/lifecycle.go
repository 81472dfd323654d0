package check

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// secret tells whether a file is there and not everybody may read it.
func secret(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o004 == 0
}

// kind is Type=, with systemd's default.
func kind(s *file) string {
	switch v := s.value("Service.Type"); {
	case v != "":
		return v
	case s.value("Service.BusName") != "":
		return "dbus"
	}
	return "simple"
}

func serviceType(p *pair, s *file) []Finding {
	line, is := s.where("Service.Type"), kind(s)
	switch {
	case p.bridge != nil && strings.HasPrefix(is, "notify"):
		return nil
	case p.bridge != nil && (is == "forking" || is == "dbus"):
		return s.finding(Blocks, line, "Type="+is, "the bridge does not fork and has no bus name: the start times out", "Type=notify")
	case p.bridge != nil && is == "oneshot":
		return s.finding(Blocks, line, "Type=oneshot", "the start is over when the command ends, and the bridge does not: it never succeeds", "Type=notify")
	case p.bridge != nil:
		return s.finding(Reload, line, "Type="+is, "the start succeeds before anything serves, and also when nothing ever will", "Type=notify")
	case is == "forking" && s.value("Service.PIDFile") == "" && p.ours():
		return s.finding(Reload, line, "Type=forking without PIDFile=",
			"the main process is a guess: a signal to $MAINPID may reach the wrong one", "Type=notify, and no option that daemonizes")
	case is == "simple" && slices.Contains(notifying, p.child.server()):
		return s.finding(Hint, line, "Type=simple, and "+p.child.server()+" sends READY=1", "the start succeeds before it serves", "Type=notify")
	}
	return nil
}

// notifying are servers that send READY=1 by themselves.
var notifying = []string{"gunicorn", "uwsgi", "puma"}

func notifyAccess(p *pair, s *file) []Finding {
	switch access := s.value("Service.NotifyAccess"); {
	case !strings.HasPrefix(kind(s), "notify"):
		return nil
	case access == "none":
		return s.finding(Hint, s.where("Service.NotifyAccess"), "NotifyAccess=none", "systemd takes it for main", "NotifyAccess=main")
	case access == "all" && (p.bridge != nil || slices.Contains(prefork, p.child.server())):
		return s.finding(Hint, s.where("Service.NotifyAccess"), "NotifyAccess=all", "any worker can say READY=1, or STOPPING=1", "NotifyAccess=main")
	}
	return nil
}

func pidFile(_ *pair, s *file) []Finding {
	if s.value("Service.PIDFile") == "" || kind(s) == "forking" {
		return nil
	}
	return s.finding(Hint, s.where("Service.PIDFile"), "PIDFile= without Type=forking", "the main process is known without it", "leave PIDFile= out")
}

// prefork are servers whose first process tells its workers to stop.
var prefork = []string{"gunicorn", "unicorn", "uwsgi", "starlet", "starman", "gazelle", "monoceros", "puma", "feersum", "hypercorn"}

func killMode(p *pair, s *file) []Finding {
	line, mode := s.where("Service.KillMode"), s.value("Service.KillMode")
	supervised := p.bridge != nil || p.child.server() == "start_server" || p.dialect()
	cleanup := len(s.all("Service.ExecStopPost")) > 0 || len(s.all("Service.ExecStop")) > 0
	severity := Hint
	if supervised {
		severity = Loses
	}
	switch {
	case mode == "" || mode == "control-group":
		if !supervised && !slices.Contains(prefork, p.child.server()) {
			return nil
		}
		return s.finding(severity, line, "KillMode= is control-group",
			"at a stop TERM goes to every process at once: to the child twice, from systemd and from its supervisor, and a second one is a forced stop for many servers", "KillMode=mixed")
	case (mode == "process" || mode == "none") && !cleanup:
		return s.finding(severity, line, "KillMode="+mode+" without a clean-up",
			"what is left of the service at a stop stays, holds the socket, and answers with old code", "KillMode=mixed; or ExecStopPost= that kills what is left of the control group")
	}
	return nil
}

func killSignal(_ *pair, s *file, _ *bridge) []Finding {
	v := s.value("Service.KillSignal")
	if slices.Contains([]string{"", "TERM", "INT", "QUIT", "15", "2", "3"}, strings.TrimPrefix(v, "SIG")) {
		return nil
	}
	return s.finding(Loses, s.where("Service.KillSignal"), "KillSignal="+v, "the bridge stops on TERM; of HUP it swaps, by others it dies without draining", "KillSignal=SIGTERM; --signal-on-term for the child's")
}

// usual is DefaultTimeoutStartSec= and DefaultTimeoutStopSec=.
const usual = 90 * time.Second

func timeoutStart(_ *pair, s *file, b *bridge) []Finding {
	limit := s.timeout(usual, "Service.TimeoutStartSec", "Service.TimeoutSec")
	need := b.span("start-timeout") + b.span("kill-old-delay")
	line := s.where("Service.TimeoutStartSec", "Service.TimeoutSec")
	switch {
	case limit == forever:
		return nil
	case b.span("start-timeout") == 0:
		return s.finding(Hint, line, fmt.Sprintf("--start-timeout is 0, TimeoutStartSec= %v", limit), "not the bridge ends a start that hangs, but systemd, and a reload without a verdict", "TimeoutStartSec=infinity, or a --start-timeout")
	case limit <= need:
		return s.finding(Reload, line, fmt.Sprintf("TimeoutStartSec= is %v; --start-timeout and --kill-old-delay take up to %v", limit, need),
			"it limits the start and each ExecReload=: systemd ends the reload before its verdict", "TimeoutStartSec="+round(need+need/3))
	}
	return nil
}

func timeoutStop(_ *pair, s *file, b *bridge) []Finding {
	limit := s.timeout(usual, "Service.TimeoutStopSec", "Service.TimeoutSec")
	drain := b.span("drain-timeout")
	line := s.where("Service.TimeoutStopSec", "Service.TimeoutSec")
	switch {
	case limit == forever:
		return nil
	case drain == 0:
		return s.finding(Hint, line, fmt.Sprintf("--drain-timeout is 0 (never), TimeoutStopSec= %v", limit), "systemd ends the drain at a stop", "TimeoutStopSec=infinity, or a --drain-timeout")
	case limit <= drain:
		return s.finding(Loses, line, fmt.Sprintf("TimeoutStopSec= is %v; --drain-timeout is %v", limit, drain),
			"systemd kills the service while it drains: open requests are cut", "TimeoutStopSec="+round(drain+drain/2))
	}
	return nil
}

func restart(p *pair, s *file) []Finding {
	switch v := s.value("Service.Restart"); {
	case p.inetd() || len(p.sockets) == 0 && p.bridge == nil:
	case v == "" || v == "no":
		return s.finding(Hint, s.where("Service.Restart"), "no Restart=", "after a crash the service is down until the next client, who waits for its start", "Restart=on-failure")
	case v == "always" && p.bridge != nil && p.bridge.text("idle-exit") == "true":
		return s.finding(Hint, s.where("Service.Restart"), "Restart=always with --idle-exit", "what ended because it was idle is started again at once", "Restart=on-failure")
	}
	return nil
}

// pause is RestartSec=, with systemd's default.
func pause(s *file) time.Duration { return s.duration(100*time.Millisecond, "Service.RestartSec") }

func restarts(s *file) bool {
	v := s.value("Service.Restart")
	return v != "" && v != "no"
}

func restartSec(p *pair, s *file) []Finding {
	if _, set := s.last("Service.RestartSec"); !set || pause(s) > 0 || !restarts(s) || len(p.sockets) == 0 {
		return nil
	}
	return s.finding(p.worse(Closes), s.where("Service.RestartSec"), "RestartSec=0",
		"a service that fails at once is started again without a pause: it keeps a CPU busy, and reaches the start limit, which closes the socket, in milliseconds", "RestartSec=250ms")
}

var startLimitKeys = []string{"Unit.StartLimitIntervalSec", "Unit.StartLimitInterval", "Service.StartLimitInterval"}

// startLimits are StartLimitIntervalSec= and StartLimitBurst=, with systemd's
// defaults.
func startLimits(s *file) (interval, burst time.Duration) {
	burst = 5
	if v, ok := span(s.value("Unit.StartLimitBurst", "Service.StartLimitBurst")); ok {
		burst = v / time.Second
	}
	return s.duration(10*time.Second, startLimitKeys...), burst
}

// limited tells whether a service that keeps failing reaches its start limit.
func limited(s *file) bool {
	interval, burst := startLimits(s)
	return interval > 0 && burst > 0 && (!restarts(s) || pause(s) < interval/burst)
}

func startLimit(p *pair, s *file) []Finding {
	if len(p.sockets) == 0 || p.inetd() || !limited(s) {
		return nil
	}
	interval, burst := startLimits(s)
	return s.finding(p.worse(Closes), s.where(startLimitKeys...), fmt.Sprintf("the start limit is %d starts in %v", burst, interval),
		"a service that keeps failing reaches it, and takes its socket down with it: clients are refused until someone starts the socket", "[Unit]\nStartLimitIntervalSec=0")
}

func watchdog(p *pair, s *file) []Finding {
	limit := s.duration(0, "Service.WatchdogSec")
	if is := kind(s); limit == 0 || limit == forever || p.bridge != nil || strings.HasPrefix(is, "notify") || is == "dbus" {
		return nil
	}
	return s.finding(Loses, s.where("Service.WatchdogSec"), fmt.Sprintf("WatchdogSec= with Type=%s", kind(s)),
		"the type does not switch the watchdog off: a program that sends no WATCHDOG=1 is killed every "+limit.String(), "Type=notify where the program pings; else no WatchdogSec=")
}

func oomPolicy(_ *pair, s *file, _ *bridge) []Finding {
	if s.value("Service.OOMPolicy") != "" {
		return nil
	}
	return s.finding(Hint, s.path, "no OOMPolicy=", "one worker that is killed for want of memory takes the whole service down", "OOMPolicy=continue")
}
