package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// parse reads what --json prints.
func parse(t *testing.T, text string) (d document) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return d
}

func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	out, stderr := drill(t, 0, "--swaps=3", "--json", quick, "--", binary(t, "plain"))
	if stderr != "" {
		t.Errorf("it said %s", stderr)
	}
	d := parse(t, out)
	if d.Total.Lost != 0 || len(d.Swaps) != 4 || len(d.Generations) != 4 || len(d.Causes) != 0 {
		t.Errorf("got %s", out)
	}
	sum := 0
	for i, s := range d.Swaps {
		sum += s.Answered
		if i > 0 && (s.Generation != i+1 || s.FormerGone == nil || s.Took < 100) {
			t.Errorf("swap %d: %+v", i, s)
		}
	}
	for i, g := range d.Generations {
		if g.Name != fmt.Sprint(i+1) || g.Answered == 0 {
			t.Errorf("generation %d: %+v", i+1, g)
		}
	}
	if sum != d.Total.Answered || d.Total.P50 == 0 || d.Total.P99 < d.Total.P50 {
		t.Errorf("total %+v, where the swaps have %d answers", d.Total, sum)
	}
	wantKeys(t, out)
}

// wantKeys checks the names of the document, which scripts read.
func wantKeys(t *testing.T, text string) {
	t.Helper()
	counts := "answered closed cut longest_stall_ms lost other reconnects refused reset server_errors timed_out wrong"
	var d struct {
		Swaps, Generations []map[string]any
		Total              map[string]any
	}
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		got  map[string]any
		want string
	}{
		{all, "address causes clients command generations interrupted keep_alive swaps total"},
		{d.Total, counts + " p50_ms p99_ms"},
		{d.Swaps[0], counts + " number p50_ms p99_ms"},
		{d.Swaps[1], counts + " former_gone_ms generation number p50_ms p99_ms took_ms"},
		{d.Generations[0], counts + " name"},
	} {
		wanted := strings.Fields(test.want)
		slices.Sort(wanted)
		if got := slices.Sorted(maps.Keys(test.got)); !slices.Equal(got, wanted) {
			t.Errorf("keys\n%v, want\n%v", got, wanted)
		}
	}
}

func TestLossAndItsCause(t *testing.T) {
	t.Parallel()
	out, _ := drill(t, exitLost, "--swaps=3", quick, "--", binary(t, "kid"), "-on-term=quick", "-work=0.23")
	want(t, out, "GET / at 127.0.0.1:", "16 clients, every second one on kept connections", "requests lost in 3 swaps",
		"ended before the answer", "the quickest old generation was gone", "golang/go#75591")
}

func TestLines(t *testing.T) {
	t.Parallel()
	out, said := drill(t, 0, "--swaps=2", "--send=PING", "--keep-alive=no", "--verbose", quick, "--", binary(t, "line-child"))
	want(t, out, `"PING" at 127.0.0.1:`, "0 of ")
	want(t, said, "swap committed: generation 3")
}

// A request of the user's over a Unix socket, some of them slow.
func TestRequestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "request")
	if err := os.WriteFile(file, []byte("PUT /x?sleep=0.05 HTTP/1.1\nX-A: b\n\nsome body"), 0o666); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(filepath.Dir(binary(t, "plain")), "socket") // a short path
	out, _ := drill(t, 0, "--swaps=1", "--clients=4", "--slow=4", "--keep-alive=no", "--request-file="+file,
		"--connect="+socket, quick, "--", binary(t, "plain"))
	want(t, out, "PUT /x?sleep=0.05 at "+socket, "4 clients, each request on a fresh connection, and 4 slow ones")
}

func TestFailedSwap(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad")
	p := start(t, nil, binary(t, "sdbridge-drill"), "--swaps=1000", quick, "--", binary(t, "kid"), "-fail-if", bad)
	p.awaitLog("swap committed: generation 3")
	if err := os.WriteFile(bad, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	p.wantExit(exitFailed)
	want(t, p.err.String(), "sdbridge drill: swap failed: generation ", "exited 3", "its last lines:")
	want(t, p.out.String(), "requests lost in ")
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	p := start(t, nil, binary(t, "sdbridge-drill"), "--swaps=1000", "--json", quick, "--", binary(t, "plain"))
	p.awaitLog("swap committed: generation 3")
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	p.wantExit(exitInterrupted)
	if d := parse(t, p.out.String()); !d.Interrupted || d.Total.Answered == 0 || d.Total.Lost != 0 || d.Failure != "" {
		t.Errorf("got %s", &p.out)
	}
}

func TestInterruptedAtTheStart(t *testing.T) {
	t.Parallel()
	p := start(t, nil, binary(t, "sdbridge-drill"), "--", binary(t, "plain"), "-boot=1h")
	p.awaitLog("generation is starting")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.wantExit(exitInterrupted)
}

// The drill of a bridge that runs, by its name and by its unit.
func TestService(t *testing.T) {
	t.Parallel()
	runtime, err := os.MkdirTemp("", "drill") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(runtime) })
	dir := filepath.Join(runtime, "sdbridge/app")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	bridge := start(t, []string{"RUNTIME_DIRECTORY=" + dir}, binary(t, "sdbridge"), "run", "--interval=50ms", "--kill-old-delay=50ms",
		"--port", addr, "--", binary(t, "plain"))
	env := []string{"XDG_RUNTIME_DIR=" + runtime, "FAKE_SHOW=LoadState=loaded\nActiveState=active\nCanReload=yes\nListen=" + addr + " (Stream)\n" +
		"ExecStart={ path=/usr/bin/sdbridge ; argv[]=/usr/bin/sdbridge run -- ./app ; ignore_errors=no ; pid=0 }\n"}
	await(t, "the bridge", func() bool { _, err := os.Stat(filepath.Join(dir, "control")); return err == nil })
	await(t, "the child", func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		p := start(t, env, binary(t, "sdbridge"), "status", "app")
		_ = p.cmd.Wait()
		return err == nil && p.cmd.ProcessState.Success()
	})
	for i, flag := range []string{"--name=app", "--unit=app.service", "--unit=app"} {
		p := start(t, env, binary(t, "sdbridge-drill"), "--swaps=2", "--json", flag)
		p.wantExit(0)
		d := parse(t, p.out.String())
		if last := d.Swaps[len(d.Swaps)-1]; last.Generation != 2*i+3 || last.FormerGone == nil || d.Address != addr || d.Total.Lost > 0 {
			t.Errorf("%s: %s", flag, &p.out)
		}
	}
	bridge.cmd.Process.Signal(syscall.SIGTERM)
	bridge.wantExit(0)
	p := start(t, env, binary(t, "sdbridge-drill"), "--unit=app")
	p.wantExit(exitUnavailable)
	want(t, p.err.String(), "before any swap a request to "+addr+" is lost (refused")
	p = start(t, env, binary(t, "sdbridge-drill"), "--name=app")
	p.wantExit(exitUnavailable)
	want(t, p.err.String(), "no bridge answers there")
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
