// Package child is for Go programs that a supervisor hands their sockets to:
// sdbridge or start_server by SERVER_STARTER_PORT, sdbridge or systemd by
// LISTEN_FDS.
//
// The invariant: a socket is taken once, and what it is comes from the kernel,
// whatever it is called; READY=1 cannot be had without saying first that it will
// follow; and no connection that was accepted is closed before its request is
// answered.
//
//	listeners, err := child.Listeners() // all of them
//	…
//	ready, err := child.Announce()
//	… // warm up
//	err = ready()
//	…
//	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
//	defer stop()
//	err = child.Serve(ctx, &http.Server{Handler: app}, listeners...)
//
// As with everything that is built on package net, the sockets become
// nonblocking, for all who share them: never call File on a listener, whose Fd
// makes them blocking again and stops the accept loops of other generations
// (golang/go#43894).
package child
