package launch

import (
	"fmt"
	"syscall"
)

// directory is the real directory that Dir leads to now.
func (s Spec) directory() (string, error) {
	if s.Dir == "" {
		return "", nil
	}
	dir, err := absolute(s.Dir, "")
	if err != nil {
		return "", &DirError{Dir: s.Dir, Err: err}
	}
	resolved, err := system.resolve(dir)
	if err != nil {
		return "", &DirError{Dir: s.Dir, Err: cause(err)}
	}
	if err := enterable(resolved); err != nil {
		return "", &DirError{Dir: s.Dir, Err: err}
	}
	return resolved, nil
}

func enterable(dir string) error {
	info, err := system.stat(dir)
	if err != nil {
		return cause(err)
	}
	if !info.IsDir() {
		return syscall.ENOTDIR
	}
	return system.access(dir)
}

// DirError says that the child cannot be started in its directory.
type DirError struct {
	Dir string // as it was written in --dir, or the real one of a launch
	Err error
}

func (e *DirError) Error() string {
	return fmt.Sprintf("cannot use directory %q: %v; make it, or correct --dir", e.Dir, e.Err)
}

func (e *DirError) Unwrap() error { return e.Err }
