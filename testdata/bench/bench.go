package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"time"
)

// bench is one run: what to run, and how much of it.
type bench struct {
	context.Context
	programs programs
	root     string // of the repository
	size     size
}

// size is how much is done. The short one shows that everything works; its
// figures are worth nothing.
type size struct {
	Short bool

	dataPairs int
	dataTime  time.Duration

	swapRounds map[time.Duration]int // by the child's boot time

	lostRounds, lostSwaps int // swaps in each round
	lostRate              float64

	idle   time.Duration
	settle time.Duration
	starts int

	sockets, swaps, bridges, descendants []int

	cold         int
	machineSwaps int
}

var full = size{
	dataPairs: 100, dataTime: 150 * time.Millisecond,
	swapRounds: map[time.Duration]int{0: 9, 100 * time.Millisecond: 9, 3 * time.Second: 3},
	lostRounds: 4, lostSwaps: 50, lostRate: 5000,
	idle: 5 * time.Minute, settle: 15 * time.Second, starts: 21,
	sockets: []int{1, 16, 256, 4096}, swaps: []int{10, 100, 1000, 10000},
	bridges: []int{1, 10, 100}, descendants: []int{0, 100, 1000},
	cold: 31, machineSwaps: 50,
}

var short = size{
	Short:     true,
	dataPairs: 2, dataTime: 200 * time.Millisecond,
	swapRounds: map[time.Duration]int{0: 2, 100 * time.Millisecond: 1},
	lostRounds: 1, lostSwaps: 3, lostRate: 500,
	idle: 5 * time.Second, settle: time.Second, starts: 2,
	sockets: []int{1, 4096}, swaps: []int{10, 50},
	bridges: []int{1, 10}, descendants: []int{0, 1000},
	cold: 3, machineSwaps: 3,
}

// sections in the order of the report.
var sections = []struct {
	name, title string
	measure     func(*bench, *section) error
}{
	{"data", "Data path", dataPath},
	{"swap", "Swap", swaps},
	{"lost", "Requests lost", requestsLost},
	{"idle", "Idle", idle},
	{"growth", "Growth", growth},
	{"cold", "Cold activation", cold},
	{"systemd", "Beside systemd alone", besideSystemd},
}

// run measures the sections named, or all, and writes the report after each: a
// section that fails does not cost the others.
func (b *bench) run(only []string, r *report, dir string) error {
	var failed []error
	for _, s := range sections {
		if len(only) > 0 && !slices.Contains(only, s.name) {
			continue
		}
		log.Printf("%s …", s.title)
		began := time.Now()
		out := section{
			Name: s.name, Title: s.title, Values: map[string]map[string]spread{},
			Date: began.UTC().Format(time.DateTime), Load: loadAverage(),
		}
		err := s.measure(b, &out)
		if b.Err() != nil {
			return b.Err()
		}
		log.Printf("%s: %v", s.title, time.Since(began).Round(time.Second))
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", s.title, err))
			continue
		}
		r.put(out)
		if err := r.write(dir); err != nil {
			return err
		}
	}
	return errors.Join(append(failed, nothingLeft())...)
}

// nothingLeft kills what is left of the measured programs, and says so.
func nothingLeft() error {
	left := descendants(os.Getpid())
	if len(left) == 0 {
		return nil
	}
	killAll(left)
	return fmt.Errorf("processes %v were left behind", left)
}

// sleep is cut short by the end of the run.
func (b *bench) sleep(d time.Duration) {
	select {
	case <-b.Done():
	case <-time.After(d):
	}
}

// startAll starts, side by side, what there is.
func (b *bench) startAll(variants []variant, childFlags ...string) ([]*server, error) {
	var servers []*server
	for _, v := range variants {
		if v.missing != "" {
			continue
		}
		s, err := start(&b.programs, v, childFlags...)
		if err != nil {
			stopAll(servers)
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

func stopAll(servers []*server) {
	for _, s := range servers {
		s.stop()
	}
}

// rounds calls f for each server in each round, in an order that is rotated:
// none has always the same neighbour in time.
func (b *bench) rounds(n int, servers []*server, f func(round int, s *server) error) error {
	for round := range n {
		for i := range servers {
			if b.Err() != nil {
				return b.Err()
			}
			if err := f(round, servers[(i+round)%len(servers)]); err != nil {
				return err
			}
		}
	}
	return nil
}

// figures are values by variant and metric, one for each round.
type figures map[string]map[string][]float64

func (f figures) add(variant, metric string, value float64) {
	if f[variant] == nil {
		f[variant] = map[string][]float64{}
	}
	f[variant][metric] = append(f[variant][metric], value)
}

func (f figures) spread(variant, metric string) spread { return spreadOf(f[variant][metric]) }

// against is the spread of a variant's ratios to another one's.
func (f figures) against(variant, base, metric string) spread {
	return spreadOf(ratios(f[variant][metric], f[base][metric]))
}
