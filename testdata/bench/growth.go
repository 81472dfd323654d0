package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

func growth(b *bench, out *section) error {
	for _, measure := range []func(*bench, *section) error{growSockets, growSwaps, growBridges, growDescendants} {
		if err := measure(b, out); err != nil {
			return err
		}
	}
	return nil
}

func (u usage) cells() []string {
	return []string{megabytes(u.pss), megabytes(u.anonymous), fmt.Sprint(u.threads), fmt.Sprint(u.descriptors)}
}

var usageColumns = []string{"PSS, MB", "anonymous, MB", "threads", "descriptors"}

// growSockets hands over many sockets, as systemd does.
func growSockets(b *bench, out *section) error {
	out.note("Seen from outside: what a goroutine too many would cost shows as anonymous memory. Where the old one is told before the new one says that it serves, the bridge has seen it wait on its sockets while it was still on its way.")
	t := table{
		Title:   "Sockets in one bridge, handed over by LISTEN_FDS; the last two columns are of a swap",
		Columns: slices.Concat([]string{"sockets"}, usageColumns, []string{"start to serving, ms", "the new one serves, ms", "from there until the old one is told, ms"}),
	}
	for _, n := range b.size.sockets {
		s, err := startWithSockets(&b.programs, n)
		if err != nil {
			return err
		}
		w, err := s.swap(false)
		u := usageOf(s.own()...)
		s.stop()
		if err != nil {
			return err
		}
		t.add(slices.Concat([]string{fmt.Sprint(n)}, u.cells(), []string{ms(s.booted.at - s.began), ms(w.serving), ms(w.told - w.serving)})...)
		out.value(fmt.Sprintf("%d sockets", n), "pss kb", one(float64(u.pss)))
	}
	out.Tables = append(out.Tables, t)
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", milliseconds(d)) }

func startWithSockets(p *programs, n int) (*server, error) {
	s, err := newServer(p.by(runName).with(atOnce...), "")
	if err != nil {
		return nil, err
	}
	addresses := strings.Join(slices.Repeat([]string{"127.0.0.1:0"}, n), ",")
	command := slices.Concat(
		[]string{p.act, addresses, "--", p.sdbridge, "run"}, atOnce,
		[]string{"--", p.child, "-quick", "-events=" + s.events.name},
	)
	return s, s.launch(command)
}

// growSwaps looks at one bridge after more and more swaps.
func growSwaps(b *bench, out *section) error {
	s, err := start(&b.programs, b.programs.by(runName).with(atOnce...), "-quick")
	if err != nil {
		return err
	}
	defer s.stop()
	t := table{Title: "After so many swaps", Columns: slices.Concat([]string{"swaps"}, usageColumns, []string{"the old one told, ms"})}
	done := 0
	for _, until := range b.size.swaps {
		var told []float64
		for ; done < until; done++ {
			w, err := s.swap(false)
			if err := errors.Join(err, b.Err()); err != nil {
				return err
			}
			told = append(told, milliseconds(w.told))
		}
		b.sleep(b.size.settle) // until the Go runtime has given back what it can
		u := usageOf(s.own()...)
		t.add(slices.Concat([]string{fmt.Sprint(until)}, u.cells(), []string{spreadOf(told).format("%.1f")})...)
		key := fmt.Sprintf("%d swaps", until)
		out.value(key, "pss kb", one(float64(u.pss)))
		out.value(key, "descriptors", one(float64(u.descriptors)))
		out.value(key, "threads", one(float64(u.threads)))
	}
	out.Tables = append(out.Tables, t)
	return nil
}

// growBridges runs many on one machine, which share the program's pages.
func growBridges(b *bench, out *section) error {
	t := table{
		Title:   "Bridges on one machine",
		Columns: []string{"bridges", "PSS of each, MB", "RSS of each, MB", "start to serving of all, ms", "context switches of all in " + b.size.settle.String()},
	}
	for _, n := range b.size.bridges {
		began := now()
		servers, err := b.startAll(slices.Repeat([]variant{b.programs.by(runName)}, n), "-quick")
		if err != nil {
			return err
		}
		took := now() - began
		b.sleep(b.size.settle)
		before := usageOfAll(servers)
		b.sleep(b.size.settle)
		u := usageOfAll(servers)
		stopAll(servers)
		switches := u.voluntary + u.involuntary - before.voluntary - before.involuntary
		t.add(fmt.Sprint(n), megabytes(u.pss/n), megabytes(u.rss/n), ms(took), fmt.Sprint(switches))
		out.value(fmt.Sprintf("%d bridges", n), "pss kb each", one(float64(u.pss)/float64(n)))
	}
	out.Tables = append(out.Tables, t)
	return nil
}

func usageOfAll(servers []*server) usage {
	var pids []int
	for _, s := range servers {
		pids = append(pids, s.pid)
	}
	return usageOf(pids...)
}

// growDescendants swaps generations of many processes, all of which ignore TERM
// and are killed at the drain timeout.
func growDescendants(b *bench, out *section) error {
	const drain = 3 * time.Second
	t := table{
		Title: "Processes in a generation, which ignore TERM and are killed at --drain-timeout",
		Columns: []string{
			"processes", "the new one serves, ms", "from there until the old one is told, ms",
			fmt.Sprintf("the last one gone after --drain-timeout=%v, ms", drain), "left",
		},
	}
	flags := append(slices.Clone(atOnce), "--drain-timeout="+drain.String())
	for _, n := range b.size.descendants {
		s, err := start(&b.programs, b.programs.by(runName).with(flags...), "-quick", fmt.Sprintf("-descendants=%d", n))
		if err != nil {
			return err
		}
		old := descendants(s.child)
		began := now()
		w, err := s.swap(false)
		last, left := watchAll(old, drain+longest)
		s.stop()
		if err != nil {
			return err
		}
		gone := "–"
		if n > 0 {
			gone = ms(last - began - w.told - drain)
		}
		t.add(fmt.Sprint(n), ms(w.serving), ms(w.told-w.serving), gone, fmt.Sprint(left))
	}
	out.Tables = append(out.Tables, t)
	return nil
}

// watchAll waits until all pids are gone; it returns when the last one went, and
// how many are left.
func watchAll(pids []int, patience time.Duration) (last time.Duration, left int) {
	deadline := time.Now().Add(patience)
	for _, pid := range pids {
		watch, err := watchEnd(pid)
		if err != nil {
			continue // gone, and reaped
		}
		at, gone := watch.wait(time.Until(deadline))
		if !gone {
			left++
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		last = max(last, at)
	}
	return last, left
}
