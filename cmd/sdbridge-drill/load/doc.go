// Package load sends requests as clients do and counts what they saw.
//
// Every request ends in exactly one count. It is answered only when the whole
// answer came; every other count is one that a client noticed, but for
// Reconnects, which come on top:
//
//	running := load.Start(load.Config{Addr: "127.0.0.1:8080", Clients: 4})
//	// swap
//	if result := running.Stop(); result.Lost() > 0 {
//		t.Errorf("clients lost requests: %+v", result)
//	}
package load
