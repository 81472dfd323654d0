package bridge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

// All generations share the sockets, and a child can hurt one for all. The watch
// over them, bridge/socket, has healed what can be healed when the loop hears of
// it; here it is said, and kept for the report.

// socketsChanged hears of a change, or that the watch has ended.
func (b *Bridge) socketsChanged(e socket.Event, goesOn bool) {
	if !goesOn {
		b.config.Changes = nil
		return
	}
	b.socketChanged(e)
}

func (b *Bridge) socketChanged(e socket.Event) {
	cure := ""
	switch e.Change {
	case socket.Dead:
		cure = b.cureOf(e.Socket)
		b.dead[e.Socket.FD] = true
		b.setTrouble(e, cure)
	case socket.PathGone, socket.PathReplaced:
		cure = b.cureOf(e.Socket)
		b.setTrouble(e, cure)
	case socket.Healed:
		b.setTrouble(e, "")
		b.lookWhoServes()
	case socket.PathBack:
		b.setTrouble(e, "")
	case socket.Unwatched:
		b.sockets = slices.Clone(b.sockets) // reports share the list
		for i := range b.sockets {
			if s := &b.sockets[i]; s.Here == e.Socket.FD {
				s.Unwatched = fmt.Sprintf("not watched: %v; if clients cannot reach it: %s", e.Err, b.cureOf(e.Socket))
			}
		}
	}
	b.say(SocketChanged{e, cure, b.others(nil)})
	b.observe()
}

// setTrouble replaces the list as a whole: reports share it. Only stream sockets
// are watched, so only they can be in trouble. One that is dead stays so, though
// its path may come back.
func (b *Bridge) setTrouble(e socket.Event, cure string) {
	b.sockets = slices.Clone(b.sockets)
	troubled := 0
	for i := range b.sockets {
		s := &b.sockets[i]
		switch {
		case s.Here != e.Socket.FD:
		case cure != "":
			s.Trouble = fmt.Sprintf("no client can reach %s: %s; %s", e.Socket.Socket, e.Change, cure)
		case !b.dead[s.Here]:
			s.Trouble = ""
		}
		if s.Trouble != "" {
			troubled++
		}
	}
	b.unreachable.Store(troubled > 0 && troubled == len(b.targets))
}

// cureOf is what brings a socket back: the bridge cannot bind what it was handed,
// and restarting the .socket unit alone does not help while the service runs. That
// unit's name is the socket's, unless it has a FileDescriptorName=.
func (b *Bridge) cureOf(s socket.Placed) string {
	if s.Bound {
		return "restart the bridge, which binds it anew"
	}
	service, guess := cmp.Or(b.config.Unit, "app.service"), ""
	unit := s.FDName
	if name, named := strings.CutSuffix(unit, ".socket"); named {
		service = cmp.Or(b.config.Unit, name+".service")
	} else {
		unit, guess = strings.TrimSuffix(service, ".service")+".socket", ", or whichever .socket unit has it"
	}
	return fmt.Sprintf("systemctl stop %s %s && systemctl start %s%s", unit, service, unit, guess)
}
