package socket

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// stream is a watched socket.
type stream struct {
	Placed

	backlog int // to listen with again
}

// addStream asks for EPOLLRDHUP alone: the kernel reports that and EPOLLHUP, one
// of which every shutdown(2) of a listening socket raises and no connection does.
func (w *Watcher) addStream(p Placed) {
	if err := w.add(p.FD, len(w.streams), unix.EPOLLRDHUP); err != nil {
		w.first = append(w.first, Event{Unwatched, p, err})
		return
	}
	w.streams = append(w.streams, &stream{p, w.backlog(p)})
}

// backlog is what the socket listens with. Of a listening socket tcpi_sacked is
// that (tcp_get_info in net/ipv4/tcp.c).
func (w *Watcher) backlog(p Placed) int {
	if p.Kind == activation.TCP && p.Listening {
		if info, err := w.tcpInfo(p.FD, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil && info.Sacked > 0 {
			return int(info.Sacked)
		}
	}
	return unix.SOMAXCONN
}

func (w *Watcher) streamChanged(st *stream) {
	healed, err := false, error(nil)
	if st.Kind == activation.TCP {
		healed, err = w.heal(st)
	}
	if healed {
		w.send(Event{Healed, st.Placed, nil})
		return
	}
	// What is level-triggered and stays would be reported for ever.
	_ = w.epollCtl(w.epoll, unix.EPOLL_CTL_DEL, st.FD, nil)
	w.send(Event{Dead, st.Placed, err})
}

// heal puts a TCP socket back that some holder shut down: the kernel has only
// disconnected it. A Unix one refuses clients for ever, whoever listens again.
//
// A socket that was bound to port 0 has lost its port, though getsockname(2)
// still tells it, and would listen on another one; a socket that has kept its
// port answers bind(2) with EINVAL.
func (w *Watcher) heal(st *stream) (bool, error) {
	if err := w.bind(st.FD, sockaddr(st.Addr)); err != nil && !errors.Is(err, unix.EINVAL) {
		return false, fmt.Errorf("bind: %w", err)
	}
	if err := w.listen(st.FD, st.backlog); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	now, err := w.inspect(st.FD)
	if err == nil && (!now.Listening || now.Addr != st.Addr) {
		err = fmt.Errorf("listen: it does not listen on %s", st.Addr)
	}
	return err == nil, err
}
