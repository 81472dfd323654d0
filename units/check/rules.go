package check

import "github.com/sdbridge/sdbridge/units/servers"

// rule is one thing that can be wrong.
type rule struct {
	name string // stable
	find func(*pair) []Finding
}

// ofSocket makes a rule of what is looked for in each socket.
func ofSocket(find func(*pair, *file) []Finding) func(*pair) []Finding {
	return func(p *pair) (found []Finding) {
		for _, s := range p.sockets {
			found = append(found, find(p, s)...)
		}
		return found
	}
}

// ofService makes a rule of what is looked for in a service that is there.
func ofService(find func(*pair, *file) []Finding) func(*pair) []Finding {
	return func(p *pair) []Finding {
		if p.service == nil {
			return nil
		}
		return find(p, p.service)
	}
}

// ofBridge makes a rule for services that `sdbridge run` is the program of. It is
// silent where a variable hides what one of the flags that it reads says.
func ofBridge(find func(*pair, *file, *bridge) []Finding, flags ...string) func(*pair) []Finding {
	return func(p *pair) []Finding {
		if p.bridge == nil || p.bridge.wrong != nil || !p.bridge.knows(flags...) {
			return nil
		}
		return find(p, p.service, p.bridge)
	}
}

var rules = []rule{
	// how the two hang together: socket.go, accept.go, queue.go, install.go
	{"absent-unit", absentUnit},
	{"no-socket", ofBridge(noSocket, "port", "path", "no-socket")},
	{"no-socket", ofBridge(needlessNoSocket, "no-socket")},
	{"requires-socket", ofService(requiresSocket)},
	{"bound-socket", ofSocket(boundSocket)},
	{"socket-order", ofSocket(socketOrder)},
	{"accept", ofSocket(acceptYes)},
	{"reuse-port", ofSocket(reusePort)},
	{"flush-pending", ofSocket(flushPending)},
	{"non-blocking", ofService(nonBlocking)},
	{"descriptor-name", ofService(descriptorName)},
	{"exec-in-socket", ofSocket(execInSocket)},
	{"trigger-limit", ofSocket(triggerLimit)},
	{"install", ofService(install)},

	// what is bound: addresses.go, entries.go, matching.go, family.go, path.go, removed.go
	{"no-address", ofSocket(noAddress)},
	{"free-bind", ofSocket(freeBind)},
	{"entry-name", ofBridge(entryName, "port", "path", "select", "rename")},
	{"overlap", ofService(overlap)},
	{"bridge-address", ofBridge(bridgeAddress, "port", "path", "select")},
	{"address-differs", ofService(addressDiffers)},
	{"address-repeated", ofService(addressRepeated)},
	{"dual-stack", ofSocket(dualStack)},
	{"runtime-directory-path", ofSocket(runtimeDirectoryPath)},
	{"hidden-path", ofSocket(hiddenPath)},
	{"tmpfiles-path", ofSocket(tmpfilesPath)},
	{"removed-path", ofSocket(removedPath)},

	// what is run: command.go, launcher.go, daemon.go, several.go, names.go, startserver.go, stopsignal.go, deployed.go
	{"exec-syntax", ofService(execSyntax)},
	{"shell-syntax", ofService(shellSyntax)},
	{"bridge-flags", ofService(bridgeFlags)},
	{"launcher", ofService(launcher)},
	{"daemonizes", ofService(daemon)},
	{"several-sockets", ofService(severalSockets)},
	{"socket-name", ofBridge(socketName, "port", "path", "select", "rename", "ready")},
	{"start-server", ofService(startServer)},
	{"stop-signal", ofService(stopSignal)},
	{"working-directory", ofBridge(workingDirectory, "dir")},
	{"environment-file", ofBridge(environmentFile)},

	// from start to stop: lifecycle.go
	{"type", ofService(serviceType)},
	{"notify-access", ofService(notifyAccess)},
	{"pid-file", ofService(pidFile)},
	{"kill-mode", ofService(killMode)},
	{"kill-signal", ofBridge(killSignal)},
	{"timeout-start", ofBridge(timeoutStart, "start-timeout", "kill-old-delay")},
	{"timeout-stop", ofBridge(timeoutStop, "drain-timeout")},
	{"restart", ofService(restart)},
	{"restart-sec", ofService(restartSec)},
	{"start-limit", ofService(startLimit)},
	{"watchdog", ofService(watchdog)},
	{"oom-policy", ofBridge(oomPolicy)},

	// whether a reload tells the truth: reload.go, control.go
	{"reload", ofService(reload)},
	{"reload-ignored", ofService(reloadIgnored)},
	{"reload-rebinds", ofService(reloadRebinds)},
	{"notify-reload", ofService(notifyReload)},
	{"control", ofBridge(control, "control")},

	// what is not allowed: sandbox.go
	{"drops-root", ofService(dropsRoot)},
	{"memory-deny-write-execute", ofService(memoryDenyWriteExecute)},
	{"proc-hidden", ofBridge(procHidden, "ready")},
	{"address-families", ofBridge(addressFamilies, "control")},
	{"dynamic-user", ofBridge(dynamicUser)},

	// what systemd ignores: spelling.go, kinds.go
	{"ignored-line", ignoredLine},
	{"unknown-setting", unknownSetting},
	{"ignored-value", ignoredValue},
}

// findings are those of all rules.
func (p *pair) findings() (all []Finding) {
	for _, r := range rules {
		for _, f := range r.find(p) {
			f.Rule = r.name
			all = append(all, f)
		}
	}
	return all
}

// finding is one about a unit.
func (f *file) finding(severity Severity, line, what, why, write string) []Finding {
	return []Finding{{Severity: severity, Unit: f.name, Line: line, What: what, Why: why, Write: write}}
}

// ours tells whether it is something to swap: it is handed sockets, or serves by
// a program that is known for it.
func (p *pair) ours() bool {
	server := p.child.server()
	return p.bridge != nil || len(p.sockets) > 0 || server == "start_server" || servers.Named(server).Name != ""
}

// worse is the severity for a bridge, a hint for a service that none runs.
func (p *pair) worse(severity Severity) Severity {
	if p.bridge == nil {
		return Hint
	}
	return severity
}
