package bridge

import (
	"testing"

	"github.com/sdbridge/sdbridge/bridge/socket"
)

func TestOneThatLostItsSocketIsReplacedWhenThatIsHealed(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{lost: true}
		changes := make(chan socket.Event)
		w.bridge.config.Changes = changes
		w.serve()
		changes <- socket.Event{Change: socket.Healed}
		w.at(30 * second)
		w.saw(`
			20s socket healed, [1] live
			22s unwell 1: no longer waits on 80, which was shut down and listens again
			22s spawned 2
			23s proving 2 beside [1]
			25s current 2 after 1
			25s TERM to 100
			25s ended 1, draining: exited 0`)
	})
}

func TestOneThatListensAgainIsLeftAlone(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		changes := make(chan socket.Event)
		w.bridge.config.Changes = changes
		w.serve()
		changes <- socket.Event{Change: socket.Healed}
		w.at(30 * second)
		w.saw(`20s socket healed, [1] live`)
	})
}
