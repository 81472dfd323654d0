package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// socketFlags are the flags about sockets that were handed over.
type socketFlags struct {
	selects, renames []string
	noSocket         bool
	export           string
}

func (f *socketFlags) register(set *pflag.FlagSet) {
	set.StringArrayVar(&f.selects, "select", nil, "sockets to hand on, and their order: SOCKET,… of those that were handed over")
	set.StringArrayVar(&f.renames, "rename", nil, "entry name for a socket: SOCKET=NAME (repeatable)")
	set.BoolVar(&f.noSocket, "no-socket", false, "go on where there is no socket at all")
	set.StringVar(&f.export, "export", "both", "how the child is told of its sockets: both, starter, systemd")
}

// choose puts what the flags say into s.
func (f *socketFlags) choose(s *settings) (err error) {
	s.noSocket = f.noSocket
	for _, list := range f.selects {
		s.sockets.Select = append(s.sockets.Select, strings.Split(list, ",")...)
	}
	for _, v := range f.renames {
		// A path can hold "=", an entry name cannot: the last one counts.
		i := strings.LastIndexByte(v, '=')
		if i < 0 {
			return fmt.Errorf("--rename %q has no name; write --rename SOCKET=NAME", v)
		}
		s.sockets.Rename = append(s.sockets.Rename, socket.Rename{Socket: v[:i], Name: v[i+1:]})
	}
	s.export, err = launch.ParseExport(f.export)
	return err
}
