package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/bridge/report"
)

func TestReportFollowsEachChange(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{workers: []worker{{waits: true}}}
		w.start()
		w.at(20 * second)
		w.hup()
		w.at(30 * second)
		w.send(unix.SIGTERM)
		want := []string{
			"1 starting 0",
			"1 starting 100",
			"1 current 100",
			"1 current 100, 2 starting 0",
			"1 current 100, 2 starting 200",
			"1 current 100, 2 proving 200",
			"1 draining 100, 2 current 200",
			"1 draining 100 exited, 2 current 200",
			"2 current 200",
			"stopping, 2 draining 200",
			"stopping, 2 draining 200 exited",
			"stopping",
		}
		if got := reportLines(w.reports); !slices.Equal(got, want) {
			t.Errorf("reports\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// reportLines writes each report that differs from the one before it.
func reportLines(all []report.Report) []string {
	var lines []string
	for _, r := range all {
		words := []string{}
		if r.Stopping {
			words = append(words, "stopping")
		}
		for _, g := range r.Generations {
			words = append(words, fmt.Sprint(g.Number, " ", g.Phase, " ", g.PID, when(g.Exited, " exited")))
		}
		lines = append(lines, strings.Join(words, ", "))
	}
	return slices.Compact(lines)
}

func TestReportSaysSinceWhen(t *testing.T) {
	inWorld(t, runRules(), func(w *fakeWorld) {
		w.children[1] = child{forkTakes: 3 * second}
		w.start()
		w.at(10 * second)
		g, ok := w.reports[len(w.reports)-1].Serving()
		if !ok || g.Since.Sub(w.began) != 3*second {
			t.Errorf("serving: %v since %v", ok, g.Since.Sub(w.began))
		}
	})
}
