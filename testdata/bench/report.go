package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// report is what results.json holds, and what results.md is written from.
type report struct {
	Short    bool              `json:"short,omitempty"`
	Machine  machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Missing  map[string]string `json:"missing,omitempty"` // peers that could not be had, and why
	Sections []section         `json:"sections"`
}

// section is the outcome of one kind of measurement.
type section struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Date   string   `json:"date"` // UTC
	Load   string   `json:"load"` // of the machine, as it began
	Notes  []string `json:"notes"`
	Tables []table  `json:"tables"`

	// Values are the figures, by what was measured and metric.
	Values map[string]map[string]spread `json:"values"`

	bars   []bar
	panels []panel
}

type table struct {
	Title   string     `json:"title,omitempty"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

func (t *table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

func (s *section) note(format string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(format, args...))
}

func (s *section) value(name, metric string, value spread) {
	if s.Values[name] == nil {
		s.Values[name] = map[string]spread{}
	}
	s.Values[name][metric] = value
}

// put replaces the section of the same name, and keeps them in order.
func (r *report) put(s section) {
	r.Sections = slices.DeleteFunc(r.Sections, func(old section) bool { return old.Name == s.Name })
	r.Sections = append(r.Sections, s)
	slices.SortFunc(r.Sections, func(a, b section) int { return sectionNumber(a.Name) - sectionNumber(b.Name) })
}

// takeOver keeps the sections of the last run: they must be of this machine.
func (r *report) takeOver(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var last report
	if err := errors.Join(err, json.Unmarshal(text, &last)); err != nil {
		return fmt.Errorf("cannot read the last results: %w", err)
	}
	if last.Machine != r.Machine || last.Short != r.Short {
		return fmt.Errorf("-only: %s/results.json is of another machine, or of a run of another size: run all", dir)
	}
	r.Sections = last.Sections
	return nil
}

// write writes results.json, results.md and the charts.
func (r *report) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "results.json"), append(text, '\n'), 0o644),
		r.drawCharts(dir),
		os.WriteFile(filepath.Join(dir, "results.md"), []byte(r.markdown(dir)), 0o644),
	)
}

func (r *report) markdown(dir string) string {
	var w strings.Builder
	fmt.Fprintf(&w, "# Measured\n\nWritten by `make bench`. A figure with others in brackets is the median, with the least and the greatest: medians of ratios, not ratios of medians.\n\n")
	if r.Short {
		fmt.Fprintf(&w, "**A short run: it shows that everything works, and its figures are worth nothing.**\n\n")
	}
	fmt.Fprintf(&w, "%s.\n\n", r.Machine)
	for _, name := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&w, "- %s: %s\n", name, r.Versions[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Missing)) {
		fmt.Fprintf(&w, "- not measured: %s: %s\n", name, r.Missing[name])
	}
	for _, s := range r.Sections {
		s.markdown(&w, dir)
	}
	return w.String()
}

func (s *section) markdown(w *strings.Builder, dir string) {
	fmt.Fprintf(w, "\n## %s\n", s.Title)
	for _, note := range s.Notes {
		fmt.Fprintf(w, "\n%s\n", note)
	}
	for _, t := range s.Tables {
		fmt.Fprint(w, "\n", t.markdown())
	}
	if _, err := os.Stat(filepath.Join(dir, s.Name+".svg")); err == nil {
		fmt.Fprintf(w, "\n![%s](%s.svg)\n", s.Title, s.Name)
	}
	fmt.Fprintf(w, "\n%s UTC; load of the machine before it: %s.\n", s.Date, s.Load)
}

func (t *table) markdown() string {
	var w strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&w, "%s:\n\n", t.Title)
	}
	fmt.Fprintf(&w, "| %s |\n|%s\n", strings.Join(t.Columns, " | "), strings.Repeat("---|", len(t.Columns)))
	for _, row := range t.Rows {
		fmt.Fprintf(&w, "| %s |\n", strings.ReplaceAll(strings.Join(row, " | "), "\n", " "))
	}
	return w.String()
}
