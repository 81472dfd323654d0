package bridge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

// All generations share the sockets, and a child can hurt one for all. The watch
// over them, bridge/socket, has healed what can be healed when the loop hears of
// it; here it is said, and kept for the report.

func (b *Bridge) socketChanged(e socket.Event) {
	cure := ""
	switch e.Change {
	case socket.Dead, socket.PathGone, socket.PathReplaced:
		cure = cureOf(e.Socket)
		b.setTrouble(e.Socket.FD, fmt.Sprintf("no client can reach %s: %s; %s", e.Socket.Socket, e.Change, cure))
	case socket.Healed, socket.PathBack:
		b.setTrouble(e.Socket.FD, "")
	case socket.Unwatched:
	}
	b.say(SocketChanged{e, cure, b.others(nil)})
	b.observe()
}

// setTrouble replaces the list as a whole: reports share it. Only stream sockets
// are watched, so only they can be in trouble.
func (b *Bridge) setTrouble(fd int, trouble string) {
	b.sockets = slices.Clone(b.sockets)
	dead := 0
	for i := range b.sockets {
		s := &b.sockets[i]
		if s.FD == fd {
			s.Trouble = trouble
		}
		if s.Trouble != "" {
			dead++
		}
	}
	b.unreachable.Store(dead > 0 && dead == len(b.targets))
}

// cureOf is what brings a socket back: the bridge cannot bind what it was handed,
// and restarting the .socket unit alone does not help while the service runs.
func cureOf(s socket.Placed) string {
	if s.Bound {
		return "restart the bridge, which binds it anew"
	}
	unit := s.FDName
	if !strings.HasSuffix(unit, ".socket") {
		unit = "app.socket"
	}
	service := strings.TrimSuffix(unit, ".socket") + ".service"
	return fmt.Sprintf("systemctl stop %s %s && systemctl start %s", unit, service, unit)
}
