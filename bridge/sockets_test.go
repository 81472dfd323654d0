package bridge

import (
	"io/fs"
	"testing"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/report"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

// What cannot be watched is no trouble, but it is reported as long as it is so.
func TestUnwatchedSocketIsReported(t *testing.T) {
	c := runRules()
	c.Sockets = []report.Socket{{Entry: "80", FD: 3, Here: 5}, {Entry: "81", FD: 4, Here: 6}}
	inWorld(t, c, func(w *fakeWorld) {
		changes := make(chan socket.Event)
		w.bridge.config.Changes = changes
		w.serve()
		changes <- socket.Event{Change: socket.Unwatched, Socket: socket.Placed{Socket: activation.Socket{FD: 6}}, Err: fs.ErrNotExist}
		w.at(21 * second)
		w.saw(`20s socket unwatched, [1] live`)
		r := w.bridge.Report()
		const want = "not watched: file does not exist; if clients cannot reach it: systemctl stop app.socket app.service && systemctl start app.socket, or whichever .socket unit has it"
		if r.Sockets[0].Unwatched != "" || r.Sockets[1].Unwatched != want || r.Unreachable() {
			t.Errorf("%+v", r.Sockets)
		}
	})
}

func TestCure(t *testing.T) {
	for _, test := range []struct{ unit, name, want string }{
		{"", "web.socket", "systemctl stop web.socket web.service && systemctl start web.socket"},
		{"shop.service", "web.socket", "systemctl stop web.socket shop.service && systemctl start web.socket"},
		{"shop.service", "web", "systemctl stop shop.socket shop.service && systemctl start shop.socket, or whichever .socket unit has it"},
		{"", "", "systemctl stop app.socket app.service && systemctl start app.socket, or whichever .socket unit has it"},
	} {
		b := &Bridge{config: Config{Unit: test.unit}}
		if got := b.cureOf(socket.Placed{Socket: activation.Socket{FDName: test.name}}); got != test.want {
			t.Errorf("%q, %q: %s, want %s", test.unit, test.name, got, test.want)
		}
	}
}
