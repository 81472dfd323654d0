package ready

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rule is the value of --ready: when a generation counts as ready. The zero
// Rule is "interval", Server::Starter's.
type Rule struct {
	kind    ruleKind
	sockets []string // of accept: the ones that count; none: all
}

type ruleKind int

const (
	byInterval ruleKind = iota
	byNotify
	byAccept
	byAuto
)

var ruleNames = [...]string{byInterval: "interval", byNotify: "notify", byAccept: "accept", byAuto: "auto"}

// ParseRule reads a value of --ready: auto, notify, interval, accept, or
// accept:SOCKET,… The error names the value and the choices.
func ParseRule(value string) (Rule, error) {
	name, list, listed := strings.Cut(value, ":")
	kind := ruleKind(slices.Index(ruleNames[:], name))
	if kind < 0 || listed && kind != byAccept {
		return Rule{}, fmt.Errorf("--ready %q is not known; write auto, notify, interval, accept or accept:SOCKET,…", value)
	}
	if !listed {
		return Rule{kind: kind}, nil
	}
	sockets := strings.Split(list, ",")
	if slices.Contains(sockets, "") {
		return Rule{}, fmt.Errorf("--ready %q leaves a socket without a name; write accept:SOCKET,…, or accept for all of them", value)
	}
	return Rule{kind, sockets}, nil
}

// String is what ParseRule reads.
func (r Rule) String() string {
	if len(r.sockets) == 0 {
		return ruleNames[r.kind]
	}
	return ruleNames[r.kind] + ":" + strings.Join(r.sockets, ",")
}

// Notified tells whether the rule listens to the child's NOTIFY_SOCKET.
func (r Rule) Notified() bool { return r.kind == byNotify || r.kind == byAuto }

// Socket is a handed socket of any kind, as accept:SOCKET can mean it.
type Socket struct {
	Name   string // of its [Target]: the entry name
	FDName string // its FileDescriptorName=; it may be that of several
	Stream bool   // processes accept on it
}

func (s Socket) called(name string) bool { return name == s.Name || name == s.FDName }

// Resolve turns the sockets that the rule names into names of targets. It
// refuses a rule that these sockets can never satisfy.
func (r Rule) Resolve(sockets []Socket) (Rule, error) {
	if r.kind != byAccept {
		return r, nil
	}
	if !slices.ContainsFunc(sockets, func(s Socket) bool { return s.Stream }) {
		return r, fmt.Errorf("--ready=%s: there is no stream socket that a process could wait on; write --ready=auto, interval or notify", r)
	}
	resolved := Rule{kind: r.kind}
	for _, name := range r.sockets {
		found, err := r.find(sockets, name)
		if err != nil {
			return r, err
		}
		resolved.sockets = append(resolved.sockets, found...)
	}
	return resolved, nil
}

func (r Rule) find(sockets []Socket, name string) ([]string, error) {
	var found []string
	what := "means no socket"
	for _, s := range sockets {
		switch {
		case !s.called(name):
		case s.Stream:
			found = append(found, s.Name)
		default:
			what = "is not a stream socket: no process accepts on it"
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("--ready=%s: %q %s; stream sockets are %s", r, name, what, streamNames(sockets))
	}
	return found, nil
}

func streamNames(sockets []Socket) string {
	var names []string
	for _, s := range sockets {
		if s.Stream {
			names = append(names, strconv.Quote(cmp.Or(s.Name, s.FDName)))
		}
	}
	return strings.Join(names, ", ")
}

// Unserved names the targets on which processes that were ready by the rule are not
// seen waiting any more; none where one may not look, or the rule does not. Like
// [Look], it may take milliseconds.
func (r Rule) Unserved(pids []int, targets []Target) []string {
	if r.kind != byAccept && r.kind != byAuto {
		return nil
	}
	seen := Look(pids, targets)
	if seen.ConnectedErr != nil || len(seen.Unreadable) > 0 || len(seen.Ring) > 0 {
		return nil
	}
	var lost []string
	for _, t := range r.wants(targets) {
		if !seen.Serving(t) {
			lost = append(lost, t.Name)
		}
	}
	return lost
}

// wants picks the targets that must be served.
func (r Rule) wants(targets []Target) []Target {
	if len(r.sockets) == 0 {
		return slices.Clone(targets)
	}
	var wanted []Target
	for _, t := range targets {
		if slices.Contains(r.sockets, t.Name) {
			wanted = append(wanted, t)
		}
	}
	return wanted
}
