// Package socket brings together the sockets that were handed over and those
// that the command line asks for, and watches what children do to them.
//
// The invariant: a child gets exactly what was asked for. A socket that was
// handed over is taken by the flag with its address; only what was not handed
// over is bound; where the two sides disagree, [Acquire] refuses before it binds
// anything, and what it bound is undone when it fails later. Nothing here
// changes a status flag of a socket, and nothing is unlinked that was not made
// here.
//
//	port, err := socket.ParsePort("8080")
//	…
//	placed, warnings, err := socket.Acquire(socket.Request{
//		Handed: handed, // from systemd: tcp [::]:8080 (dual-stack)
//		Ports:  []socket.Port{port},
//	})
//	numbered, err := socket.Place(placed) // 8080 at descriptor 3
//	…
//	watcher, err := socket.Watch(placed)
//	for event := range watcher.Events() {
//		// Healed, Dead, PathGone …
//	}
package socket
