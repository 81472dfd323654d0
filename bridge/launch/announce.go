package launch

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/sdbridge/sdbridge/activation"
)

// announcements are the bridge's alone: no file sets them.
var announcements = []string{
	activation.StarterPort, activation.StarterGeneration,
	activation.ListenPID, activation.ListenPIDFDID, activation.ListenFDs, activation.ListenFDNames,
}

// announce puts the sockets into env, and tells whether LISTEN_FDS is there.
func (s Spec) announce(env environ) (listenFDs bool, err error) {
	for _, name := range announcements {
		delete(env, name)
	}
	if s.Export&Starter != 0 {
		if err := s.announceStarter(env); err != nil {
			return false, err
		}
	}
	if s.Export&Systemd != 0 {
		return s.announceSystemd(env)
	}
	return false, nil
}

// announceStarter leaves the variable out where it has no entry: some children
// refuse an empty one (h2o exits 78).
func (s Spec) announceStarter(env environ) error {
	var entries []activation.Entry
	for _, d := range s.Sockets {
		if d.Entry != "" {
			entries = append(entries, activation.Entry{Name: d.Entry, FD: d.To})
		}
	}
	if len(entries) == 0 {
		if s.StarterRules {
			env[activation.StarterPort] = ""
		}
		return nil
	}
	value, err := activation.StarterValue(entries)
	if err != nil {
		return err
	}
	env[activation.StarterPort] = value
	return nil
}

// announceSystemd announces the unbroken run of descriptors from 3, which is all
// that LISTEN_FDS can say.
func (s Spec) announceSystemd(env environ) (listenFDs bool, err error) {
	byNumber := slices.SortedFunc(slices.Values(s.Sockets), func(a, b Descriptor) int {
		return cmp.Compare(a.To, b.To)
	})
	var names []string
	for _, d := range byNumber {
		if d.To == activation.FirstFD+len(names) {
			names = append(names, d.FDName)
		}
	}
	if len(names) == 0 {
		return false, nil
	}
	value, err := activation.FDNames(names)
	if err != nil {
		return false, err
	}
	env[activation.ListenFDs] = strconv.Itoa(len(names))
	env[activation.ListenFDNames] = value
	return true, nil
}
