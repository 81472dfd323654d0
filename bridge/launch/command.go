package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// defaultPath is where execvp(3) looks when there is no PATH.
const defaultPath = "/bin:/usr/bin"

// command finds the file to execute, as execvp(3) in dir and env would.
func (s Spec) command(dir string, env environ) (string, error) {
	if len(s.Command) == 0 || s.Command[0] == "" {
		return "", &CommandError{}
	}
	name := s.Command[0]
	if !strings.Contains(name, "/") {
		return s.search(name, dir, env)
	}
	path, err := s.locate(name, dir)
	if err != nil {
		return "", &CommandError{Command: name, Path: path, Err: err}
	}
	return path, nil
}

// search goes on behind a file that cannot be executed; only where nothing else
// is found is that the answer.
func (s Spec) search(name, dir string, env environ) (string, error) {
	paths, ok := env["PATH"]
	if !ok {
		paths = defaultPath
	}
	refused := &CommandError{Command: name, Search: paths, Err: syscall.ENOENT}
	for entry := range strings.SplitSeq(paths, ":") {
		if entry == "" {
			entry = "."
		}
		path, err := s.locate(entry+"/"+name, dir)
		if err == nil {
			return path, nil
		}
		if missing(refused.Err) && !missing(err) {
			refused.Path, refused.Err = path, err
		}
	}
	return "", refused
}

// locate makes path absolute and checks that it can be executed. Beside an error
// stands the path that was tried, if any.
//
// The directory part loses its symbolic links, so that a repeat stays with the
// release it was found in. The last part keeps its own: a program may go by its
// name (busybox) or by its place (bin/python of a venv).
func (s Spec) locate(path, dir string) (string, error) {
	path, err := absolute(path, dir)
	if err != nil {
		return "", err
	}
	if !s.StarterRules {
		parent, file := filepath.Split(path)
		resolved, err := system.resolve(parent)
		if err != nil {
			return path, cause(err)
		}
		path = strings.TrimSuffix(resolved, "/") + "/" + file
	}
	return path, executable(path)
}

// absolute does not clean the path: current/.. is not where current lies.
func absolute(path, dir string) (string, error) {
	if strings.HasPrefix(path, "/") {
		return path, nil
	}
	if dir == "" {
		wd, err := system.getwd()
		if err != nil {
			return "", fmt.Errorf("it is relative, and the bridge's own directory is gone: %w", err)
		}
		dir = wd
	}
	return strings.TrimSuffix(dir, "/") + "/" + path, nil
}

func executable(path string) error {
	info, err := system.stat(path)
	switch {
	case err != nil:
		return cause(err)
	case info.IsDir():
		return syscall.EISDIR
	case !info.Mode().IsRegular():
		return syscall.EACCES
	}
	return system.access(path)
}

func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// CommandError says that the command cannot be executed. It is fs.ErrNotExist
// where it was not found, fs.ErrPermission or syscall.EISDIR where it is no program.
type CommandError struct {
	Command string // as it was written
	Path    string // the file that was tried; empty: none
	Search  string // the PATH it was looked for in; empty: it names its place
	Err     error
}

func (e *CommandError) Error() string {
	switch {
	case e.Command == "":
		return "no command to run; write it behind --"
	case e.Path == "" && e.Search == "":
		return fmt.Sprintf("cannot find command %q: %v; write its full path, or give --dir", e.Command, e.Err)
	case missing(e.Err) && e.Search != "":
		return fmt.Sprintf("cannot find command %q in PATH %q; write its full path, or put its directory into PATH",
			e.Command, e.Search)
	case missing(e.Err):
		return fmt.Sprintf("cannot find command %q: there is no %s; correct the path, or --dir", e.Command, e.Path)
	case errors.Is(e.Err, syscall.EISDIR):
		return fmt.Sprintf("cannot execute command %q: %s is a directory; name the program in it", e.Command, e.Path)
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf("cannot execute command %q: %s: %v; make it an executable file (chmod +x) in a directory that this user may enter",
			e.Command, e.Path, e.Err)
	}
	return fmt.Sprintf("cannot execute command %q: %s: %v", e.Command, e.Path, e.Err)
}

func (e *CommandError) Unwrap() error { return e.Err }
