package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/check"
	"github.com/sdbridge/sdbridge/units/porting"
)

// services are those that the text has, the one of --name where it has several.
func (f *unitsCommand) services(stdin io.Reader, args []string) ([]porting.Service, error) {
	source := porting.Source{Set: map[string]string{}, ReadFile: os.ReadFile}
	for _, v := range f.set {
		name, value, ok := strings.Cut(v, "=")
		if !ok {
			return nil, usage(fmt.Errorf("--set %q has no value: write --set NAME=VALUE", v))
		}
		source.Set[name] = value
	}
	if _, ok := source.Set["PWD"]; !ok && f.Directory != "" {
		source.Set["PWD"] = f.Directory
	}
	if f.from == "" {
		s, err := porting.Words(args, source)
		if err != nil {
			return nil, usage(err)
		}
		return []porting.Service{s}, nil
	}
	text, err := f.text(stdin, &source)
	if err != nil {
		return nil, refuse(exitUnavailable, fmt.Errorf("cannot read --from: %w", err))
	}
	all, err := porting.Read(text, source)
	if err != nil {
		return nil, usage(err)
	}
	all, err = f.choose(all)
	if err != nil {
		return nil, usage(err)
	}
	return all, nil
}

// text is what --from names; its path says which directory a script is in.
func (f *unitsCommand) text(stdin io.Reader, source *porting.Source) ([]byte, error) {
	if f.from == "-" {
		return io.ReadAll(stdin)
	}
	path, err := filepath.Abs(f.from)
	if err != nil {
		return nil, err
	}
	source.Path = path
	if source.DropIns, err = dropIns(path, check.SystemDirs()); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// dropIns are the files of app.service.d beside a unit, and if it lies where
// systemd looks, those of all such places, in the order of their names.
func dropIns(path string, systems []string) (found []porting.DropIn, err error) {
	if filepath.Ext(path) != ".service" {
		return nil, nil
	}
	dirs := []string{filepath.Dir(path)}
	if slices.Contains(systems, dirs[0]) {
		dirs = systems
	}
	seen := map[string]bool{}
	for _, dir := range dirs {
		files, _ := filepath.Glob(filepath.Join(dir, filepath.Base(path)+".d", "*.conf")) // the pattern is sound
		for _, file := range files {
			if seen[filepath.Base(file)] {
				continue
			}
			seen[filepath.Base(file)] = true
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			found = append(found, porting.DropIn{Path: file, Text: text})
		}
	}
	slices.SortFunc(found, func(a, b porting.DropIn) int {
		return strings.Compare(filepath.Base(a.Path), filepath.Base(b.Path))
	})
	return found, nil
}

// choose takes --name for a choice where the text has several services, and for
// the first of those that have no name in it. Requests to a running
// start_server have no units, and go with the one service.
func (f *unitsCommand) choose(all []porting.Service) ([]porting.Service, error) {
	if len(all) < 2 || f.Name == "" {
		return all, nil
	}
	var names []string
	unnamed, count := 0, 0
	for _, s := range all {
		if s.Options.Restart || s.Options.Stop {
			continue
		}
		if s.Name == f.Name {
			return []porting.Service{s}, nil
		}
		if s.Name == "" {
			unnamed++
		}
		count++
		names = append(names, fmt.Sprintf("%q (%s)", s.Name, s.Source))
	}
	switch {
	case count < 2:
		return all, nil
	case unnamed > 0:
		return f.number(all), nil
	}
	return nil, fmt.Errorf("--name %q: the text has several services, and none of that name: %s; give a line of its own behind --",
		f.Name, strings.Join(names, ", "))
}

// number makes of --name app the names app, app-2, …
func (f *unitsCommand) number(all []porting.Service) []porting.Service {
	n := 0
	for i := range all {
		if all[i].Name != "" || all[i].Options.Restart || all[i].Options.Stop {
			continue
		}
		n++
		all[i].Name = f.Name
		if n > 1 {
			all[i].Name = fmt.Sprintf("%s-%d", f.Name, n)
		}
		all[i].Notes = append(all[i].Notes, "the text has several start_server lines, and no name for this one: it is "+all[i].Source+"; for one alone, or another name, give its line behind --")
	}
	f.Name = "" // each has its own
	return all
}
