package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// bar is one swap time in the chart by peer.
type bar struct {
	name, group string
	ms          float64
}

// panel is one supervisor's latency over time.
type panel struct {
	title   string
	samples []sample
	swaps   []time.Duration // since the load began
}

// drawCharts draws what this run measured: a section that was taken over keeps
// its chart.
func (r *report) drawCharts(dir string) error {
	var errs []error
	for _, s := range r.Sections {
		path := filepath.Join(dir, s.Name+".svg")
		if len(s.bars) > 0 {
			errs = append(errs, drawBars(path, s.bars))
		}
		if len(s.panels) > 0 {
			errs = append(errs, drawPanels(path, s.panels))
		}
	}
	return errors.Join(errs...)
}

var palette = []color.Color{
	color.NRGBA{0x2a, 0x6f, 0xb0, 0xff},
	color.NRGBA{0xe0, 0x8a, 0x1e, 0xff},
	color.NRGBA{0x6b, 0xa3, 0x3f, 0xff},
	color.NRGBA{0xb0, 0x3a, 0x48, 0xff},
}

// drawBars draws groups of horizontal bars, the first name on top.
func drawBars(path string, bars []bar) error {
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = "SIGHUP to the old one's signal, by the child's boot time"
	p.X.Label.Text = "ms"
	p.X.Min = 0
	p.Legend.Top = false
	names, groups := distinct(bars)
	const width = vg.Length(6)
	for i, group := range groups {
		values := make(plotter.Values, len(names))
		for _, b := range bars {
			if b.group == group {
				values[len(names)-1-slices.Index(names, b.name)] = b.ms
			}
		}
		chart, err := plotter.NewBarChart(values, width)
		if err != nil {
			return err
		}
		chart.Horizontal = true
		chart.LineStyle.Width = 0
		chart.Color = palette[i%len(palette)]
		chart.Offset = width * vg.Length(float64(len(groups)-1)/2-float64(i))
		p.Add(chart)
		p.Legend.Add("boots in "+group, chart)
	}
	labels := make([]string, len(names))
	for i, name := range names {
		labels[len(names)-1-i] = name
	}
	p.NominalY(labels...)
	canvas := vgsvg.New(20*vg.Centimeter, vg.Length(len(names)*len(groups))*9+3*vg.Centimeter)
	p.Draw(draw.New(canvas))
	return writeSVG(path, canvas)
}

func distinct(bars []bar) (names, groups []string) {
	for _, b := range bars {
		if !slices.Contains(names, b.name) {
			names = append(names, b.name)
		}
		if !slices.Contains(groups, b.group) {
			groups = append(groups, b.group)
		}
	}
	return names, groups
}

const (
	shown  = 8 * time.Second       // of each panel
	bucket = 10 * time.Millisecond // of which the longest is drawn
)

// drawPanels draws one panel above the other, on the same axes.
func drawPanels(path string, panels []panel) error {
	low, high := bounds(panels)
	plots := make([][]*plot.Plot, len(panels))
	for i, one := range panels {
		p, err := one.plot()
		if err != nil {
			return err
		}
		p.X.Max = shown.Seconds()
		p.Y.Min, p.Y.Max = low, high
		plots[i] = []*plot.Plot{p}
	}
	plots[len(panels)-1][0].X.Label.Text = "s; each dashed line is a SIGHUP"
	height := vg.Length(len(panels)) * 4 * vg.Centimeter
	canvas := vgsvg.New(20*vg.Centimeter, height)
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadY: vg.Millimeter * 3, PadX: vg.Millimeter}
	for i, row := range plot.Align(plots, tiles, draw.New(canvas)) {
		plots[i][0].Draw(row[0])
	}
	return writeSVG(path, canvas)
}

// bounds are powers of ten in milliseconds around all that is shown.
func bounds(panels []panel) (low, high float64) {
	low, high = 0.1, 1
	for _, p := range panels {
		for _, at := range p.longest() {
			high = max(high, at.Y)
		}
	}
	return low, math.Pow(10, math.Ceil(math.Log10(high)))
}

func (p *panel) plot() (*plot.Plot, error) {
	out := plot.New()
	out.BackgroundColor = color.White
	out.Title.Text = p.title
	out.Y.Label.Text = "longest, ms"
	out.Y.Scale = plot.LogScale{}
	out.Y.Tick.Marker = plot.LogTicks{Prec: -1}
	line, err := plotter.NewLine(p.longest())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.title, err)
	}
	line.Color = palette[0]
	line.Width = vg.Points(0.6)
	out.Add(line)
	for _, at := range p.swaps {
		if at > shown {
			break
		}
		mark, err := plotter.NewLine(plotter.XYs{{X: at.Seconds(), Y: 0.1}, {X: at.Seconds(), Y: 1e5}})
		if err != nil {
			return nil, err
		}
		mark.Color = palette[3]
		mark.Width = vg.Points(0.5)
		mark.Dashes = []vg.Length{vg.Points(2), vg.Points(2)}
		out.Add(mark)
	}
	return out, nil
}

// longest is the longest latency of what was due in each bucket. In a bucket
// without an answer nothing is drawn but the line across it.
func (p *panel) longest() plotter.XYs {
	n := int(shown / bucket)
	most := make([]time.Duration, n)
	for _, s := range p.samples {
		if i := int(s.due / bucket); i >= 0 && i < n {
			most[i] = max(most[i], s.took)
		}
	}
	var out plotter.XYs
	for i, took := range most {
		if took > 0 {
			out = append(out, plotter.XY{
				X: (time.Duration(i) * bucket).Seconds(),
				Y: max(0.1, milliseconds(took)),
			})
		}
	}
	return out
}

func writeSVG(path string, canvas *vgsvg.Canvas) error {
	var text bytes.Buffer
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
