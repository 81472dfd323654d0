package child

import (
	"fmt"
	"net"
)

const (
	notifySocket = "NOTIFY_SOCKET"
	// readyFollows is sdbridge's: a supervisor that does not know it ignores it
	// (sd_notify(3), X_…).
	readyFollows = "X_READY_FOLLOWS=1"
	readyNow     = "READY=1"
)

// Announce tells the supervisor to wait for READY=1 before it takes this process
// for ready, and returns the function that says it. It is called before the
// first listener is served, or even opened: the bridge may see this process wait
// on its sockets from then on. Where nobody listens (no NOTIFY_SOCKET) both do
// nothing.
func Announce() (ready func() error, err error) { return self.announce() }

func (p *process) announce() (ready func() error, err error) {
	if err := p.notify(readyFollows); err != nil {
		return nil, err
	}
	return func() error { return p.notify(readyNow) }, nil
}

// notify sends one message by the protocol of sd_notify(3).
func (p *process) notify(message string) error {
	socket, _ := p.lookup(notifySocket)
	if socket == "" {
		return nil
	}
	conn, err := net.Dial("unixgram", socket)
	if err != nil {
		return fmt.Errorf("cannot reach %s=%q: %w", notifySocket, socket, err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(message)); err != nil {
		return fmt.Errorf("cannot send %s to %s=%q: %w", message, notifySocket, socket, err)
	}
	return nil
}
