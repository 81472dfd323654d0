package control

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"time"

	"github.com/varlink/go/varlink"

	"github.com/sdbridge/sdbridge/bridge/ready"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// Interface is the name of the varlink interface.
const Interface = "io.github.sdbridge.Bridge"

//go:embed io.github.sdbridge.Bridge.varlink
var description string

// Bridge is what the service is about. Its methods are called from many
// goroutines at once and must not block.
type Bridge interface {
	// Reload asks for a swap. The verdict of the one that covers the request
	// comes once; the channel has room for it, so that nobody need wait. After
	// the bridge's end it never comes.
	Reload() <-chan report.Verdict
	// Report is the newest one.
	Report() report.Report
	// Changed is closed when there is a newer one.
	Changed() <-chan struct{}
}

// service answers the calls of all connections.
type service struct{ bridge Bridge }

type (
	reloadIn struct {
		Wait *bool `json:"wait"`
	}
	verdictOut struct {
		Verdict *report.Verdict `json:"verdict"`
	}
	statusOut struct {
		Status report.Status `json:"status"`
	}
)

// These three are how the varlink library sees the interface.

func (s *service) VarlinkGetName() string        { return Interface }
func (s *service) VarlinkGetDescription() string { return description }

func (s *service) VarlinkDispatch(ctx context.Context, call varlink.Call, method string) error {
	caller := call.Conn.(varlink.GetNetConn).NetConn().(*connection)
	switch method {
	case "Reload":
		return s.reload(ctx, &call, caller)
	case "Status":
		return call.Reply(ctx, statusOut{s.status()})
	case "Monitor":
		return s.monitor(ctx, &call, caller)
	}
	return call.ReplyMethodNotFound(ctx, method)
}

func (s *service) reload(ctx context.Context, call *varlink.Call, caller *connection) error {
	var in reloadIn
	if raw := call.In.Parameters; raw != nil && json.Unmarshal(*raw, &in) != nil {
		return call.ReplyInvalidParameter(ctx, "wait")
	}
	if !caller.trusted {
		return fail(ctx, call, "NotAllowed", nil)
	}
	verdicts := s.bridge.Reload()
	if call.IsOneway() || in.Wait != nil && !*in.Wait {
		return call.Reply(ctx, verdictOut{})
	}
	gone, stop := caller.watch()
	defer stop()
	select {
	case v := <-verdicts:
		return answer(ctx, call, v)
	case <-gone:
	}
	select {
	case v := <-verdicts: // it came at the same moment
		return answer(ctx, call, v)
	default:
		return fail(ctx, call, "Stopping", nil)
	}
}

func answer(ctx context.Context, call *varlink.Call, v report.Verdict) error {
	switch {
	case v.Stopping:
		return fail(ctx, call, "Stopping", nil)
	case !v.Committed():
		return fail(ctx, call, "SwapFailed", verdictOut{&v})
	}
	return call.Reply(ctx, verdictOut{&v})
}

// monitor sends a status at each change; what changes while the caller reads
// one is in the next one.
func (s *service) monitor(ctx context.Context, call *varlink.Call, caller *connection) error {
	if call.IsOneway() {
		return nil
	}
	call.Continues = call.WantsMore()
	gone, stop := caller.watch()
	defer stop()
	for {
		changed := s.bridge.Changed() // before Report, or a change is missed
		if err := call.Reply(ctx, statusOut{s.status()}); err != nil || !call.Continues {
			return err
		}
		select {
		case <-changed:
		case <-gone:
			return fail(ctx, call, "Stopping", nil)
		}
	}
}

// status makes the status: the report, and what is measured now.
func (s *service) status() report.Status {
	r := s.bridge.Report()
	fds := make([]int, len(r.Sockets))
	for i, socket := range r.Sockets {
		fds[i] = socket.Here
	}
	lengths, queues := ready.Queues(fds), map[int]int{}
	for _, socket := range r.Sockets {
		if n, ok := lengths[socket.Here]; ok {
			queues[socket.FD] = n
		}
	}
	return report.Status{Report: r, PID: os.Getpid(), At: time.Now(), Queues: queues}
}

// fail answers with an error of the interface. It reaches nobody where the
// caller has gone.
func fail(ctx context.Context, call *varlink.Call, name string, parameters any) error {
	return call.ReplyError(ctx, Interface+"."+name, parameters)
}
