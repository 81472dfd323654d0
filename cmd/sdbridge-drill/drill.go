package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

// settle is how long the drill waits for an old generation's end: then it goes
// on beside it.
const settle = 10 * time.Second

// drill does the plan and says what came of it.
func (p *plan) drill(ctx context.Context, stdout, stderr io.Writer) error {
	s, err := p.open(ctx, stderr)
	if err != nil {
		return err
	}
	defer s.close()
	config := p.load(s.addr)
	if err := try(ctx, config); err != nil {
		return err
	}
	r := &result{plan: p, service: s, command: s.command}
	r.drill(ctx, config, newProgress(stderr, p))
	r.judge()
	if err := r.print(stdout); err != nil {
		return err
	}
	return r.status()
}

// try makes one request: where that is lost there is nothing to count.
func try(ctx context.Context, config load.Config) error {
	done := make(chan error, 1)
	go func() { done <- load.Try(config) }()
	select {
	case <-ctx.Done():
		return &refusal{exitInterrupted, nil}
	case err := <-done:
		if err != nil {
			return refuse(exitUnavailable, "before any swap a request to %s is lost (%w); give --url, --request-file or --send for one that is answered", config.Addr, err)
		}
		return nil
	}
}

// swap is one that committed.
type swap struct {
	generation int
	took       time.Duration // from the request to the verdict
	gone       time.Duration // from the verdict to the former's end; negative: not seen
}

// result is what came of a drill.
type result struct {
	plan    *plan
	service *service
	command []string

	swaps       []swap
	laps        []load.Lap // one more than swaps: what was before the first
	whole       load.Lap
	generations map[string]load.Result

	interrupted bool
	failure     error // why it ended early
	causes      []string
}

// drill swaps under load.
func (r *result) drill(ctx context.Context, config load.Config, progress *progress) {
	running := load.Start(config)
	running.SetGeneration(r.service.name())
	pause := time.Duration(r.plan.pause)
	wait(ctx, max(pause, 100*time.Millisecond)) // or there is no load yet
	for i := 0; i < r.plan.swaps && ctx.Err() == nil && r.failure == nil; i++ {
		running.Lap()
		r.failure = r.swap(ctx, running)
		wait(ctx, pause)
		progress.swapped(running.Result())
	}
	running.Stop()
	progress.end()
	if ctx.Err() != nil {
		r.interrupted, r.failure = true, nil
	}
	r.laps, r.whole = running.Laps()
	r.generations = running.Generations()
}

func (r *result) swap(ctx context.Context, running *load.Running) error {
	began := time.Now()
	former, err := r.service.swap(ctx)
	if err != nil {
		return err
	}
	running.SetGeneration(r.service.name())
	verdict := time.Now()
	seen := swap{generation: r.service.generation, took: verdict.Sub(began), gone: -1}
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	if r.service.gone(ctx, former) {
		seen.gone = time.Since(verdict)
	}
	r.swaps = append(r.swaps, seen)
	return nil
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// judge finds the likely causes of what was lost.
func (r *result) judge() {
	if r.whole.Lost() == 0 {
		return
	}
	r.causes = kinds(r.whole.Result)
	if unread := r.whole.Reset + r.whole.Closed + r.whole.Cut; unread == 0 {
		return
	}
	if gone, ok := r.quickest(); ok {
		r.causes = append(r.causes, fmt.Sprintf("the quickest old generation was gone %v after the verdict", round(gone)))
	}
	r.causes = append(r.causes, childCause(r.command, r.service.flags))
}

// quickest is the shortest time that an old generation took to go.
func (r *result) quickest() (least time.Duration, found bool) {
	for _, s := range r.swaps {
		if s.gone >= 0 && (!found || s.gone < least) {
			least, found = s.gone, true
		}
	}
	return least, found
}

// status is the exit status, of which all was said but a failure.
func (r *result) status() error {
	switch {
	case r.interrupted:
		return &refusal{exitInterrupted, nil}
	case r.failure != nil:
		return refuse(exitFailed, "%w%s", r.failure, r.service.said())
	case r.whole.Lost() > 0:
		return &refusal{exitLost, nil}
	}
	return nil
}

func (r *result) print(out io.Writer) error {
	if r.plan.json {
		return r.writeJSON(out)
	}
	return r.writeTable(out)
}
