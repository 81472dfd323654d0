package ready

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// watchReal watches real processes until the test ends.
func watchReal(t *testing.T, rule string, n *Notify, fd int, pids ...int) *Watch {
	t.Helper()
	target, err := TargetOf(fd, "the socket")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w := parsed(t, rule).Watch(ctx, Subject{
		Processes: func() ([]int, error) { return pids, nil }, Leader: pids[0],
		Targets: []Target{target}, Spawned: time.Now(), Interval: 50 * time.Millisecond,
	}, n)
	t.Cleanup(func() {
		cancel()
		for range w.Ready() { // until the watch has ended
		}
	})
	return w
}

func eventuallyReady(t *testing.T, w *Watch, how string) {
	t.Helper()
	select {
	case o := <-w.Ready():
		if o.How != how || o.Note != "" {
			t.Errorf("got %+v, want %s", o, how)
		}
	case <-time.After(patience):
		t.Errorf("not ready: %s", w.Why())
	}
}

func eventuallyWhy(t *testing.T, w *Watch, want string) {
	t.Helper()
	eventually(t, want, func() bool { return strings.Contains(w.Why(), want) })
	select {
	case o := <-w.Ready():
		t.Errorf("taken for ready: %+v", o)
	default:
	}
}

func TestWatchOfServers(t *testing.T) {
	for _, mode := range []string{"accept", "ppoll", "epoll"} {
		t.Run(mode, func(t *testing.T) {
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			eventuallyReady(t, watchReal(t, "auto", nil, fd, startChild(t, mode, fd).pid), "seen waiting on the socket")
		})
	}
	t.Run("prefork", func(t *testing.T) {
		checkLeaks(t)
		fd := listen(t, unix.AF_INET)
		c := startChild(t, "master", fd)
		eventuallyReady(t, watchReal(t, "accept", nil, fd, c.pid, c.number(t)), "seen waiting on the socket")
	})
}

// A server of one worker that is never done waits for nothing.
func TestWatchOfASaturatedServer(t *testing.T) {
	checkLeaks(t)
	fd := listen(t, unix.AF_INET)
	if err := unix.Listen(fd, 1); err != nil {
		t.Fatal(err)
	}
	connect(t, fd)
	connect(t, fd) // now the queue is full
	w := watchReal(t, "auto", nil, fd, startChild(t, "busy", fd).pid)
	eventuallyReady(t, w, "seen with a connection from the socket")
}

func TestWatchOfOthers(t *testing.T) {
	t.Run("never accepts", func(t *testing.T) {
		checkLeaks(t)
		fd := listen(t, unix.AF_INET)
		c := startChild(t, "holds", fd)
		c.line(t)
		eventuallyWhy(t, watchReal(t, "auto", nil, fd, c.pid), "no process waits on the socket; if it serves all the same")
	})
	t.Run("a port of its own", func(t *testing.T) {
		checkLeaks(t)
		fd := listen(t, unix.AF_INET)
		c := startChild(t, "elsewhere", fd)
		w := watchReal(t, "auto", nil, fd, c.pid)
		eventuallyWhy(t, w, fmt.Sprintf("no process waits on the socket; it listens on 127.0.0.1:%d instead", c.number(t)))
	})
	t.Run("a shell", func(t *testing.T) {
		if _, err := exec.LookPath("sh"); err != nil {
			t.Skip(err)
		}
		checkLeaks(t)
		fd := listen(t, unix.AF_INET)
		c := start(t, exec.Command("sh", "-c", "exec 9<&0; cat <&9 & echo $!; wait; :"), fd)
		eventuallyWhy(t, watchReal(t, "auto", nil, fd, c.pid, c.number(t)), "is a shell that did not exec")
	})
}

func TestWatchOfOneThatAnnounces(t *testing.T) {
	n := newNotify(t, "", nil)
	fd := listen(t, unix.AF_INET)
	sender := dial(t, n.Addr())
	send(t, sender, "X_READY_FOLLOWS=1")
	w := watchReal(t, "auto", n, fd, startChild(t, "epoll", fd).pid)
	eventuallyWhy(t, w, "has not sent it")
	send(t, sender, "READY=1")
	eventuallyReady(t, w, "seen waiting on the socket, READY=1")
}

func TestWatchOfOneThatNotifies(t *testing.T) {
	n := newNotify(t, "", nil)
	fd := listen(t, unix.AF_INET)
	w := watchReal(t, "notify", n, fd, startChild(t, "holds", fd).pid)
	send(t, dial(t, n.Addr()), "READY=1")
	eventuallyReady(t, w, "READY=1")
}

func TestWatchOfOtherLanguages(t *testing.T) {
	const handedTo, ownPort = "seen waiting on the socket", "instead, which it bound by itself"
	for name, test := range map[string]struct {
		command []string
		how     string // or why not
	}{
		"perl":            {[]string{"perl", "-MIO::Socket::INET", "-e", `IO::Socket::INET->new_from_fd(3, "r+")->accept`}, handedTo},
		"node":            {[]string{"node", "-e", `require("net").createServer().listen({fd: 3})`}, handedTo},
		"python":          {[]string{"python3", "-c", pythonServer}, handedTo},
		"python, ignores": {[]string{"python3", "-m", "http.server", "--bind", "127.0.0.1", "0"}, ownPort},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(test.command[0]); err != nil {
				t.Skip(err)
			}
			checkLeaks(t)
			fd := listen(t, unix.AF_INET)
			cmd := exec.Command(test.command[0], test.command[1:]...)
			c := start(t, cmd, fd)
			t.Cleanup(func() { cmd.Process.Kill() })
			w := watchReal(t, "auto", nil, fd, c.pid)
			if test.how == ownPort {
				eventuallyWhy(t, w, test.how)
			} else {
				eventuallyReady(t, w, test.how)
			}
		})
	}
}

// pythonServer is http.server on the socket that it was handed.
const pythonServer = `
import http.server, socket
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler, bind_and_activate=False)
server.socket.close()
server.socket = socket.socket(fileno=3)
server.serve_forever()
`
