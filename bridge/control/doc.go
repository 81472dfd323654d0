// Package control lets other processes ask a bridge for a swap and for its
// status, over a varlink service (https://varlink.org) and its client.
//
// The invariant: no caller can hold up the bridge or another caller. Each
// connection has a goroutine of its own, a limit on what it sends and on how
// long it may take to send or to read, and there are at most so many; root and
// the bridge's own user always find room. A caller that goes away never changes
// what becomes of the swap that it asked for.
//
// The bridge:
//
//	server, err := control.Listen("/run/sdbridge/app/control", control.NoGroup)
//	…
//	go server.Serve(bridge, version)
//	…
//	server.Close()
//
// The caller:
//
//	client, err := control.Dial(ctx, "/run/sdbridge/app/control")
//	…
//	verdict, err := client.Reload(ctx, true)
package control
