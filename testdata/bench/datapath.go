package main

import "time"

// control is the child alone once more: how far its ratio is from 1 is the
// error of all the others.
const control = "the child alone, again"

// dataPath compares the child under each supervisor with the child alone. All
// run all the time, and one of them gets the load.
func dataPath(b *bench, out *section) error {
	variants := append(b.programs.supervisors(), variant{name: control})
	servers, err := b.startAll(variants)
	if err != nil {
		return err
	}
	defer stopAll(servers)
	// a third of what the child can do, so that no queue builds up by itself
	calibrate := load{addr: servers[0].addr, kept: 8, warm: b.size.dataTime / 2}.run(b.size.dataTime)
	rate := calibrate.perSecond() / 3
	f := figures{}
	err = b.rounds(b.size.dataRounds, servers, func(_ int, s *server) error {
		measureDataPath(f, s, rate, b.size.dataTime)
		return nil
	})
	out.note("Closed loop: 8 clients as fast as they are answered, on kept connections and on one for each request. Latency: 8 clients on kept connections at %.0f requests/s, timed from when they were due. %d rounds of %v each, their order rotated; the first fifth of each is dropped. A ratio is taken within a round; *%s* is the error of the others.",
		rate, b.size.dataRounds, b.size.dataTime, control)
	t := table{Columns: []string{"", "requests/s, kept", "ratio", "requests/s, fresh", "ratio", "p50, ms", "ratio", "p99, ms", "ratio"}}
	for _, s := range servers {
		name := s.variant.name
		row := []string{name}
		for _, m := range []struct{ metric, verb string }{{"kept", "%.0f"}, {"fresh", "%.0f"}, {"p50", "%.3f"}, {"p99", "%.2f"}} {
			ratio := f.against(name, bareName, m.metric)
			out.value(name, m.metric, f.spread(name, m.metric))
			out.value(name, m.metric+" ratio", ratio)
			median := one(f.spread(name, m.metric).Median)
			row = append(row, median.format(m.verb), ratio.format("%.2f"))
		}
		t.add(row...)
	}
	out.Tables = append(out.Tables, t)
	return err
}

func measureDataPath(f figures, s *server, rate float64, d time.Duration) {
	name := s.variant.name
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
