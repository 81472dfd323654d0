package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/units/unitfile"
)

// systemctl asks a manager.
type systemctl struct{ manager []string }

func (s systemctl) run(ctx context.Context, args ...string) (string, error) {
	text, err := exec.CommandContext(ctx, "systemctl", append(s.manager, args...)...).CombinedOutput()
	return strings.TrimSpace(string(text)), err
}

// show has the properties of a unit, each with its lines.
func (s systemctl) show(ctx context.Context, unit string) (map[string][]string, error) {
	text, err := s.run(ctx, "show", "--property=LoadState,ActiveState,CanReload,ExecStart,Listen", unit)
	if err != nil {
		return nil, refuse(exitUnavailable, "cannot ask systemd for %s: %w %s", unit, err, text)
	}
	properties := map[string][]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), "="); found {
			properties[name] = append(properties[name], value)
		}
	}
	return properties, nil
}

func (p *plan) openUnit(ctx context.Context) (*service, error) {
	ask := systemctl{}
	if p.user {
		ask.manager = []string{"--user"}
	}
	base := strings.TrimSuffix(p.unit, ".service")
	unit := base + ".service"
	properties, err := ask.show(ctx, unit)
	if err != nil {
		return nil, err
	}
	if err := canDrill(unit, properties); err != nil {
		return nil, err
	}
	s := &service{addr: p.addr, generation: 1}
	s.flags, s.command = bridgeAndChild(properties["ExecStart"])
	if s.addr == "" {
		s.addr, err = listens(ctx, ask, base+".socket")
	}
	if err != nil {
		return nil, err
	}
	s.findControl(ctx, base)
	s.swap = func(ctx context.Context) (int, error) { return s.reloadUnit(ctx, ask, unit) }
	return s, nil
}

func canDrill(unit string, properties map[string][]string) error {
	is := func(name, value string) bool { return strings.Join(properties[name], "") == value }
	switch {
	case is("LoadState", "not-found"):
		return refuse(exitUnavailable, "there is no unit %s; systemctl list-units --type=service lists them", unit)
	case !is("ActiveState", "active"):
		return refuse(exitUnavailable, "%s is not active; start it: systemctl start %s", unit, unit)
	case is("CanReload", "no"):
		return refuse(exitUnavailable, "%s cannot be reloaded; write ExecReload=/usr/bin/sdbridge reload into it", unit)
	}
	return nil
}

// listens is the first stream socket of a socket unit.
func listens(ctx context.Context, ask systemctl, unit string) (string, error) {
	properties, err := ask.show(ctx, unit)
	if err != nil {
		return "", err
	}
	for _, value := range properties["Listen"] {
		addr, isStream := strings.CutSuffix(value, " (Stream)")
		switch {
		case !isStream:
		case strings.HasPrefix(addr, "/"), strings.HasPrefix(addr, "@"):
			return addr, nil
		default:
			if addr = loopback(addr); addr != "" {
				return addr, nil
			}
		}
	}
	return "", refuse(exitUnavailable, "%s has no stream socket; give --connect or --url", unit)
}

// bridgeAndChild parts what systemctl shows of a bridge's command line. Its words
// are joined by blanks there.
func bridgeAndChild(show []string) (flags, command []string) {
	line, _ := unitfile.Shown(strings.Join(show, " "))
	before, behind, found := strings.Cut(line, " -- ")
	if !found {
		return nil, strings.Fields(line)
	}
	return strings.Fields(before), strings.Fields(behind)
}

// findControl finds the bridge of a unit, if it may be asked.
func (s *service) findControl(ctx context.Context, name string) {
	places, err := control.Find(os.LookupEnv, name, "")
	if err != nil {
		return
	}
	if s.control = places[0].Path; s.look(ctx) != nil {
		s.control = ""
	}
}

func (s *service) reloadUnit(ctx context.Context, ask systemctl, unit string) (former int, err error) {
	text, err := ask.run(ctx, "reload", unit)
	switch _, refused := errors.AsType[*exec.ExitError](err); {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case refused:
		return 0, failed(text + "; look at: journalctl --unit=" + unit)
	case err != nil:
		return 0, err
	}
	former = s.generation
	s.generation++
	if s.control != "" {
		err = s.look(ctx)
	}
	return former, err
}
