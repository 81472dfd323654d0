package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// progress is a bar on a terminal; nil: there is none.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(stderr io.Writer, p *plan) *progress {
	if _, err := unix.IoctlGetTermios(unix.Stderr, unix.TCGETS); err != nil || stderr != os.Stderr || p.verbose {
		return nil
	}
	return &progress{progressbar.NewOptions(p.swaps,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetDescription("swaps"),
		progressbar.OptionShowCount(),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish())}
}

// swapped says that one more swap is done.
func (p *progress) swapped(r load.Result) {
	if p == nil {
		return
	}
	p.bar.Describe(fmt.Sprintf("swaps (%d answered, %d lost)", r.Total(), r.Lost()))
	_ = p.bar.Add(1) // it is only shown
}

// end leaves the line empty.
func (p *progress) end() {
	if p != nil {
		_ = p.bar.Clear()
	}
}
