package launch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// maxVariable is MAX_ARG_STRLEN, the longest string that execve(2) takes.
const maxVariable = 128 << 10

// readEnvDir reads a directory of variables. What cannot be read or handed on is
// an error, or with lenient passed over. What is not there by the time it is opened
// sets nothing: it was removed meanwhile.
func readEnvDir(dir string, lenient bool) (environ, error) {
	files, err := system.readDir(dir)
	if err != nil && !lenient {
		return nil, &FileError{Flag: "--envdir", Path: dir, Err: cause(err)}
	}
	env := environ{}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, file.Name())
		switch value, err := fileVariable(path, file.Name()); {
		case err == nil:
			env[file.Name()] = value
		case lenient || setsNothing(err):
		default:
			return nil, &FileError{Flag: "--envdir", Path: path, Err: cause(err)}
		}
	}
	return env, nil
}

// setsNothing: io.EOF is a file without any line.
func setsNothing(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR)
}

func fileVariable(path, name string) (string, error) {
	if strings.Contains(name, "=") {
		return "", errors.New("a variable's name cannot hold \"=\"; rename the file, or put a dot in front")
	}
	value, err := firstLine(path)
	switch {
	case err != nil:
		return "", err
	case strings.Contains(value, "\x00"):
		return "", errors.New("a variable's value cannot hold a NUL byte; is it a text file?")
	case len(name)+len("=")+len(value) >= maxVariable:
		return "", fmt.Errorf("longer than one variable can be (%d bytes)", maxVariable)
	}
	return value, nil
}

// firstLine reads no further than that: the rest may be long, or never come.
func firstLine(path string) (string, error) {
	file, err := system.open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	line, err := bufio.NewReader(io.LimitReader(file, maxVariable)).ReadString('\n')
	if line == "" || (err != nil && !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}
