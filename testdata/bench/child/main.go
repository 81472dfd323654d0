// Child is the server that is measured: net/http, by the package
// activation/child where a supervisor hands it a socket. It answers "pid=4711\n",
// and tells the benchmark what happens to it (-events).
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/sdbridge/sdbridge/activation/child"
	"golang.org/x/sys/unix"
)

var (
	events      = flag.String("events", "", "Unix datagram `SOCKET` for lines \"what pid monotonic-ns\"")
	listen      = flag.String("listen", "", "bind `ADDR` and take no handed socket")
	fd          = flag.Int("fd", -1, "take this `descriptor`")
	boot        = flag.Duration("boot", 0, "take this long before serving")
	notify      = flag.Bool("notify", false, "send READY=1")
	quick       = flag.Bool("quick", false, "at TERM exit at once, without draining")
	descendants = flag.Int("descendants", 0, "start `N` processes that ignore TERM")
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("child: ")
	flag.Parse()
	tell("exec")
	if err := startDescendants(*descendants); err != nil {
		log.Fatal(err)
	}
	ctx := untilTerm()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	ready := func() error { return nil }
	if *notify {
		var err error
		if ready, err = child.Announce(); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(*boot):
	}
	listeners, err := sockets()
	if err != nil {
		return err
	}
	tell("serving")
	if err := ready(); err != nil {
		return err
	}
	return child.Serve(ctx, &http.Server{Handler: http.HandlerFunc(answer)}, listeners...)
}

func sockets() ([]net.Listener, error) {
	if *listen != "" {
		l, err := net.Listen("tcp", *listen)
		return []net.Listener{l}, err
	}
	if *fd >= 0 {
		file := os.NewFile(uintptr(*fd), "handed")
		defer file.Close()
		l, err := net.FileListener(file)
		return []net.Listener{l}, err
	}
	return child.Listeners()
}

func answer(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "pid=%d\n", os.Getpid())
}

// untilTerm is done when TERM came.
func untilTerm() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() {
		<-term
		tell("signal")
		if *quick {
			os.Exit(0)
		}
		cancel()
	}()
	return ctx
}

// startDescendants relies on exec keeping an ignored signal ignored.
func startDescendants(n int) error {
	if n == 0 {
		return nil
	}
	signal.Ignore(syscall.SIGTERM)
	defer signal.Reset(syscall.SIGTERM)
	for range n {
		if err := exec.Command("sleep", "infinity").Start(); err != nil {
			return err
		}
	}
	return nil
}

// tell is silent where nobody listens any more.
func tell(what string) {
	if *events == "" {
		return
	}
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	message := fmt.Sprintf("%s %d %d", what, os.Getpid(), now.Nano())
	_ = unix.Sendto(fd, []byte(message), 0, &unix.SockaddrUnix{Name: *events})
}
