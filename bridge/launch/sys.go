package launch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// sys is what this package asks the system.
type sys struct {
	open    func(path string) (io.ReadCloser, error)
	readDir func(path string) ([]fs.DirEntry, error)
	stat    func(path string) (fs.FileInfo, error)
	resolve func(path string) (string, error) // without symbolic links
	access  func(path string) error           // may be executed or entered
	getwd   func() (string, error)
}

var system = sys{
	open:    func(path string) (io.ReadCloser, error) { return os.Open(path) },
	readDir: os.ReadDir,
	stat:    os.Stat,
	resolve: filepath.EvalSymlinks,
	access: func(path string) error {
		return unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS)
	},
	getwd: syscall.Getwd, // os.Getwd would believe PWD
}

// cause is err without the path, for messages that name it themselves.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
