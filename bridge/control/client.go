package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net"
	"strings"

	"github.com/varlink/go/varlink"
	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/report"
)

// What a [Client] can meet, besides a failed swap. Other errors wrap one of these.
var (
	ErrNoBridge   = errors.New("no bridge answers there")
	ErrNoAnswer   = errors.New("the bridge does not answer")
	ErrNotAllowed = errors.New("only root and the bridge's own user may do that")
)

// Client is a connection to a bridge. One call at a time.
type Client struct {
	connection *varlink.Connection
	path       string
	pid        int
}

// Dial connects to the bridge whose control socket is at path.
func Dial(ctx context.Context, path string) (*Client, error) {
	d := &dialer{path: path}
	c, err := varlink.NewConnectionWithDialer(ctx, "unix:", d)
	if err != nil {
		return nil, explain(path, err)
	}
	return &Client{c, path, d.pid}, nil
}

// dialer connects to a path which, other than the library's addresses, may
// contain a semicolon.
type dialer struct {
	path string
	pid  int
}

func (d *dialer) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	var plain net.Dialer
	c, err := plain.DialContext(ctx, "unix", d.path)
	if err != nil {
		return nil, err
	}
	if raw, err := c.(*net.UnixConn).SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			if who, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
				d.pid = int(who.Pid)
			}
		})
	}
	return c, nil
}

// PID is the bridge's; 0: it is in a pid namespace that cannot be seen from here.
func (c *Client) PID() int { return c.pid }

// Close ends the connection. A swap that was asked for goes on.
func (c *Client) Close() error { return c.connection.Close() }

// Reload asks for a swap and waits for its verdict; a failed swap is no error.
// Without wait it returns at once, with the zero Verdict.
func (c *Client) Reload(ctx context.Context, wait bool) (report.Verdict, error) {
	var out verdictOut
	err := c.connection.Call(ctx, Interface+".Reload", reloadIn{&wait}, &out)
	if e, ok := errors.AsType[*varlink.Error](err); ok {
		switch strings.TrimPrefix(e.Name, Interface+".") {
		case "Stopping":
			return report.Verdict{Stopping: true}, nil
		case "SwapFailed":
			if raw, ok := e.Parameters.(*json.RawMessage); ok && raw != nil {
				err = json.Unmarshal(*raw, &out)
			}
		}
	}
	if err != nil {
		return report.Verdict{}, explain(c.path, err)
	}
	if out.Verdict == nil {
		return report.Verdict{}, nil
	}
	return *out.Verdict, nil
}

// Status asks how the bridge is.
func (c *Client) Status(ctx context.Context) (report.Status, error) {
	var out statusOut
	err := c.connection.Call(ctx, Interface+".Status", nil, &out)
	return out.Status, explain(c.path, err)
}

// Monitor yields how the bridge is, again at each change, until it stops or the
// context ends; then an error comes, but when the bridge stopped.
func (c *Client) Monitor(ctx context.Context) iter.Seq2[report.Status, error] {
	return func(yield func(report.Status, error) bool) {
		receive, err := c.connection.Send(ctx, Interface+".Monitor", nil, varlink.More)
		for more := uint64(varlink.Continues); err == nil && more != 0; {
			var out statusOut
			if more, err = receive(ctx, &out); err == nil && !yield(out.Status, nil) {
				return
			}
		}
		if e, ok := errors.AsType[*varlink.Error](err); ok && e.Name == Interface+".Stopping" {
			return
		}
		if err != nil {
			yield(report.Status{}, explain(c.path, err))
		}
	}
}

// explain finds out which of the three an error is.
func explain(path string, err error) error {
	var kind error
	e, answered := errors.AsType[*varlink.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ECONNREFUSED), errors.Is(err, unix.ENOTDIR):
		kind = ErrNoBridge
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM), answered && e.Name == Interface+".NotAllowed":
		kind = ErrNotAllowed
	default:
		kind = ErrNoAnswer
	}
	return fmt.Errorf("control socket %q: %w (%w)", path, kind, err)
}
