package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const emptyName = "an empty Go program"

// idle looks at all supervisors at once, each with a child that nobody asks.
func idle(b *bench, out *section) error {
	variants, err := privately(&b.programs)
	if err != nil {
		return err
	}
	servers, err := b.startAll(variants)
	if err != nil {
		return err
	}
	defer stopAll(servers)
	empty, err := newServer(variant{name: emptyName, program: b.programs.empty}, "")
	if err != nil {
		return err
	}
	defer empty.stop()
	if err := empty.spawn([]string{b.programs.empty}); err != nil {
		return err
	}
	starts, err := b.starts(servers)
	if err != nil {
		return err
	}
	servers = append(servers, empty)
	b.sleep(b.size.settle)
	before := usageOfEach(servers)
	b.sleep(b.size.idle)
	out.note("The supervisor's own processes beside a child that nobody asks, all at once for %v. PSS is what a process has to itself and its share of what it shares; each program here is a file of its own, read from the disk as after a boot, so that two do not halve each other's.", b.size.idle)
	out.Tables = append(out.Tables, idleTable(out, servers, before, usageOfEach(servers), starts))
	return nil
}

// usageOfEach is what each supervisor holds, by name.
func usageOfEach(servers []*server) map[string]usage {
	all := map[string]usage{}
	for _, s := range servers {
		all[s.variant.name] = usageOf(s.own()...)
	}
	return all
}

func idleTable(out *section, servers []*server, before, after map[string]usage, starts figures) table {
	t := table{Columns: []string{
		"", "PSS, MB", "of Perl's", "RSS, MB", "anonymous, MB", "voluntary switches", "involuntary", "threads", "descriptors", "processes",
		"binary, MB", "start to the child's exec, ms",
	}}
	for _, s := range servers {
		name := s.variant.name
		t.add(idleRow(out, s.variant, before[name], after[name], after[perlName].pss, starts.spread(name, "exec"))...)
	}
	return t
}

func idleRow(out *section, v variant, before, after usage, perl int, exec spread) []string {
	voluntary, involuntary := after.voluntary-before.voluntary, after.involuntary-before.involuntary
	ratio, size := "–", "–"
	if perl > 0 {
		ratio = fmt.Sprintf("%.0f%%", 100*float64(after.pss)/float64(perl))
	}
	if info, err := os.Stat(v.program); err == nil {
		size = fmt.Sprintf("%.1f", float64(info.Size())/1e6)
	}
	out.value(v.name, "pss kb", one(float64(after.pss)))
	out.value(v.name, "switches", one(float64(voluntary+involuntary)))
	out.value(v.name, "start to exec", exec)
	return []string{
		v.name, megabytes(after.pss), ratio, megabytes(after.rss), megabytes(after.anonymous),
		fmt.Sprint(voluntary), fmt.Sprint(involuntary), fmt.Sprint(after.threads), fmt.Sprint(after.descriptors), fmt.Sprint(after.processes),
		size, exec.format("%.1f"),
	}
}

func megabytes(kib int) string { return fmt.Sprintf("%.2f", float64(kib)*1024/1e6) }

// privately are the supervisors, ours each from a copy of its own.
func privately(p *programs) ([]variant, error) {
	var out []variant
	for _, v := range p.supervisors() {
		if v.command == nil {
			continue
		}
		if v.program == p.sdbridge {
			dir := filepath.Join(p.dir, strings.ReplaceAll(v.name, " ", "-"))
			copied, err := ownCopy(p.sdbridge, dir)
			if err != nil {
				return nil, err
			}
			own := *p
			own.sdbridge = copied
			v = own.by(v.name)
		}
		out = append(out, v)
	}
	return out, nil
}

// starts measures how long it takes from a supervisor's start to its child's
// first line of code.
func (b *bench) starts(running []*server) (figures, error) {
	f := figures{}
	err := b.rounds(b.size.starts, running, func(_ int, like *server) error {
		s, err := start(&b.programs, like.variant)
		if err != nil {
			return err
		}
		defer s.stop()
		exec, err := s.events.await(longest, "exec", func(int) bool { return true })
		f.add(like.variant.name, "exec", milliseconds(exec.at-s.began))
		return err
	})
	return f, err
}
