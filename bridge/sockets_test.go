package bridge

import (
	"testing"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/socket"
)

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
