package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
	"github.com/sdbridge/sdbridge/bridge/report"
)

func serving() report.Report {
	return report.Report{
		Command: []string{"./app"}, Ready: true, Started: time.Now(),
		Generations: []report.Generation{{Number: 2, PID: 4712, Phase: machine.Current}},
	}
}

func TestStatus(t *testing.T) {
	failed, dead, idle := serving(), serving(), serving()
	failed.Last = report.Swap{Generation: 3, Reason: "exited 1"}
	dead.Sockets = []report.Socket{{Entry: "8080", FD: -1, Trouble: "nobody can reach it"}}
	idle.Generations = nil
	for name, c := range map[string]struct {
		report report.Report
		args   []string
		status int
		out    string // a part of it
	}{
		"serving":     {serving(), nil, 0, "generation 2 (pid 4712) since"},
		"failed swap": {failed, nil, 1, "FAILED at"},
		"dead socket": {dead, nil, 1, "nobody can reach it"},
		"idle":        {idle, nil, 2, "nothing serves"},
		"metrics":     {failed, []string{"--prometheus"}, 1, "sdbridge_last_swap_success 0\n"},
		"json":        {serving(), []string{"--json"}, 0, `"serving": 2`},
		"two forms":   {serving(), []string{"--json", "--watch"}, 64, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "control")
			serveStub(t, path, &stub{report: c.report})
			got := runCommand(t, newStatus(), append(c.args, "--control", path)...)
			if got.status != c.status || !strings.Contains(got.out, c.out) {
				t.Errorf("got %+v, want %+v", got, c)
			}
		})
	}
}

func TestStatusWithoutABridge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	for _, args := range [][]string{{"--control", path}, {"--control", path, "--watch"}} {
		if got := runCommand(t, newStatus(), args...); got.status != 3 || !strings.Contains(got.err, "no bridge answers there") {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

// Without a name it shows all that answer, each by its name.
func TestStatusOfAll(t *testing.T) {
	for _, name := range []string{"RUNTIME_DIRECTORY", "SDBRIDGE_CONTROL"} {
		t.Setenv(name, "")
	}
	user := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", user)
	if got := runCommand(t, newStatus()); got.status != 3 {
		t.Errorf("none: %+v", got)
	}
	idle := serving()
	idle.Generations = nil
	serveStub(t, userControl(t, user, "idle"), &stub{report: idle})
	serveStub(t, userControl(t, user, "web"), &stub{report: serving()})
	if got := runCommand(t, newStatus()); got.status != 2 || !strings.HasPrefix(got.out, "idle\n") || !strings.Contains(got.out, "\n\nweb\n") {
		t.Errorf("got %+v", got)
	}
	var list []report.Status
	if got := runCommand(t, newStatus(), "--json"); json.Unmarshal([]byte(got.out), &list) != nil || len(list) != 2 || list[1].Name != "web" {
		t.Errorf("got %+v", got)
	}
	var one report.Status
	if got := runCommand(t, newStatus(), "--json", "web"); json.Unmarshal([]byte(got.out), &one) != nil || one.Name != "web" {
		t.Errorf("got %+v", got)
	}
}

func TestStatusWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	s := &stub{report: serving()}
	server := serveStub(t, path, s)
	result := make(chan ran, 1)
	out, in := make(chan string), new(strings.Builder)
	c := newStatus()
	go func() { result <- runCommandTo(t, c, writer(out), "--watch", "--control", path) }()
	await := func(part string) {
		t.Helper()
		for late := time.After(30 * time.Second); !strings.Contains(in.String(), part); {
			select {
			case text := <-out:
				in.WriteString(text)
			case <-late:
				t.Fatalf("no %q in %q", part, in)
			}
		}
	}
	await("serving")
	s.become()
	await("nothing serves")
	go server.Close()
	for {
		select {
		case <-out:
		case got := <-result:
			if got.status != 3 || !strings.Contains(got.err, "the bridge is gone") {
				t.Errorf("got %+v", got)
			}
			return
		}
	}
}

// writer is a channel as an io.Writer.
type writer chan<- string

func (w writer) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}
