package main

import (
	"fmt"
	"os"
	"strings"
)

const (
	readmeBegin = "<!-- bench: begin"
	readmeEnd   = "<!-- bench: end -->"
)

// writeReadme puts the short table between the marks.
func (r *report) writeReadme(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), readmeBegin)
	mark, rest, open := strings.Cut(rest, "\n")
	_, after, end := strings.Cut(rest, readmeEnd)
	if !found || !open || !end {
		return fmt.Errorf("%s has no lines %q and %q", path, readmeBegin+" -->", readmeEnd)
	}
	return os.WriteFile(path, []byte(before+readmeBegin+mark+"\n"+r.summary()+readmeEnd+after), 0o644)
}

// summary has a row for each supervisor: its name and, where its swaps are
// concerned, its title with the flags.
func (r *report) summary() string {
	t := table{Columns: []string{"", "throughput, beside the child alone", "SIGHUP to the old one told, ms", "requests lost", "longest stall, ms", "PSS, MB", "context switches, idle"}}
	for _, row := range [][2]string{
		{runName, fastTitle},
		{starterName, starterName},
		{perlName, perlName},
		{lestrratName, lestrratName},
		{lestrratV2Name, lestrratV2Name},
		{shogoName, shogoName},
		{circusName, circusName},
	} {
		name, title := row[0], row[1]
		if why, missing := r.Missing[name]; missing {
			t.add(name, "not measured: "+why, "", "", "", "", "")
			continue
		}
		t.add(title,
			r.throughputCell(name),
			r.cell("swap", title, "boot 0s told", "%.0f", 1),
			r.lostCell(title),
			r.cell("lost", title, "longest stall", "%.0f", 1),
			r.cell("idle", name, "pss kb", "%.1f", 1024/1e6),
			r.cell("idle", name, "switches", "%.0f", 1))
	}
	return t.markdown()
}

func (r *report) find(section, name, metric string) (spread, bool) {
	for _, s := range r.Sections {
		if s.Name == section {
			value, ok := s.Values[name][metric]
			return value, ok
		}
	}
	return spread{}, false
}

func (r *report) cell(section, name, metric, verb string, unit float64) string {
	value, ok := r.find(section, name, metric)
	if !ok {
		return "–"
	}
	value.Min, value.Median, value.Max = value.Min*unit, value.Median*unit, value.Max*unit
	return value.format(verb)
}

func (r *report) throughputCell(name string) string {
	ratio, ok := r.find("data", name, "kept ratio")
	uncertain, _ := r.find("data", name, "kept ratio ±")
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.2f ± %.2f", ratio.Median, uncertain.Median)
}

func (r *report) lostCell(title string) string {
	lost, ok := r.find("lost", title, "lost")
	answered, _ := r.find("lost", title, "answered")
	swaps, _ := r.find("lost", title, "swaps")
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.0f of %.0f in %.0f swaps", lost.Median, answered.Median+lost.Median, swaps.Median)
}
