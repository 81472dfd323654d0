package socket

import "fmt"

// Change is what happened to a shared socket.
type Change int

// The zero value is no change.
const (
	_            Change = iota
	Healed              // a TCP socket was shut down by shutdown(2) and is listening again; what waited in its queue is lost
	Dead                // shut down, and cannot be healed: no client can connect
	PathGone            // the path of a Unix socket leads nowhere
	PathReplaced        // the path leads to another file
	PathBack            // the path leads to the socket again
	Unwatched           // the socket, or its path, is not watched; Err says why
)

var changeNames = [...]string{
	Healed: "healed", Dead: "dead", PathGone: "path gone", PathReplaced: "path replaced",
	PathBack: "path back", Unwatched: "unwatched",
}

func (c Change) String() string {
	if c <= 0 || int(c) >= len(changeNames) {
		return fmt.Sprintf("Change(%d)", int(c))
	}
	return changeNames[c]
}

// Event is a change of one socket.
type Event struct {
	Change Change
	Socket Placed
	Err    error // why it is Unwatched, or why a TCP socket could not be healed
}
