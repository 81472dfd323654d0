package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Host is where units are looked for.
type Host struct {
	// Root is put before every directory that systemd knows; "" is the host itself.
	Root string
	// Dirs are the directories of units, the first wins; none are those of the
	// system's manager.
	Dirs []string
	// Version of systemd; 0 is unknown.
	Version int
	// Cat is `systemctl cat UNIT`, "" where that does not answer. It says which
	// files make up a unit; nil leaves it to the directories.
	Cat func(unit string) string
	// RunFlags are those of `sdbridge run` with their default values, and what
	// refuses the values that they were given, for a command.
	RunFlags func() (flags *pflag.FlagSet, refuse func(command []string) error)
}

// SystemDirs are the directories of the system's manager, the first wins
// (systemd.unit(5)).
func SystemDirs() []string { return slices.Clone(unitDirs) }

var unitDirs = []string{
	"/etc/systemd/system.control",
	"/run/systemd/system.control",
	"/run/systemd/transient",
	"/run/systemd/generator.early",
	"/etc/systemd/system",
	"/etc/systemd/system.attached",
	"/run/systemd/system",
	"/run/systemd/system.attached",
	"/run/systemd/generator",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/run/systemd/generator.late",
}

// UserDirs are the directories of a user's manager, as systemd.unit(5) has them.
// The variables are those of the user's environment.
func UserDirs(lookup func(name string) (string, bool)) (dirs []string) {
	home, _ := lookup("HOME")
	add := func(bases []string, names ...string) {
		for _, base := range bases {
			for _, name := range names {
				if filepath.IsAbs(base) { // as the XDG base directory specification has it
					dirs = append(dirs, filepath.Join(base, "systemd", name))
				}
			}
		}
	}
	paths := func(variable string, otherwise ...string) []string {
		if value, _ := lookup(variable); value != "" {
			return filepath.SplitList(value)
		}
		return otherwise
	}
	config := paths("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	runtime := paths("XDG_RUNTIME_DIR")
	add(config, "user.control")
	add(runtime, "user.control", "transient", "generator.early")
	add(config, "user")
	add(paths("XDG_CONFIG_DIRS", "/etc/xdg"), "user")
	add([]string{"/etc"}, "user")
	add(runtime, "user")
	add([]string{"/run"}, "user")
	add(runtime, "generator")
	add(paths("XDG_DATA_HOME", filepath.Join(home, ".local/share")), "user")
	add(paths("XDG_DATA_DIRS", "/usr/local/share", "/usr/share"), "user")
	add([]string{"/usr/local/lib", "/usr/lib"}, "user")
	add(runtime, "generator.late")
	return dirs
}

// on is a path of the host below its root.
func (h Host) on(path string) string { return filepath.Join(h.Root, path) }

// follow is where an absolute link leads below the root; other paths stay.
// /dev/null, which masks a unit, is the same everywhere.
func (h Host) follow(path string) string {
	for range 8 { // links may go in a circle
		target, err := os.Readlink(path)
		switch {
		case err != nil || h.Root == "" || target == os.DevNull:
			return path
		case filepath.IsAbs(target):
			path = h.on(target)
		default:
			path = filepath.Join(filepath.Dir(path), target)
		}
	}
	return path
}

// read is the text of a file of the host; "" where it cannot be read.
func (h Host) read(path string) string {
	text, _ := os.ReadFile(h.on(path)) // the rules do without
	return string(text)
}

// symlink is the first symbolic link on the way to a path of the host, and
// where that leads; "" where there is none, or it is not there. What the
// distribution links in its root (/bin, /var/run) is none.
func (h Host) symlink(path string) (link, target string) {
	at := "/"
	for i, part := range strings.Split(strings.Trim(path, "/"), "/") {
		at = filepath.Join(at, part)
		if target, err := os.Readlink(h.on(at)); err == nil && i > 0 && at != "/var/run" {
			return at, target
		}
	}
	return "", ""
}

// program is the name of the program that a path leads to.
func (h Host) program(path string) string {
	real := h.resolve(path)
	if _, err := os.Lstat(h.on(real)); err != nil {
		real = path
	}
	return filepath.Base(real)
}

// resolve is the path of the host that a path leads to: an absolute link of a root
// leads to the root's.
func (h Host) resolve(path string) string {
	at, rest, links := "/", elements(path), 0
	for len(rest) > 0 {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		target, err := os.Readlink(h.on(next))
		if links++; err != nil || links > 255 { // they may go in a circle
			at = next
			continue
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		rest = append(elements(target), rest...)
	}
	return at
}

func elements(path string) []string { return strings.Split(path, "/") }
