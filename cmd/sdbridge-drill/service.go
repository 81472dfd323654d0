package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/bridge/control"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// service is what is drilled.
type service struct {
	control    string   // path of the control socket; "": nobody can be asked
	addr       string   // where clients reach it
	command    []string // the child's, as far as it is known
	flags      []string // of the bridge; nil: not known
	generation int      // the current one; from 1 where nobody can be asked
	swap       func(context.Context) (former int, err error)
	close      func()
	said       func() string // the last lines of a bridge of our own
}

// open finds the service, or starts it.
func (p *plan) open(ctx context.Context, stderr io.Writer) (*service, error) {
	switch {
	case p.unit != "":
		return p.openUnit(ctx)
	case p.name != "":
		return p.openNamed(ctx)
	}
	return p.openOwn(ctx, stderr)
}

// failed is a swap that was not, with the reason.
type failed string

func (f failed) Error() string { return "swap failed: " + string(f) }

// promptly is how long a bridge that is well takes at most for an answer.
const promptly = 5 * time.Second

func (p *plan) openNamed(ctx context.Context) (*service, error) {
	places, err := control.Find(os.LookupEnv, p.name, "")
	if err != nil {
		return nil, err
	}
	s := &service{control: places[0].Path, addr: p.addr, close: func() {}, said: func() string { return "" }}
	s.swap = s.askForSwap
	if err := s.look(ctx); err != nil {
		return nil, &refusal{exitUnavailable, err}
	}
	if s.addr == "" {
		return nil, refuse(exitUnavailable, "bridge %q hands on no stream socket that clients could reach; give --connect", p.name)
	}
	return s, nil
}

// call makes a call on a connection of its own.
func (s *service) call(ctx context.Context, do func(context.Context, *control.Client) error) error {
	client, err := control.Dial(ctx, s.control)
	if err != nil {
		return err
	}
	defer client.Close()
	return do(ctx, client)
}

// look asks the bridge what there is to know.
func (s *service) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, promptly)
	defer cancel()
	var status report.Status
	err := s.call(ctx, func(ctx context.Context, c *control.Client) (err error) {
		status, err = c.Status(ctx)
		return err
	})
	if err != nil {
		return err
	}
	serving, ok := status.Serving()
	if !ok {
		return errors.New("nothing serves there; look at: sdbridge status")
	}
	s.generation, s.command = serving.Number, status.Command
	for _, socket := range status.Sockets {
		if addr := reachable(socket.Address); s.addr == "" && addr != "" {
			s.addr = addr
		}
	}
	return nil
}

// askForSwap asks the bridge.
func (s *service) askForSwap(ctx context.Context) (former int, err error) {
	var v report.Verdict
	err = s.call(ctx, func(ctx context.Context, c *control.Client) (err error) {
		v, err = c.Reload(ctx, true)
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case v.Stopping:
		return 0, failed("the bridge stops")
	case !v.Committed():
		return 0, failed(fmt.Sprintf("%v: %s", report.Generation{Number: v.Generation, PID: v.PID}, v.Reason))
	}
	s.generation = v.Generation
	return v.Former, nil
}

// gone waits until that generation is gone; false: it is not, or nobody knows.
func (s *service) gone(ctx context.Context, number int) bool {
	if s.control == "" || number == 0 {
		return false
	}
	gone := false
	_ = s.call(ctx, func(ctx context.Context, c *control.Client) error {
		for status, err := range c.Monitor(ctx) {
			if err != nil {
				return err
			}
			gone = !slices.ContainsFunc(status.Generations, func(g report.Generation) bool { return g.Number == number })
			if gone {
				break
			}
		}
		return nil
	})
	return gone
}

// reachable is where clients reach a socket: "tcp [::]:8080" at the loopback; ""
// for what is no stream socket.
func reachable(address string) string {
	network, addr, _ := strings.Cut(address, " ")
	switch network {
	case "unix":
		return addr
	case "tcp":
		addr, _, _ = strings.Cut(addr, " ") // (dual-stack)
		return loopback(addr)
	}
	return ""
}

// loopback is the address itself, or that of this machine where it is any. A
// dual-stack socket takes IPv4, too; one for IPv6 alone is found out by trying.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return ""
	case host == "0.0.0.0":
		return net.JoinHostPort("127.0.0.1", port)
	case host != "::" && host != "":
		return addr
	}
	v4 := net.JoinHostPort("127.0.0.1", port)
	if conn, err := net.DialTimeout("tcp", v4, time.Second); err == nil {
		_ = conn.Close()
		return v4
	}
	return net.JoinHostPort("::1", port)
}

func (s *service) name() string { return strconv.Itoa(s.generation) }
