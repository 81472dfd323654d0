// Package activation knows the two conventions by which listening sockets are
// handed from one process to another: systemd's (LISTEN_PID, LISTEN_FDS,
// LISTEN_FDNAMES; sd_listen_fds(3)) and Server::Starter's
// (SERVER_STARTER_PORT).
//
// The invariant: what a socket is comes from the kernel, never from what it is
// called; and what is rendered here can be read by every consumer of its
// convention, or it is refused. Values go in and values come out: the
// environment is a lookup function, a process is its pid, and [Inspect] alone
// calls the system. A descriptor stays a plain int, and no flag of it or of its
// open file description is ever changed.
//
// The trail of a socket is found, named, placed, announced:
//
//	handed, err := activation.FromSystemd(os.LookupEnv, self)
//	…
//	s, err := activation.Inspect(handed[0].FD) // tcp [::]:8080 (dual-stack)
//	s.FDName = handed[0].Name
//	entry := activation.Entry{Name: s.EntryName(), FD: 3}
//	value, err := activation.StarterValue([]activation.Entry{entry}) // 8080=3
package activation
