package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sdbridge/sdbridge/units/pair"
)

// unitDir is where the administrator's units lie, systemd.unit(5).
const unitDir = "/etc/systemd/system"

// initDir is where SysV's scripts lie, systemd-sysv-generator(8).
const initDir = "/etc/init.d"

// unitFile is a file of a pair.
type unitFile struct{ name, text string }

func unitFiles(p pair.Pair) (files []unitFile) {
	if p.Socket != "" {
		files = append(files, unitFile{p.Name + ".socket", p.Socket})
	}
	if p.Service != "" {
		files = append(files, unitFile{p.Name + ".service", p.Service})
	}
	return files
}

// dir is where the files go, "" for stdout.
func (f *unitsCommand) dir() (string, error) {
	switch {
	case !f.install:
		return f.outDir, nil
	case !f.UserUnit:
		return unitDir, nil
	}
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("cannot tell where the user's units lie: %w", err)
	}
	return filepath.Join(config, "systemd/user"), nil
}

// write puts all files into dir, or none where one is there that differs.
func (f *unitsCommand) write(out io.Writer, dir string, pairs []pair.Pair) error {
	var files []unitFile
	for _, p := range pairs {
		files = append(files, unitFiles(p)...)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make the directory of the units: %w", err)
	}
	if err := f.differing(dir, files); err != nil {
		return err
	}
	for _, u := range files {
		path := filepath.Join(dir, u.name)
		said := "wrote"
		if same(path, u.text) {
			said = "unchanged:"
		} else if err := replace(path, u.text); err != nil {
			return fmt.Errorf("cannot write %s: %w; run it as who may, or write elsewhere by --output", path, err)
		}
		fmt.Fprintln(out, said, path)
	}
	f.next(out, pairs)
	return nil
}

// differing is an error that names what would be written over.
func (f *unitsCommand) differing(dir string, files []unitFile) error {
	var all []error
	for _, u := range files {
		path := filepath.Join(dir, u.name)
		if _, err := os.Lstat(path); f.force || errors.Is(err, fs.ErrNotExist) || same(path, u.text) {
			continue
		}
		all = append(all, fmt.Errorf("%s is there and differs; nothing was written: compare it with what sdbridge units prints, then give --force", path))
	}
	return errors.Join(all...)
}

func same(path, text string) bool {
	old, err := os.ReadFile(path)
	return err == nil && bytes.Equal(old, []byte(text))
}

// replace writes a file in one step: systemd never reads half a unit.
func replace(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// next says what is left to do.
func (f *unitsCommand) next(out io.Writer, pairs []pair.Pair) {
	systemctl, journal := "systemctl", "journalctl --unit="
	if f.UserUnit {
		systemctl, journal = "systemctl --user", "journalctl --user --unit="
	}
	var names, services []string
	deploy := " reload "
	for _, p := range pairs {
		if p.Answer != "" {
			fmt.Fprintln(out, "in place of the line:", p.Answer)
		}
		for _, u := range unitFiles(p) {
			names = append(names, u.name)
		}
		if p.Service != "" {
			services = append(services, p.Name+".service")
			if !strings.Contains(p.Service, "\nExecReload=") {
				deploy = " restart " // one without a socket
			}
		}
	}
	if !f.install || len(names) == 0 {
		return
	}
	fmt.Fprintln(out, "next: stop the old start_server, which holds the addresses; then")
	if !f.UserUnit {
		for _, script := range initScripts(initDir, services) {
			fmt.Fprintf(out, "  mv %s /root/ # of this name systemctl enable hands on to SysV's tools, which may refuse it\n", script)
		}
	}
	fmt.Fprintf(out, `  %[1]s daemon-reload
  %[1]s enable --now %[2]s
  %[1]s status %[3]s
each deploy: %[1]s%[5]s%[3]s; the log: %[4]s%[3]s
`, systemctl, strings.Join(names, " "), strings.Join(services, " "), journal, deploy)
}

// initScripts are those in dir that have the name of a service.
func initScripts(dir string, services []string) (scripts []string) {
	for _, s := range services {
		script := filepath.Join(dir, strings.TrimSuffix(s, ".service"))
		if _, err := os.Stat(script); err == nil {
			scripts = append(scripts, script)
		}
	}
	return scripts
}
