// Package process starts the child, keeps account of the processes it leaves,
// signals and reaps them.
//
// Two things always hold. A child is executed with exactly the descriptors,
// environment, directory and signal state that its [Command] says, or not at
// all, and the reason is known. And no process is signalled that is not known
// to be the one that was meant: a child that is not reaped yet, a group with a
// process of ours in it, or a process whose start time was checked.
//
// Every child comes by way of a trampoline, the running binary executed once
// more, which does what cannot be done in between fork and exec in a program
// with threads. main has to let it through before anything else:
//
//	func main() {
//		process.TrampolineMain(os.Args, os.Environ())
//		…
//	}
//
// Then:
//
//	started, err := process.Spawn(process.Command{
//		Path:      "/srv/app/server",
//		Args:      []string{"server", "--workers=4"},
//		Env:       []string{"PATH=/usr/bin:/bin", "LISTEN_FDS=1"},
//		Files:     []process.File{{From: 7, To: 3}},
//		Group:     true,
//		ListenPID: true,
//	})
//	…
//	err = started.Launched() // nil: it is /srv/app/server now
//
// It needs Linux 5.3 (pidfd_open) and a mounted /proc.
package process
