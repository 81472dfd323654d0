package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func (l *live) starting(generation int) {
	l.t.Helper()
	l.await(fmt.Sprintf(`msg="generation is starting" generation=%d`, generation))
}

// Who asks while a swap runs gets the verdict of the next one, which began after
// that.
func TestTenReloadsDuringASwap(t *testing.T) {
	t.Parallel()
	l := newLive(t).run("--port", freeAddr(t))
	l.up(1)
	l.habits("-boot=2")
	first := l.begin("reload")
	l.starting(2)
	l.habits("-fail-if=/dev/null")
	var others []*asking
	for range 10 {
		others = append(others, l.begin("reload"))
	}
	if got := first.wait(); got.status != 0 || !strings.HasPrefix(got.out, "generation 2 ") {
		t.Errorf("the first: %+v", got)
	}
	for _, other := range others {
		if got := other.wait(); got.status != 1 || !strings.Contains(got.err, "exited 3; generation 2 keeps serving") {
			t.Errorf("another: %+v", got)
		}
	}
	l.habits()
	l.commits()
}

// What becomes of the caller is nothing to the swap.
func TestReloadWhoseCallerEnds(t *testing.T) {
	for sig, c := range map[syscall.Signal]struct {
		status int
		err    string
	}{
		unix.SIGKILL: {-1, ""},
		unix.SIGINT:  {130, "interrupted by interrupt: the swap goes on"},
	} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			addr := freeAddr(t)
			l := newLive(t).run("--port", addr)
			l.up(1)
			l.habits("-boot=1")
			reload := l.begin("reload")
			l.starting(2)
			if err := reload.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if got := reload.wait(); got.status != c.status || !strings.Contains(got.err, c.err) {
				t.Errorf("got %+v, want %+v", got, c)
			}
			l.up(2)
			l.commits()
			wantGeneration(t, addr, 3)
		})
	}
}

func TestReloadThatDoesNotWait(t *testing.T) {
	t.Parallel()
	l := newLive(t).run("--port", freeAddr(t))
	l.up(1)
	l.habits("-boot=2")
	if got := l.do("reload", "--no-wait"); got.status != 0 || l.count("swap committed") > 0 {
		t.Errorf("--no-wait: %+v", got)
	}
	l.up(2)
	if got := l.do("reload", "--timeout=300ms"); got.status != 1 || !strings.Contains(got.err, "the swap goes on") {
		t.Errorf("--timeout: %+v", got)
	}
	l.up(3)
}

// When it returns, the former release can be deleted.
func TestReloadThatWaitsForTheFormerOne(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr)
	l.up(1)
	finish := hold(t, addr, ask(t, addr).pid)
	result := l.begin("reload", "--wait=drained")
	l.up(2)
	l.wantStatus(0, "draining")
	select {
	case <-result.ended:
		t.Error("it did not wait")
	default:
	}
	finish()
	if got := result.wait(); got.status != 0 || !strings.Contains(got.out, "\ngeneration 1 is gone\n") {
		t.Errorf("got %+v", got)
	}
	if all := l.report().Generations; len(all) != 1 {
		t.Errorf("generations %+v", all)
	}
}

func TestReloadWhileStopping(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr)
	l.up(1)
	finish := hold(t, addr, ask(t, addr).pid)
	l.signal(unix.SIGTERM)
	l.await("TERM: stopping")
	if got := l.do("reload"); got.status != 75 || !strings.Contains(got.err, "the bridge stops") {
		t.Errorf("got %+v", got)
	}
	finish()
	l.wantExit(0)
	if got := l.do("reload"); got.status != 69 {
		t.Errorf("without a bridge: %+v", got)
	}
	if got := l.do("status"); got.status != 3 {
		t.Errorf("without a bridge: %+v", got)
	}
}

// A request that is under way when the bridge stops is answered.
func TestStopDuringAReload(t *testing.T) {
	t.Parallel()
	l := newLive(t).run("--port", freeAddr(t))
	l.up(1)
	l.habits("-boot=20")
	result := l.begin("reload")
	l.starting(2)
	l.stop()
	if got := result.wait(); got.status != 75 {
		t.Errorf("got %+v", got)
	}
}

func TestStatusWhileNothingServes(t *testing.T) {
	t.Parallel()
	addr, broken := freeAddr(t), filepath.Join(t.TempDir(), "broken")
	l := newLive(t)
	l.habits("-fail-if=" + broken)
	l.run("--port", addr)
	l.up(1)
	l.wantStatus(0, "serving")
	writeFile(t, broken, "")
	_ = unix.Kill(ask(t, addr).pid, unix.SIGKILL)
	l.await("starting a replacement in 2s")
	l.wantStatus(2, "nothing serves")
	l.habits()
	l.commits() // a fix does not wait for the back-off
	l.wantStatus(0, "serving")
}

func TestStatusForPrograms(t *testing.T) {
	t.Parallel()
	addr := freeAddr(t)
	l := newLive(t).run("--port", addr)
	l.up(1)
	watched := start(t, nil, binary(t, "sdbridge"), "status", "--watch", "--control", l.control)
	watched.await("generation 1 (pid ")
	l.commits()
	watched.await("generation 2 (pid ")
	s := l.report()
	if s.PID != l.pid() || s.Last.Generation != 2 || len(s.Sockets) != 1 || s.Counters.Committed != 1 {
		t.Errorf("--json: %+v", s)
	}
	metrics := l.do("status", "--prometheus").out
	for _, sample := range []string{
		"serving 1", "generation 2", "generation_start_time_seconds ", `generations{phase="current"} 1`,
		`swaps_total{verdict="committed"} 1`, `swaps_total{verdict="failed"} 0`, "last_swap_success 1",
		"last_swap_time_seconds ", "replacements_total 0", `listen_queue{socket="` + addr + `"} 0`,
	} {
		if !strings.Contains(metrics, "\nsdbridge_"+sample) {
			t.Errorf("no %s in\n%s", sample, metrics)
		}
	}
	l.stop()
	watched.await("the bridge is gone")
	watched.wantExit(statusNoAnswer)
}
