package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/sdbridge/sdbridge/activation/child"
	"github.com/sdbridge/sdbridge/testdata/programs"
)

// The tests run the real program: this test binary is sdbridge-drill when it is
// called so, a child that answers lines, or the systemctl of a host.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "sdbridge-drill":
		main()
	case "line-child":
		beLineChild()
		os.Exit(0)
	case "systemctl":
		os.Exit(beSystemctl(os.Args[1:]))
	}
	status := m.Run()
	_ = os.RemoveAll(binaries)
	os.Exit(status)
}

var binaries string // directory of what the tests run

var build = sync.OnceValue(func() (err error) {
	binaries, err = programs.Make([]string{"sdbridge-drill", "line-child", "systemctl"},
		"../sdbridge", "../../testdata/children/kid", "../../testdata/children/plain")
	return err
})

func binary(t *testing.T, name string) string {
	t.Helper()
	if err := build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(binaries, name)
}

// beLineChild answers each line, and on TERM finishes what it has accepted.
func beLineChild() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listeners, err := child.Listeners()
	if err != nil {
		log.Fatal(err)
	}
	context.AfterFunc(ctx, func() { _ = listeners[0].Close() })
	var open sync.WaitGroup
	for {
		conn, err := listeners[0].Accept()
		if err != nil {
			open.Wait()
			return
		}
		open.Go(func() { answerLines(conn) })
	}
}

func answerLines(conn net.Conn) {
	defer conn.Close()
	for s := bufio.NewScanner(conn); s.Scan(); {
		fmt.Fprintf(conn, "you said %s\n", s.Text())
	}
}

// beSystemctl answers as that of a host with app.socket and app.service.
func beSystemctl(args []string) int {
	switch args[0] {
	case "show":
		fmt.Print(os.Getenv("FAKE_SHOW"))
		return 0
	case "reload":
		cmd := exec.Command("sdbridge", "reload", "app")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if cmd.Run() != nil {
			fmt.Println("Job for app.service failed.")
			return 1
		}
		return 0
	}
	return 64
}
