package porting

import (
	"fmt"
	"slices"
)

// fold takes --restart and --stop of a service that the same part starts to
// that service: they are its systemctl commands.
func fold(found []Service) []Service {
	start := slices.IndexFunc(found, func(s Service) bool { return !s.Options.Restart && !s.Options.Stop })
	if start < 0 {
		return found
	}
	var kept []Service
	var notes []string
	for _, s := range found {
		switch {
		case s.Options.Restart:
			notes = append(notes, fmt.Sprintf("%s: start_server --restart becomes systemctl reload, and a script that restarts or else starts, systemctl reload-or-restart", s.Source))
		case s.Options.Stop:
			notes = append(notes, fmt.Sprintf("%s: start_server --stop becomes systemctl stop of the service and its socket", s.Source))
		case slices.ContainsFunc(kept, func(k Service) bool { return alike(k, s) }):
		default:
			kept = append(kept, s)
		}
	}
	for i := range kept {
		kept[i].Notes = append(kept[i].Notes, notes...)
	}
	return kept
}

// alike are two lines that start the same thing, as in an if and its else.
func alike(a, b Service) bool {
	return slices.Equal(a.Command, b.Command) && slices.Equal(a.Options.Ports, b.Options.Ports) &&
		slices.Equal(a.Options.Paths, b.Options.Paths) && slices.Equal(a.Wrappers, b.Wrappers) &&
		slices.Equal(a.Environment, b.Environment) && slices.Equal(a.Missing, b.Missing)
}

func unique[T comparable](list []T) []T {
	var kept []T
	for _, s := range list {
		if !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
