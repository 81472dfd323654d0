// Command demo shows the main job: a bridge behind a socket that was handed over
// as systemd does it, five swaps under load, and what every client saw.
//
//	demo SDBRIDGE ACT CHILD
package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

const swaps = 5

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: demo SDBRIDGE ACT CHILD")
		os.Exit(64)
	}
	if err := demo(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func demo(sdbridge, act, child string) error {
	addr, err := freeAddress()
	if err != nil {
		return err
	}
	b, err := start(act, addr, "--", sdbridge, "run", "--kill-old-delay=500ms", "--interval=200ms", "--", child)
	if err != nil {
		return err
	}
	defer b.stop()
	if err := b.waitFor("is current"); err != nil {
		return err
	}
	fmt.Printf("\n8 clients send requests to %s, half of them over kept-alive connections; now %d swaps\n\n", addr, swaps)
	clients := load.Start(load.Config{Addr: addr, Clients: 8, KeepAlive: load.Both})
	for range swaps {
		_ = b.command.Process.Signal(syscall.SIGHUP)
		if err := b.waitFor("swap committed"); err != nil {
			return err
		}
	}
	time.Sleep(500 * time.Millisecond) // of load on the last generation
	return tell(clients.Stop())
}

// tell prints who answered what.
func tell(r load.Result) error {
	fmt.Println()
	for _, g := range slices.SortedFunc(maps.Keys(r.Answered), func(a, b string) int {
		return strings.Compare(fmt.Sprintf("%8s", a), fmt.Sprintf("%8s", b))
	}) {
		fmt.Printf("generation %s answered %5d requests\n", g, r.Answered[g])
	}
	fmt.Printf("lost: %d of %d; longest wait: %v\n", r.Lost(), r.Total()+r.Lost(), r.LongestStall.Round(time.Millisecond))
	if r.Lost() > 0 {
		return fmt.Errorf("requests were lost: %s", r.LastError)
	}
	if len(r.Answered) != swaps+1 {
		return fmt.Errorf("%d generations answered, %d were expected", len(r.Answered), swaps+1)
	}
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// bridge is the bridge that runs, with what it says.
type bridge struct {
	command *exec.Cmd
	lines   chan string
}

func start(name string, args ...string) (*bridge, error) {
	fmt.Println("$", name, strings.Join(args, " "))
	b := &bridge{command: exec.Command(name, args...), lines: make(chan string, 100)}
	stderr, err := b.command.StderrPipe()
	if err != nil {
		return nil, err
	}
	go b.read(stderr)
	return b, b.command.Start()
}

func (b *bridge) read(r io.Reader) {
	defer close(b.lines)
	for s := bufio.NewScanner(r); s.Scan(); {
		fmt.Println("  ", s.Text())
		b.lines <- s.Text()
	}
}

func (b *bridge) waitFor(text string) error {
	deadline := time.After(20 * time.Second)
	for {
		select {
		case line, ok := <-b.lines:
			if !ok {
				return fmt.Errorf("the bridge ended before it said %q", text)
			}
			if strings.Contains(line, text) {
				return nil
			}
		case <-deadline:
			return fmt.Errorf("the bridge did not say %q within 20 s", text)
		}
	}
}

func (b *bridge) stop() {
	_ = b.command.Process.Signal(syscall.SIGTERM)
	for range b.lines { // until it has said all
	}
	_ = b.command.Wait()
}
