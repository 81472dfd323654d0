package launch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/activation"
)

// environ is an environment that is being built.
type environ map[string]string

// environ is all but the announcements.
func (s Spec) environ() (environ, error) {
	env := inherit(s.Base)
	for _, file := range s.EnvFiles {
		set, err := readEnvFile(file)
		if err != nil {
			return nil, err
		}
		maps.Copy(env, set)
	}
	if s.EnvDir != "" {
		set, err := readEnvDir(s.EnvDir, s.StarterRules)
		if err != nil {
			return nil, err
		}
		maps.Copy(env, set)
	}
	return env, nil
}

// inherit takes the last of equal names, as os/exec does.
func inherit(base []string) environ {
	env := environ{}
	for _, variable := range base {
		name, value, ok := strings.Cut(variable, "=")
		if ok && name != "" && !activation.Scrubbed(name) {
			env[name] = value
		}
	}
	return env
}

func (e environ) list() []string {
	list := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		list = append(list, name+"="+e[name])
	}
	return list
}

// FileError says which file of the environment is bad, and why.
type FileError struct {
	Flag string // --env-file or --envdir
	Path string // the file
	Line int    // from 1; 0: the file as a whole
	Err  error  // with the remedy, where there is one
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("cannot take the environment from %s %q: %v", e.Flag, e.Path, e.Err)
	}
	return fmt.Sprintf("cannot take the environment from %s %q: line %d: %v", e.Flag, e.Path, e.Line, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }
