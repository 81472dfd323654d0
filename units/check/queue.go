package check

func reusePort(_ *pair, socket *file) []Finding {
	if !socket.is("Socket.ReusePort") {
		return nil
	}
	return socket.finding(Loses, socket.where("Socket.ReusePort"), "ReusePort="+socket.value("Socket.ReusePort"),
		"a program that binds the address once more gets no error, and the kernel sends a part of the clients to a queue that nobody reads; of two equal addresses daemon-reload drops one",
		"leave ReusePort= out")
}

// flushPending: only sockets that are not accepted for the service are flushed.
func flushPending(_ *pair, socket *file) []Finding {
	if !socket.is("Socket.FlushPending") || accepts(socket) {
		return nil
	}
	return socket.finding(Loses, socket.where("Socket.FlushPending"), "FlushPending="+socket.value("Socket.FlushPending"),
		"when the service has ended, what waits in the queue is thrown away: clients that came during a restart are cut", "leave FlushPending= out")
}

func nonBlocking(p *pair, s *file) []Finding {
	if !s.is("Service.NonBlocking") || len(p.sockets) == 0 {
		return nil
	}
	return s.finding(p.worse(Loses), s.where("Service.NonBlocking"), "NonBlocking="+s.value("Service.NonBlocking"),
		"the flag belongs to the socket and so to every generation: a child that expects accept to wait (Starlet, Gazelle) spins or dies",
		"leave NonBlocking= out; a server that wants it sets it itself")
}
