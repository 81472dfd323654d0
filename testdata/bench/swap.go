package main

import (
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"
)

// atOnce are the flags with which a swap waits for nothing but readiness.
var atOnce = []string{"--interval=0", "--kill-old-delay=0"}

const fastTitle = "sdbridge run --interval=0 --kill-old-delay=0"

// swapVariants are ours with each --ready, and each peer as it is by default
// and with its least interval.
func swapVariants(p *programs) []variant {
	run := p.by(runName)
	notify := run.with(append(slices.Clone(atOnce), "--ready=notify")...)
	notify.notify = true
	out := []variant{
		run.with(atOnce...),
		run.with(append(slices.Clone(atOnce), "--ready=accept")...),
		notify,
		run.with(append(slices.Clone(atOnce), "--ready=interval")...),
		run,
		p.by(starterName),
	}
	for _, name := range []string{perlName, lestrratName, lestrratV2Name, shogoName} {
		v := p.by(name)
		out = append(out, v)
		if v.missing == "" {
			out = append(out, v.with("--interval=0"))
		}
	}
	return append(out, p.by(circusName))
}

func swaps(b *bench, out *section) error {
	out.note("From SIGHUP on, in ms: until the new child serves, by its own word; until a client that asks all the time, each time on a fresh connection, is answered by it; until the old one has its signal, and until it is gone (it drains for 200 ms). *Told before it serves* is what makes clients wait. *Beyond the boot*: to the old one's signal, less what the same child takes from fork to serving when it runs alone, in the same round. The ratio is that of the third time to ours.")
	var bars []bar
	for _, boot := range slices.Sorted(maps.Keys(b.size.swapRounds)) {
		f, servers, err := swapsOf(b, boot)
		if err != nil {
			return err
		}
		out.Tables = append(out.Tables, swapTable(out, f, servers, boot))
		for _, title := range servers {
			bars = append(bars, bar{title, boot.String(), f.spread(title, "told").Median})
		}
	}
	out.bars = bars
	return nil
}

// swapsOf measures with a child that boots in a given time; it returns the
// titles of what was measured.
func swapsOf(b *bench, boot time.Duration) (figures, []string, error) {
	flag := "-boot=" + boot.String()
	servers, err := b.startAll(swapVariants(&b.programs), flag)
	if err != nil {
		return nil, nil, err
	}
	defer stopAll(servers)
	f := figures{}
	err = b.rounds(b.size.swapRounds[boot], servers, func(round int, s *server) error {
		if len(f[bareName]["boot"]) == round {
			if err := bootAlone(b, f, flag); err != nil {
				return err
			}
		}
		title := s.variant.title()
		w, err := s.swap(true)
		if errors.Is(err, errNoEffect) {
			log.Print(err)
			f.add(title, "ignored", 1)
			return nil
		}
		if err != nil {
			return err
		}
		f.add(title, "serving", milliseconds(w.serving))
		f.add(title, "answer", milliseconds(w.answer))
		f.add(title, "told", milliseconds(w.told))
		f.add(title, "ended", milliseconds(w.ended))
		f.add(title, "beyond", milliseconds(w.told)-f[bareName]["boot"][round])
		if w.stuck {
			f.add(title, "stuck", 1)
		}
		return nil
	})
	var titles []string
	for _, s := range servers {
		titles = append(titles, s.variant.title())
	}
	return f, titles, err
}

// bootAlone is from fork to serving, of the child alone.
func bootAlone(b *bench, f figures, flag string) error {
	s, err := start(&b.programs, variant{name: bareName}, flag)
	if err != nil {
		return err
	}
	defer s.stop()
	f.add(bareName, "boot", milliseconds(s.booted.at-s.began))
	return nil
}

func swapTable(out *section, f figures, titles []string, boot time.Duration) table {
	t := table{
		Title:   fmt.Sprintf("A child that boots in %v; alone it serves after %s ms", boot, f.spread(bareName, "boot").format("%.1f")),
		Columns: []string{"", "it serves", "its first answer", "the old one told", "the old one gone", "beyond the boot", "ratio", ""},
	}
	for _, title := range titles {
		row := []string{title}
		for _, metric := range []string{"serving", "answer", "told", "ended", "beyond"} {
			out.value(title, fmt.Sprintf("boot %v %s", boot, metric), f.spread(title, metric))
			row = append(row, f.spread(title, metric).format("%.1f"))
		}
		row = append(row, f.against(title, titles[0], "told").format("%.1f"), remarks(f, title))
		t.add(row...)
	}
	return t
}

func remarks(f figures, title string) string {
	early := 0
	for i, told := range f[title]["told"] {
		if told < f[title]["serving"][i] {
			early++
		}
	}
	n := len(f[title]["told"])
	text := trouble(n, len(f[title]["stuck"]), len(f[title]["ignored"]))
	if early > 0 {
		text = append([]string{fmt.Sprintf("told before it serves: %d of %d", early, n)}, text...)
	}
	return strings.Join(text, "; ")
}

// trouble is what to remark of so many swaps, and of the SIGHUPs without effect.
func trouble(swaps, stuck, ignored int) (text []string) {
	if ignored > 0 {
		text = append(text, fmt.Sprintf("no new child within %v of SIGHUP: %d of %d", hupPatience, ignored, ignored+swaps))
	}
	if stuck > 0 {
		text = append(text, fmt.Sprintf("the old one did not go within %v: %d of %d", longest, stuck, swaps))
	}
	return text
}
