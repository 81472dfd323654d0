package socket

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// path is the watched path of a Unix socket.
type path struct {
	Placed

	file  fileID // the socket file that it led to at the start
	state Change // PathGone, PathReplaced, else PathBack
}

// pathMask fires at unlink, rename and link of the file itself, and at nothing
// that clients do.
const pathMask = unix.IN_ATTRIB | unix.IN_MOVE_SELF | unix.IN_DELETE_SELF

func (w *Watcher) addPath(p Placed) {
	if p.Path == "" || strings.HasPrefix(p.Path, "@") {
		return
	}
	file, err := w.watchFile(p.Path)
	if err != nil {
		w.first = append(w.first, Event{Unwatched, p, fmt.Errorf("cannot watch path %q: %w", p.Path, err)})
		return
	}
	w.paths = append(w.paths, &path{p, file, PathBack})
}

func (w *Watcher) watchFile(name string) (fileID, error) {
	file, err := w.socketFile(name)
	if err != nil {
		return fileID{}, err
	}
	if err := w.openInotify(); err != nil {
		return fileID{}, err
	}
	if _, err := w.inotifyAddWatch(w.inotify, name, pathMask); err != nil {
		return fileID{}, fmt.Errorf("inotify_add_watch: %w", err)
	}
	return file, nil
}

func (w *Watcher) openInotify() error {
	if w.inotify >= 0 {
		return nil
	}
	fd, err := w.inotifyInit(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("inotify_init: %w", err)
	}
	if err := w.add(fd, inotifyKey, unix.EPOLLIN); err != nil {
		_ = w.close(fd)
		return err
	}
	w.inotify = fd
	return nil
}

// pathsChanged reads no event: whichever came, or was lost by an overflow, all
// paths are looked at.
func (w *Watcher) pathsChanged() {
	buf := make([]byte, 64<<10)
	for {
		if n, err := w.read(w.inotify, buf); n <= 0 && !errors.Is(err, unix.EINTR) {
			break
		}
	}
	w.lookAtPaths()
}

func (w *Watcher) lookAtPaths() {
	for _, p := range w.paths {
		if state := w.look(p); state != p.state {
			p.state = state
			w.send(Event{Change: state, Socket: p.Placed})
		}
	}
}

// look keeps the state while the path cannot be looked at.
func (w *Watcher) look(p *path) Change {
	switch file, err := w.socketFile(p.Path); {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return PathGone
	case errors.Is(err, errNotSocket):
		return PathReplaced
	case err != nil:
		return p.state
	case file != p.file:
		return PathReplaced
	default:
		return PathBack
	}
}
