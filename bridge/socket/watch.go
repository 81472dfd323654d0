package socket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// Watcher watches what children do to the sockets that all generations share. It
// sleeps until something does happen; connections don't wake it.
type Watcher struct {
	sys

	epoll   int
	stop    int // eventfd, readable when Close was called
	inotify int // -1: no path is watched

	streams []*stream
	paths   []*path
	first   []Event // what is known before the first wait

	events  chan Event
	stopped chan struct{}
	once    sync.Once
}

// Keys of the epoll set that are no index of streams.
const (
	stopKey    = -1
	inotifyKey = -2
)

// Watch starts to watch the stream sockets among those placed, until
// [Watcher.Close]. A socket or a path that cannot be watched is an [Unwatched]
// event; the error is that nothing can be.
//
// It blocks on the file systems of the paths. The sockets must stay open until
// Close has returned: an epoll set goes on reporting a descriptor that is closed
// here and open in a child (epoll(7), question 6).
func Watch(placed []Placed) (*Watcher, error) { return system.watch(placed) }

func (s sys) watch(placed []Placed) (*Watcher, error) {
	w := &Watcher{sys: s, epoll: -1, stop: -1, inotify: -1, events: make(chan Event), stopped: make(chan struct{})}
	if err := w.open(); err != nil {
		w.closeAll()
		return nil, fmt.Errorf("cannot watch the sockets: %w", err)
	}
	for _, p := range placed {
		if p.Kind.Stream() {
			w.addStream(p)
			w.addPath(p)
		}
	}
	go w.run()
	return w, nil
}

func (w *Watcher) open() (err error) {
	if w.epoll, err = w.epollCreate(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll_create: %w", err)
	}
	if w.stop, err = w.eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	return w.add(w.stop, stopKey, unix.EPOLLIN)
}

func (w *Watcher) add(fd, key int, events uint32) error {
	err := w.epollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(key)})
	if err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// Events are the changes, in order. The channel is closed by [Watcher.Close].
// While nobody receives, nothing more is healed.
func (w *Watcher) Events() <-chan Event { return w.events }

// Close ends the watching and returns when it has ended.
func (w *Watcher) Close() {
	w.once.Do(func() {
		close(w.stopped)
		// An eventfd takes a write of 8 bytes unless its counter is full.
		_, _ = w.write(w.stop, binary.NativeEndian.AppendUint64(nil, 1))
		for range w.events { // until run has ended
		}
		w.closeAll()
	})
}

func (w *Watcher) closeAll() {
	for _, fd := range []int{w.epoll, w.stop, w.inotify} {
		if fd >= 0 {
			_ = w.close(fd)
		}
	}
}

func (w *Watcher) run() {
	defer close(w.events)
	for _, e := range w.first {
		w.send(e)
	}
	w.lookAtPaths()
	ready := make([]unix.EpollEvent, 64)
	for {
		n, err := w.epollWait(w.epoll, ready, -1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			w.giveUp(fmt.Errorf("epoll_wait: %w", err))
			return
		}
		for _, event := range ready[:max(n, 0)] {
			switch key := int(event.Fd); key {
			case stopKey:
				return
			case inotifyKey:
				w.pathsChanged()
			default:
				w.streamChanged(w.streams[key])
			}
		}
	}
}

func (w *Watcher) giveUp(err error) {
	for _, st := range w.streams {
		w.send(Event{Unwatched, st.Placed, err})
	}
}

func (w *Watcher) send(e Event) {
	select {
	case w.events <- e:
	case <-w.stopped:
	}
}
