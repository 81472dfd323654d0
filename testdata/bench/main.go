// Bench measures sdbridge beside its peers, on the machine it runs on.
//
//	go run .                   everything: an hour
//	go run . -short            whether everything works: three minutes
//	go run . -only swap,lost   some sections; the others stay as they are
//
// It writes results.md, results.json and the charts; with -readme the short
// table of README.md as well. The machine should have nothing else to do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

var (
	isShort  = flag.Bool("short", false, "do little of everything; results go to bin/bench unless -out is given")
	only     = flag.String("only", "", "`SECTION,…` to measure: data, swap, lost, idle, growth, cold, systemd")
	readme   = flag.Bool("readme", false, "rewrite the table in README.md")
	out      = flag.String("out", "", "`DIRECTORY` of the results, this one by default")
	sdbridge = flag.String("sdbridge", "", "the `BINARY` to measure, bin/sdbridge by default")
)

func main() {
	log.SetFlags(log.Ltime)
	if len(os.Args) > 1 && os.Args[1] == insideArgument {
		inside(os.Args[2:])
		return
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx); err != nil {
		log.Fatal(err)
	}
}

func measure(ctx context.Context) error {
	names, err := sectionNames(*only)
	if err != nil {
		return err
	}
	if err := prepareProcess(); err != nil {
		return err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	if *sdbridge == "" {
		*sdbridge = filepath.Join(root, "bin", "sdbridge")
	}
	b := &bench{Context: ctx, root: root, size: full}
	if *isShort {
		b.size = short
	}
	if b.programs, err = build(ctx, root, *sdbridge); err != nil {
		return err
	}
	dir := *out
	switch {
	case dir == "" && *isShort:
		dir = b.programs.dir
	case dir == "":
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return b.report(names, dir)
}

func (b *bench) report(names []string, dir string) error {
	r := &report{Short: b.size.Short, Machine: describeMachine(), Versions: b.programs.versions(b), Missing: b.programs.missing}
	if len(names) > 0 {
		if err := r.takeOver(dir); err != nil {
			return err
		}
	}
	if err := b.run(names, r, dir); err != nil {
		return err
	}
	if *readme {
		if r.Short {
			return errors.New("-readme with -short: those figures are worth nothing")
		}
		return r.writeReadme(filepath.Join(b.root, "README.md"))
	}
	return nil
}

func sectionNames(only string) ([]string, error) {
	if only == "" {
		return nil, nil
	}
	names := strings.Split(only, ",")
	for _, name := range names {
		if sectionNumber(name) < 0 {
			return nil, fmt.Errorf("-only: there is no section %q", name)
		}
	}
	return names, nil
}

// sectionNumber is the place of a section in the report, -1 without one.
func sectionNumber(name string) int {
	for i, s := range sections {
		if s.name == name {
			return i
		}
	}
	return -1
}

// prepareProcess makes us the parent of all that loses its own, so that what is
// left behind is found, and lets the bridges hold thousands of sockets.
func prepareProcess() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // by us, so that it is inherited
}
