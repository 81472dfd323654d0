package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

// deadline is how long a condition may take on a loaded machine.
const deadline = 30 * time.Second

// The tests of permissions run this binary as another user: it connects to the
// socket and exits with what it met.
const stranger = "CONTROL_TEST_STRANGER"

func TestMain(m *testing.M) {
	if path := os.Getenv(stranger); path != "" {
		os.Exit(beStranger(path))
	}
	os.Exit(m.Run())
}

// What a stranger meets: nothing, or what the bits say.
const (
	cannotConnect = 1 << iota
	cannotSee
	cannotReload
)

func beStranger(path string) (met int) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	c, err := Dial(ctx, path)
	if errors.Is(err, ErrNotAllowed) {
		return cannotConnect
	}
	if _, err := c.Status(ctx); err != nil {
		met |= cannotSee
	}
	if _, err := c.Reload(ctx, false); errors.Is(err, ErrNotAllowed) {
		met |= cannotReload
	}
	return met
}

// fake is a bridge whose swaps the test decides.
type fake struct {
	mutex   sync.Mutex
	report  report.Report
	changed chan struct{}
	asked   []chan report.Verdict
}

func newFake() *fake {
	return &fake{changed: make(chan struct{}), report: report.Report{
		Ready: true, Command: []string{"./app"},
		Generations: []report.Generation{{Number: 1, PID: 4711, Phase: machine.Current}},
	}}
}

func (f *fake) Reload() <-chan report.Verdict {
	c := make(chan report.Verdict, 1)
	f.change(func() { f.asked = append(f.asked, c) })
	return c
}

func (f *fake) Report() report.Report {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.report
}

func (f *fake) Changed() <-chan struct{} {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.changed
}

func (f *fake) change(do func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	do()
	close(f.changed)
	f.changed = make(chan struct{})
}

// requests waits until that many are open.
func (f *fake) requests(t *testing.T, n int) {
	t.Helper()
	until(t, func() bool {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		return len(f.asked) == n
	})
}

// decide answers all open requests.
func (f *fake) decide(v report.Verdict) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, c := range f.asked {
		c <- v
	}
	f.asked = nil
}

// until waits for a condition.
func until(t *testing.T, is func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.After(deadline); !is(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it does not happen")
		}
	}
}

// serve starts a server for f and stops it at the test's end.
func serve(t *testing.T, f *fake) *Server {
	t.Helper()
	s, err := Listen(filepath.Join(t.TempDir(), "control"), NoGroup)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Serve(f, "1.0")
	}()
	t.Cleanup(func() {
		s.Close()
		<-ended
		if len(s.connections) != 0 {
			t.Errorf("%d connections are left", len(s.connections))
		}
	})
	return s
}

func dial(t *testing.T, s *Server) *Client {
	t.Helper()
	c, err := Dial(t.Context(), s.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// raw is a connection without a client's manners.
func raw(t *testing.T, s *Server) *net.UnixConn {
	t.Helper()
	c, err := net.Dial("unix", s.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.UnixConn)
}

func (s *Server) count() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return len(s.connections)
}

// descriptors are those of this process.
func descriptors(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		if to, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			all = append(all, to)
		}
	}
	slices.Sort(all)
	return all
}

func withUmask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}
