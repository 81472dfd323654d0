package main

import (
	"os/exec"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// oneAtATime takes the next connection when it is done with the last one.
const oneAtATime = `
import os, select, signal, socket, time
sock = socket.socket(fileno=3)
sock.setblocking(False)
told, tell = os.pipe()
os.set_blocking(tell, False)
signal.signal(signal.SIGTERM, lambda *_: None)
signal.set_wakeup_fd(tell)
answer = "gen=%s pid=%d\n" % (os.environ["SERVER_STARTER_GENERATION"], os.getpid())
head = "HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer)
while told not in select.select([sock, told], [], [])[0]:
    try:
        conn = sock.accept()[0]
    except BlockingIOError:
        continue
    conn.setblocking(True)
    conn.recv(65536)
    time.sleep(0.02)
    conn.sendall((head + answer).encode())
    conn.close()
`

// A server that is busy all the time is never seen waiting: one process, eight
// clients, a queue that is not empty, from before the first start.
func TestReadyThoughSaturated(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	addr := freeAddr(t)
	l := newLive(t)
	l.file("#!"+python+"\n"+oneAtATime, 0o700)
	l.runActivated([]string{addr})
	running := clientsOnceUp(t, addr, func(c *load.Config) { c.KeepAlive, c.Pause = load.Off, time.Nanosecond })
	l.up(1)
	for generation := 2; generation <= 4; generation++ {
		l.commits()
		awaitAnswers(t, running, generation)
	}
	noneLost(t, running)
	if l.count("seen with a connection from") == 0 {
		t.Error("it was never seen with a connection: it was not saturated")
	}
}

// A candidate that needs long to boot is not current before it serves, and one
// that boots quickly not much later than that.
func TestReadyWhenBooted(t *testing.T) {
	t.Parallel()
	for name, boot := range map[string]time.Duration{"quick": 300 * time.Millisecond, "slow": 2 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := freeAddr(t)
			l := newLive(t).run("--port", addr, "--interval=0", "--kill-old-delay=0")
			l.up(1)
			running := clients(t, addr)
			l.habits("-boot=" + boot.String())
			began := time.Now()
			l.commits()
			if took := time.Since(began); took < boot || took > boot+5*time.Second {
				t.Errorf("the swap took %v, the boot %v", took, boot)
			}
			wantGeneration(t, addr, 2)
			if stall := noneLost(t, running).LongestStall; stall > boot+5*time.Second {
				t.Errorf("a client waited %v", stall)
			}
		})
	}
}
