package control

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fileName is that of a control socket in a runtime directory.
const fileName = "control"

// systemRoot is the folder of the system's bridges: their units say
// RuntimeDirectory=sdbridge/NAME.
const systemRoot = "/run/sdbridge"

// Lookup finds a variable of the environment, as os.LookupEnv does.
type Lookup func(name string) (string, bool)

// Path says where a bridge's control socket is: at the flag's path, else
// $SDBRIDGE_CONTROL, else in $RUNTIME_DIRECTORY (systemd.exec(5)), in the
// directory under sdbridge/ if there are several. "" is nowhere.
func Path(lookup Lookup, flag string) string {
	if flag != "" {
		return flag
	}
	if path, _ := lookup("SDBRIDGE_CONTROL"); path != "" {
		return path
	}
	list, _ := lookup("RUNTIME_DIRECTORY")
	dirs := strings.FieldsFunc(list, func(r rune) bool { return r == ':' })
	for _, dir := range dirs {
		if strings.Contains(filepath.Dir(dir)+"/", "/sdbridge/") {
			return filepath.Join(dir, fileName)
		}
	}
	if len(dirs) == 1 {
		return filepath.Join(dirs[0], fileName)
	}
	return ""
}

// Place is where a bridge may be.
type Place struct {
	Name string // by which it was found; "": by its path
	Path string // of its control socket
}

// Find says where the bridges are that a command means: the one of that name,
// else the one of the flag, else that of [Path], else all of the system and the
// user. The name may be that of the unit, app.service.
func Find(lookup Lookup, name, flag string) ([]Place, error) {
	return find(lookup, name, flag, systemRoot)
}

func find(lookup Lookup, name, flag, system string) ([]Place, error) {
	roots := []string{system}
	if dir, _ := lookup("XDG_RUNTIME_DIR"); dir != "" {
		roots = append(roots, filepath.Join(dir, "sdbridge"))
	}
	if name == "" {
		if path := Path(lookup, flag); path != "" {
			return []Place{{Path: path}}, nil
		}
		return list(roots), nil
	}
	if flag != "" {
		return nil, fmt.Errorf("both a name, %q, and --control %q; give one of them", name, flag)
	}
	name = strings.TrimSuffix(name, ".service")
	if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
		return nil, fmt.Errorf("%q is no name of a bridge; for a path write --control PATH", name)
	}
	paths := make([]string, len(roots))
	for i, root := range roots {
		paths[i] = filepath.Join(root, name, fileName)
	}
	i := max(0, slices.IndexFunc(paths, there))
	return []Place{{name, paths[i]}}, nil
}

// there tells whether something is at path; what may not be seen may be there.
func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || errors.Is(err, os.ErrPermission)
}

// list finds every control socket in these folders.
func list(roots []string) (places []Place) {
	for _, root := range roots {
		entries, _ := os.ReadDir(root) // one that is not there has none
		for _, e := range entries {
			if path := filepath.Join(root, e.Name(), fileName); there(path) {
				places = append(places, Place{e.Name(), path})
			}
		}
	}
	return places
}
