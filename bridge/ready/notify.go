package ready

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Notify is the NOTIFY_SOCKET of one generation. The pid of a sender is not
// checked, as systemd-notify(1) is often gone before its message is read; its
// user is.
type Notify struct {
	sys    sys
	fd     int
	addr   string
	path   string // to remove; "" for an abstract name
	closed atomic.Bool
	done   chan struct{} // closed when the reader has ended

	reading  sync.Mutex // guards these, and the descriptor
	users    users
	datagram [datagramSize]byte
	control  []byte

	mu       sync.Mutex // guards these
	message  Message    // what was not taken yet
	followed bool       // X_READY_FOLLOWS=1 was among what ever came
	said     bool       // READY=1 was
	ready    chan struct{}
	changed  chan struct{}
}

// Listen makes the socket at an absolute path and removes what is there from
// before. Its directory is for such sockets only: it is made if need be, and has
// mode 0755 afterwards. The path "" stands for an abstract name that cannot be
// guessed.
//
// Everyone may send to it, but only messages of our own user, of root and of
// those that allowed accepts are read. allowed is asked while messages are read,
// by any goroutine but one at a time, and not again about one that it accepted,
// nor within a second about the last that it refused; nil accepts none.
//
// It blocks on the file system of the path.
func Listen(path string, allowed func(uid uint32) bool) (*Notify, error) {
	return kernel.listen(path, allowed)
}

func (s sys) listen(path string, allowed func(uid uint32) bool) (*Notify, error) {
	n := &Notify{
		sys: s, addr: path, path: path,
		users: users{allowed: allowed}, control: make([]byte, unix.CmsgSpace(unix.SizeofUcred)),
		done: make(chan struct{}), ready: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	if err := n.open(); err != nil {
		return nil, fmt.Errorf("cannot make notify socket %q: %w", n.addr, err)
	}
	go n.read()
	return n, nil
}

func (n *Notify) open() (err error) {
	if n.path == "" {
		if n.addr, err = n.sys.abstractName(); err != nil {
			return err
		}
	} else if err := n.sys.clear(n.path); err != nil {
		return err
	}
	if n.fd, err = n.sys.socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := n.bind(); err != nil {
		n.sys.close(n.fd)
		return err
	}
	return nil
}

func (s sys) abstractName() (string, error) {
	var random [16]byte
	if _, err := s.getrandom(random[:], 0); err != nil {
		return "", fmt.Errorf("getrandom: %w", err)
	}
	return "@sdbridge/" + hex.EncodeToString(random[:]), nil
}

// clear makes room for a socket file. The modes of its directory and of the
// file are set by chmod(2), as a umask would keep children of other users out.
func (s sys) clear(path string) error {
	dir := filepath.Dir(path)
	if err := s.mkdir(dir, 0o755); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("mkdir %s: %w", dir, err)
	}
	if err := s.chmod(dir, 0o755); err != nil {
		return fmt.Errorf("chmod %s: %w", dir, err)
	}
	if err := s.unlink(path); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unlink: %w", err)
	}
	return nil
}

func (n *Notify) bind() error {
	if len(n.addr) >= unix.SizeofSockaddrUnix-2 {
		return fmt.Errorf("its name is longer than the 107 bytes that unix(7) allows: %w", unix.ENAMETOOLONG)
	}
	// Before bind: nothing may come without credentials.
	if err := n.sys.setsockoptInt(n.fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return fmt.Errorf("setsockopt SO_PASSCRED: %w", err)
	}
	if err := n.sys.bind(n.fd, &unix.SockaddrUnix{Name: n.addr}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	if n.path == "" {
		return nil
	}
	if err := n.sys.chmod(n.path, 0o666); err != nil {
		_ = n.sys.unlink(n.path)
		return fmt.Errorf("chmod: %w", err)
	}
	return nil
}

// Addr is the value of NOTIFY_SOCKET.
func (n *Notify) Addr() string { return n.addr }

// Changed is sent to when there is something to take, and closed at the end.
func (n *Notify) Changed() <-chan struct{} { return n.changed }

// Take returns all that was said since the last call as one message: a later
// status replaces an earlier one, READY=1 and WATCHDOG=trigger are never lost.
func (n *Notify) Take() Message {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.message
	n.message = Message{}
	return m
}

// follows tells whether X_READY_FOLLOWS=1 was sent before the call.
func (n *Notify) follows() bool {
	n.receiveAll()
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.followed
}

func (n *Notify) heard(m Message) {
	if m == (Message{}) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.message.merge(m)
	n.followed = n.followed || m.Follows
	if m.Ready && !n.said {
		n.said = true
		close(n.ready)
	}
	select {
	case n.changed <- struct{}{}:
	default:
	}
}

// Close ends the reading and removes the path; it blocks on its file system. A
// later Close waits for the first.
func (n *Notify) Close() {
	if !n.closed.Swap(true) {
		// Wakes the reader. It fails for sockets that are not there only.
		_ = n.sys.shutdown(n.fd, unix.SHUT_RD)
	}
	<-n.done
}
