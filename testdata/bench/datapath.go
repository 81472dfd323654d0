package main

import (
	"fmt"
	"time"
)

// control is the child alone once more: how far its ratio is from 1 is the
// error of all the others.
const control = "the child alone, again"

// dataPath compares the child under each supervisor with the child alone. All
// run all the time, and one of them gets the load: the two of a pair by turns, in
// slices so short that what disturbs the machine disturbs both.
func dataPath(b *bench, out *section) error {
	variants := append(b.programs.supervisors(), variant{name: control})
	servers, err := b.startAll(variants)
	if err != nil {
		return err
	}
	defer stopAll(servers)
	alone, others := servers[0], servers[1:]
	// a third of what the child can do, so that no queue builds up by itself
	calibrate := load{addr: alone.addr, kept: 8, warm: time.Second}.run(2 * time.Second)
	rate := calibrate.perSecond() / 3
	f, base := figures{}, figures{}
	err = b.rounds(b.size.dataPairs, others, func(round int, s *server) error {
		if round%2 == 0 {
			measureDataPath(base, s.variant.name, alone, rate, b.size.dataTime)
		}
		measureDataPath(f, s.variant.name, s, rate, b.size.dataTime)
		if round%2 != 0 {
			measureDataPath(base, s.variant.name, alone, rate, b.size.dataTime)
		}
		return nil
	})
	out.note("Closed loop: 8 clients as fast as they are answered, on kept connections and on one for each request. Latency: 8 clients on kept connections at %.0f requests/s, timed from when they were due. Each supervisor's child and the child alone take turns, %d pairs of %v each; the first fifth of each is dropped. A ratio is that of a pair; ± is half of the 95%% confidence interval of their median; *%s* shows the method's own error.",
		rate, b.size.dataPairs, b.size.dataTime, control)
	t := table{Columns: []string{"", "requests/s, kept", "ratio", "requests/s, fresh", "ratio", "p50, ms", "ratio", "p99, ms", "ratio"}}
	for _, s := range others {
		name := s.variant.name
		row := []string{name}
		for _, m := range []struct{ metric, verb string }{{"kept", "%.0f"}, {"fresh", "%.0f"}, {"p50", "%.3f"}, {"p99", "%.2f"}} {
			pairs := ratios(f[name][m.metric], base[name][m.metric])
			ratio, uncertain := spreadOf(pairs), uncertainty(pairs)
			out.value(name, m.metric, f.spread(name, m.metric))
			out.value(name, m.metric+" ratio", ratio)
			out.value(name, m.metric+" ratio ±", one(uncertain))
			row = append(row, one(f.spread(name, m.metric).Median).format(m.verb),
				fmt.Sprintf("%.2f ± %.2f (%.2f–%.2f)", ratio.Median, uncertain, ratio.Min, ratio.Max))
		}
		t.add(row...)
	}
	out.Tables = append(out.Tables, t)
	return err
}

func measureDataPath(f figures, name string, s *server, rate float64, d time.Duration) {
	for _, l := range []struct {
		metric string
		load   load
	}{
		{"kept", load{kept: 8}},
		{"fresh", load{fresh: 8}},
		{"latency", load{kept: 8, rate: rate}},
	} {
		l.load.addr, l.load.warm = s.addr, d/4
		o := l.load.run(d)
		if l.metric != "latency" {
			f.add(name, l.metric, o.perSecond())
			continue
		}
		f.add(name, "p50", o.quantile(50))
		f.add(name, "p99", o.quantile(99))
	}
}
