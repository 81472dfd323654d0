package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
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
	own        *own // the bridge that was started for the drill; nil: it runs by itself
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

// close ends what was started for the drill.
func (s *service) close() {
	if s.own != nil {
		s.own.stop()
	}
}

// said has the last lines of such a bridge; of others the journal has them.
func (s *service) said() string {
	if s.own == nil {
		return ""
	}
	return s.own.lastLines()
}

// failed is a swap that was not, with the reason.
type failed string

func (f failed) Error() string { return "swap failed: " + string(f) }

// promptly is how long a bridge that is well takes at most for an answer.
const promptly = 5 * time.Second

func (p *plan) openNamed(ctx context.Context) (*service, error) {
	places, err := control.Find(os.LookupEnv, p.name, "")
	if err != nil { // its remedy is a flag that is not here
		return nil, fmt.Errorf("--name %q is no name of a bridge; sdbridge status lists those that run", p.name)
	}
	s := &service{control: places[0].Path, addr: p.addr}
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

func (s *service) name() string { return strconv.Itoa(s.generation) }
