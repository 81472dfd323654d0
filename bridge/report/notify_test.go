package report

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func generation(number int, p machine.Phase) Generation {
	return Generation{Number: number, PID: 4700 + number, Phase: p, Since: noon, Entered: noon}
}

// step is a report and the datagrams that it calls for, their lines joined by
// spaces.
type step struct {
	report Report
	want   []string
}

func TestNotifier(t *testing.T) {
	starting, current := generation(1, machine.Starting), generation(1, machine.Current)
	second := generation(2, machine.Starting)
	second.PID = 0
	failed := Swap{Generation: 2, PID: 4702, Former: 1, At: noon, Reason: "exited 255\nat once"}
	const serves = "generation 1 (pid 4701) serves since 2026-05-04 12:00:00 UTC"
	const failure = "; last reload FAILED at 2026-05-04 12:00:00 UTC: exited 255 at once"
	up := step{Report{Ready: true, Generations: []Generation{current}}, []string{"READY=1 STATUS=" + serves}}

	tests := map[string][]step{
		"first start, with more time at each phase": {
			{Report{Generations: []Generation{starting}, Deadline: after(60)}, []string{"STATUS=generation 1 is starting EXTEND_TIMEOUT_USEC=65000000"}},
			{Report{Generations: []Generation{starting}, Deadline: after(60)}, nil},
			{Report{Generations: []Generation{starting}, Deadline: after(90)}, []string{"EXTEND_TIMEOUT_USEC=95000000"}},
			{Report{Ready: true, Generations: []Generation{current}, Deadline: after(10)}, []string{"READY=1 STATUS=" + serves}},
			{Report{Ready: true, Generations: []Generation{current}, Deadline: after(10)}, nil},
		},
		"no limit, nothing to extend": {
			{Report{Generations: []Generation{starting}}, []string{"STATUS=generation 1 is starting"}},
		},
		"committed reload": {
			up,
			{
				Report{Ready: true, Reloading: true, Generations: []Generation{current, second}, Deadline: after(60)},
				[]string{"RELOADING=1 MONOTONIC_USEC=7000000 STATUS=" + serves + "; generation 2 is starting EXTEND_TIMEOUT_USEC=65000000"},
			},
			{
				Report{Ready: true, Reloading: true, Generations: []Generation{current, generation(2, machine.Proving)}, Deadline: after(2)},
				[]string{"STATUS=" + serves + "; generation 2 is proving EXTEND_TIMEOUT_USEC=7000000"},
			},
			{
				Report{Ready: true, Generations: []Generation{generation(1, machine.Draining), generation(2, machine.Current)}},
				[]string{"READY=1 STATUS=generation 2 (pid 4702) serves since 2026-05-04 12:00:00 UTC; generation 1 is draining"},
			},
		},
		"failed reload is remembered until one succeeds": {
			up,
			{Report{Ready: true, Reloading: true, Generations: []Generation{current, second}}, []string{"RELOADING=1 MONOTONIC_USEC=7000000 STATUS=" + serves + "; generation 2 is starting"}},
			{Report{Ready: true, Generations: []Generation{current}, Reload: failed, Last: failed}, []string{"READY=1 STATUS=" + serves + failure}},
			{
				Report{Ready: true, Generations: []Generation{current}, Reload: failed, Last: Swap{Generation: 3, At: noon}}, nil,
			},
			{Report{Ready: true, Generations: []Generation{current}, Reload: Swap{Generation: 4, At: noon}}, []string{"STATUS=" + serves}},
		},
		"a candidate that nobody asked for": {
			up,
			{Report{Ready: true, Generations: []Generation{current, second}, Deadline: after(60)}, []string{"STATUS=" + serves + "; generation 2 is starting"}},
			{Report{Ready: true, Generations: []Generation{current}, Last: failed}, []string{"STATUS=" + serves + strings.Replace(failure, "reload", "swap", 1)}},
		},
		"back-off": {
			up,
			{
				Report{Ready: true, Last: Swap{Generation: 7, At: noon}, Retry: after(4), Failures: 3},
				[]string{"STATUS=nothing serves: generation 7 ended; the next try in 4s"},
			},
			{
				Report{Ready: true, Last: Swap{Generation: 8, At: noon, Reason: "exited 1"}, Retry: after(8)},
				[]string{"STATUS=nothing serves: generation 8 failed; the next try in 8s; last swap FAILED at 2026-05-04 12:00:00 UTC: exited 1"},
			},
			{
				Report{Ready: true, Last: failed, Retry: noon},
				[]string{"STATUS=nothing serves: generation 1 ended; the next try now" + strings.Replace(failure, "reload", "swap", 1)},
			},
		},
		"stop": {
			up,
			{
				Report{Ready: true, Stopping: true, Generations: []Generation{generation(1, machine.Draining)}, Deadline: after(60)},
				[]string{"STOPPING=1 STATUS=stopping; generation 1 is draining EXTEND_TIMEOUT_USEC=65000000"},
			},
			{Report{Ready: true, Stopping: true}, []string{"STATUS=stopping"}},
		},
		"stop during a reload": {
			up,
			{Report{Ready: true, Reloading: true, Generations: []Generation{current}}, []string{"RELOADING=1 MONOTONIC_USEC=7000000"}},
			{Report{Ready: true, Reloading: true, Stopping: true}, []string{"READY=1", "STOPPING=1 STATUS=stopping"}},
		},
		"stop before the first start is ready": {
			{Report{Stopping: true}, []string{"STOPPING=1 STATUS=stopping"}},
		},
		"request while the first one starts": {
			{Report{Reloading: true, Generations: []Generation{starting}}, []string{"STATUS=generation 1 is starting"}},
			{
				Report{Ready: true, Reloading: true, Generations: []Generation{current}},
				[]string{"READY=1", "RELOADING=1 MONOTONIC_USEC=7000000 STATUS=" + serves},
			},
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var n Notifier
			for i, s := range steps {
				got := n.Next(s.report, noon, 7*time.Second)
				for i := range got {
					got[i] = strings.ReplaceAll(got[i], "\n", " ")
				}
				if !slices.Equal(got, s.want) {
					t.Errorf("step %d:\n got %q\nwant %q", i, got, s.want)
				}
			}
		})
	}
}

// Whatever the reports are, RELOADING=1 and READY=1 alternate and no line is too
// long.
func FuzzNotifier(f *testing.F) {
	f.Add([]byte{0, 1, 3, 1, 5, 1, 8}, "reason")
	f.Add([]byte{7, 0, 7, 15, 3}, "\n\x00\xff")
	f.Fuzz(func(t *testing.T, steps []byte, reason string) {
		var n Notifier
		ready, reloading := false, false
		for i, bits := range steps {
			r := Report{Ready: ready || bits&1 != 0, Reloading: bits&2 != 0, Stopping: bits&8 != 0}
			if bits&4 != 0 {
				r.Reload = Swap{Generation: 2, At: after(i), Reason: reason}
			}
			for _, datagram := range n.Next(r, noon, 0) {
				lines := strings.Split(datagram, "\n")
				switch lines[0] {
				case "READY=1":
					if ready && !reloading {
						t.Errorf("READY=1 for nothing, step %d", i)
					}
					ready, reloading = true, false
				case "RELOADING=1":
					if !ready || reloading || !strings.HasPrefix(lines[1], "MONOTONIC_USEC=") {
						t.Errorf("step %d: %q", i, datagram)
					}
					reloading = true
				}
				if len(datagram) > 2048 || strings.Contains(datagram, "\x00") {
					t.Errorf("step %d: %q", i, datagram)
				}
			}
			if reloading != (r.Reloading && ready && !r.Stopping) {
				t.Errorf("step %d: reloading is said to be %v", i, reloading)
			}
		}
	})
}

func TestLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"short", "short"},
		{"a\nb\x1b[2Jc", "a b [2Jc"},
		{"0123456789abc", "0123456…"},
		{"012345ää78", "012345…"},
		{"\xff", "�"},
	} {
		if got := line(c.in, 10); got != c.want {
			t.Errorf("line(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 3900 * time.Millisecond: "3s", 61 * time.Second: "1m 1s",
		2*time.Hour + 5*time.Minute: "2h 5m", 76 * time.Hour: "3d 4h",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%v) = %q, want %q", d, got, want)
		}
	}
}
