package check

import (
	"fmt"

	"github.com/sdbridge/sdbridge/bridge/process"
	"github.com/sdbridge/sdbridge/units/servers"
)

// stopSignal: on another signal than its own a server cuts its requests, or leaves
// workers behind that accept with old code.
func stopSignal(p *pair, s *file) (found []Finding) {
	get, child := p.signals()
	server := child.server()
	known := servers.Named(server)
	if get == nil || known.Cuts == "" {
		return nil
	}
	line := s.where("Service.ExecStart")
	_, slowly := child.has("--spawn-interval") // Starlet then drains on USR1, too, a worker at a time
	for _, flag := range []string{"signal-on-hup", "signal-on-term"} {
		got, ok := get(flag)
		want := known.Graceful()
		switch {
		case !ok || got == want || got == "USR1" && slowly:
		case got == "CONT" && flag == "signal-on-hup":
			found = append(found, s.finding(Hint, line, "--signal-on-hup is CONT, which "+server+" takes for nothing",
				"a hook of its configuration has to end the former generation; else it serves on with the old code, until --drain-timeout kills it", "--signal-on-hup="+want+" where there is no such hook")...)
		default:
			found = append(found, s.finding(Loses, line, fmt.Sprintf("--%s is %s, and %s drains on %s", flag, got, server, want),
				got+" cuts its requests short, or leaves its workers behind", "--"+flag+"="+want)...)
		}
	}
	return found
}

// signals finds the names of the signals that a child is told by, and the child;
// of the bridge, or of a start_server. get is nil where there is neither.
func (p *pair) signals() (get func(flag string) (name string, ok bool), child launch) {
	if b := p.bridge; b != nil {
		return func(flag string) (string, bool) {
			name, ok := signalName(b.text(flag))
			return name, ok && b.knows(flag)
		}, p.child
	}
	if p.child.server() != "start_server" {
		return nil, p.child
	}
	own, rest := apart(p.child.argv)
	return func(flag string) (string, bool) {
		text, _ := launch{argv: own}.has("--" + flag)
		name, ok := signalName(text)
		return name, ok && !anyVague(own)
	}, launched(rest)
}

// signalName is what the bridge takes a flag's value for; "" is its default.
func signalName(text string) (string, bool) {
	if text == "" {
		return "TERM", true
	}
	n, err := process.SignalNumber(text) // bridge-flags tells
	return process.SignalName(n), err == nil
}
