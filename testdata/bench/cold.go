package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// activate is the last step before the command: a LISTEN_PID that is true.
const activate = `LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"`

// cold starts a service by its first connection, as systemd does: the child
// directly, and behind the bridge.
func cold(b *bench, out *section) error {
	direct := []string{b.programs.child, "-quick"}
	bridged := append([]string{b.programs.sdbridge, "run", "--"}, direct...)
	ways := []struct {
		name    string
		command []string
	}{{"the child", direct}, {"the bridge and the child", bridged}}
	f := figures{}
	for round := range b.size.cold {
		for i := range ways {
			w := ways[(i+round)%len(ways)]
			took, err := coldStart(w.command)
			if err != nil {
				return fmt.Errorf("%s: %w", w.name, err)
			}
			f.add(w.name, "answer", milliseconds(took))
		}
		if b.Err() != nil {
			return b.Err()
		}
	}
	out.note("From the first connection to the first answer, over %d rounds; this program stands in for PID 1 (section *Beside systemd alone* has a real one).", b.size.cold)
	t := table{Columns: []string{"", "first answer, ms", "ratio"}}
	for _, w := range ways {
		out.value(w.name, "answer", f.spread(w.name, "answer"))
		t.add(w.name, f.spread(w.name, "answer").format("%.1f"), f.against(w.name, ways[0].name, "answer").format("%.2f"))
	}
	out.Tables = append(out.Tables, t)
	return nil
}

func coldStart(command []string) (time.Duration, error) {
	socket, addr, err := listeningSocket()
	if err != nil {
		return 0, err
	}
	defer socket.Close()
	s, err := newServer(variant{}, addr)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	s.files = []*os.File{socket}
	answer := make(chan time.Duration, 1) // closed without one: there was none
	began := now()
	go func() {
		defer close(answer)
		if _, ok := whoAnswers(addr); ok {
			answer <- now()
		}
	}()
	if err := untilReadable(socket); err != nil {
		return 0, err
	}
	if err := s.spawn(append([]string{"sh", "-c", activate, "sh"}, command...)); err != nil {
		return 0, err
	}
	at, ok := <-answer
	if !ok {
		return 0, s.explain(errors.New("the first connection is not answered"))
	}
	return at - began, nil
}

func listeningSocket() (*os.File, string, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, "", err
	}
	socket := os.NewFile(uintptr(fd), "socket")
	err = errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(fd, 128))
	name, nameErr := unix.Getsockname(fd)
	if err := errors.Join(err, nameErr); err != nil {
		socket.Close()
		return nil, "", err
	}
	return socket, fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port), nil
}

func untilReadable(socket *os.File) error {
	fds := []unix.PollFd{{Fd: int32(socket.Fd()), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, int(longest.Milliseconds()))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return err
		case n == 0:
			return errors.New("no connection comes")
		default:
			return nil
		}
	}
}
