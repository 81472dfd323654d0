package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// busy has something of everything.
func busy() Status {
	old := Generation{Number: 6, PID: 4690, Phase: machine.Draining, Since: noon.Add(-76 * time.Hour), Entered: noon.Add(-time.Minute), Exited: true}
	current := generation(7, machine.Current)
	current.Status = "12 workers\nready"
	candidate := Generation{Number: 9, Phase: machine.Starting, Since: after(120), Entered: after(120)}
	return Status{
		Name: "app", PID: 4600, At: after(125), Queues: map[int]int{3: 2},
		Report: Report{
			Command: []string{"starman", "-l", "", "my app.psgi"}, Started: noon.Add(-76 * time.Hour),
			Sockets: []Socket{
				{Entry: "8080", Address: "tcp 0.0.0.0:8080", FD: 3},
				{Address: "unix /run/app.sock", FD: 4, Trouble: "clients cannot reach it: the file is gone; cure: systemctl stop app.socket app.service && systemctl start app.socket"},
				{Address: "unix /tmp/app.sock", FD: 5, Unwatched: "not watched: cannot watch path \"/tmp/app.sock\": no such file or directory; if clients cannot reach it: systemctl stop app.socket app.service && systemctl start app.socket"},
			},
			Generations: []Generation{old, current, candidate},
			Ready:       true, Reloading: true, Failures: 1, Deadline: after(180),
			Last:     Swap{Generation: 8, PID: 4708, Former: 7, At: after(60), Reason: "exited 255"},
			Reload:   Swap{Generation: 8, PID: 4708, Former: 7, At: after(60), Reason: "exited 255"},
			Counters: Counters{Committed: 5, Failed: 1, Replacements: 2},
			Strays:   []int{4801, 4802},
		},
	}
}

func well() Status {
	return Status{
		PID: 4600, At: after(5), Queues: map[int]int{3: 0},
		Report: Report{
			Command: []string{"./app"}, Started: noon, Ready: true,
			Generations: []Generation{generation(2, machine.Current)},
			Sockets:     []Socket{{Entry: "8080", Address: "tcp 0.0.0.0:8080", FD: 3}},
			Last:        Swap{Generation: 2, PID: 4702, Former: 1, At: noon},
			Counters:    Counters{Committed: 1},
		},
	}
}

func down() Status {
	s := well()
	s.Name, s.Generations, s.Sockets, s.Retry, s.Failures = `o"dd`, nil, nil, after(9), 3
	return s
}

func TestGolden(t *testing.T) {
	text := func(s Status) func(io.Writer) error {
		return func(w io.Writer) error { return Text(w, s) }
	}
	for name, render := range map[string]func(io.Writer) error{
		"busy.txt": text(busy()),
		"well.txt": text(well()),
		"down.txt": text(down()),
		"new.txt":  text(Status{At: noon, Report: Report{Started: noon}}),
		"busy.json": func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(busy())
		},
		"all.prom":  func(w io.Writer) error { return Prometheus(w, []Status{busy(), down()}) },
		"well.prom": func(w io.Writer) error { return Prometheus(w, []Status{well()}) },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := render(&got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got:\n%s\nwant:\n%s", &got, want)
			}
		})
	}
}

func TestJSONBothWays(t *testing.T) {
	for _, s := range []Status{busy(), well(), down()} {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var got Status
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b, again) || !reflect.DeepEqual(got.Generations, s.Generations) || got.Last != s.Last {
			t.Errorf("%s\ncame back as\n%s", b, again)
		}
	}
	v := Verdict{Swap: busy().Last, Serving: 7, Warnings: []string{"a socket cannot be reached"}}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got Verdict
	if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%s came back as %+v, %v", b, got, err)
	}
}

func TestStatusRefusesWhatItDoesNotKnow(t *testing.T) {
	var s Status
	if err := json.Unmarshal([]byte(`{"generations":[{"phase":"asleep"}]}`), &s); err == nil {
		t.Errorf("took a phase of its own: %+v", s)
	}
}

func FuzzStatus(f *testing.F) {
	b, _ := json.Marshal(busy())
	f.Add(b)
	f.Add([]byte(`{"sockets":[{"fd":3,"queue":1}],"last":null}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var s Status
		if json.Unmarshal(b, &s) == nil {
			_ = Text(io.Discard, s)
			_ = Prometheus(io.Discard, []Status{s})
		}
	})
}
