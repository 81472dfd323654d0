package report

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/bridge/machine"
)

// Prometheus writes the metrics of bridges in the text exposition format, for
// the node exporter's textfile collector. Bridges that were asked by name have
// a label "name".
func Prometheus(w io.Writer, all []Status) error {
	var b bytes.Buffer
	for _, m := range metrics {
		b.WriteString("# HELP sdbridge_" + m.name + " " + m.help + "\n")
		b.WriteString("# TYPE sdbridge_" + m.name + " " + m.kind + "\n")
		for _, s := range all {
			m.values(s, func(value float64, labels ...string) {
				if s.Name != "" {
					labels = append([]string{"name", s.Name}, labels...)
				}
				b.WriteString("sdbridge_" + m.name + labelled(labels) + " " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
			})
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// sample adds one value with its labels, a name and a value in turn.
type sample func(value float64, labels ...string)

type metric struct {
	name, kind, help string
	values           func(Status, sample)
}

var metrics = []metric{
	{"serving", "gauge", "Whether a generation is current.", func(s Status, add sample) {
		_, ok := s.Serving()
		add(truth(ok))
	}},
	{"generation", "gauge", "Number of the current generation, 0 for none.", func(s Status, add sample) {
		g, _ := s.Serving()
		add(float64(g.Number))
	}},
	{"generation_start_time_seconds", "gauge", "When the current generation was spawned.", func(s Status, add sample) {
		if g, ok := s.Serving(); ok {
			add(unixTime(g.Since))
		}
	}},
	{"generations", "gauge", "Generations by phase.", func(s Status, add sample) {
		for p := machine.Starting; p <= machine.Draining; p++ {
			n := 0
			for _, g := range s.Generations {
				if g.Phase == p {
					n++
				}
			}
			add(float64(n), "phase", p.String())
		}
	}},
	{"swaps_total", "counter", "Swaps by their verdict, since the bridge started.", func(s Status, add sample) {
		add(float64(s.Counters.Committed), "verdict", "committed")
		add(float64(s.Counters.Failed), "verdict", "failed")
	}},
	{"last_swap_success", "gauge", "0 while a failed swap waits to be looked into.", func(s Status, add sample) {
		_, failed := s.Failure()
		add(truth(!failed))
	}},
	{"last_swap_time_seconds", "gauge", "When the last swap was decided.", func(s Status, add sample) {
		if s.Last.Generation != 0 {
			add(unixTime(s.Last.At))
		}
	}},
	{"replacements_total", "counter", "Spawns because a current generation ended by itself.", func(s Status, add sample) {
		add(float64(s.Counters.Replacements))
	}},
	{"listen_queue", "gauge", "Connections that wait to be accepted.", listenQueues},
}

// listenQueues gives a socket that is there twice once: a sample that comes
// twice spoils the whole file.
func listenQueues(s Status, add sample) {
	seen := map[string]bool{}
	for _, k := range s.Sockets {
		label := k.Entry
		if label == "" {
			label = k.Address
		}
		if n, ok := s.Queues[k.FD]; ok && !seen[label] {
			seen[label] = true
			add(float64(n), "socket", label)
		}
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func unixTime(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labelled writes labels as {name="value",…}.
func labelled(labels []string) string {
	var pairs []string
	for ; len(labels) > 1; labels = labels[2:] {
		pairs = append(pairs, labels[0]+`="`+escapes.Replace(strings.ToValidUTF8(labels[1], "�"))+`"`)
	}
	if pairs == nil {
		return ""
	}
	return "{" + strings.Join(pairs, ",") + "}"
}
