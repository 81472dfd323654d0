package launch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxEnvFile is more than execve(2) takes in all.
const maxEnvFile = 8 << 20

// readEnvFile reads the file that one --env-file names.
func readEnvFile(flag string) (environ, error) {
	path, optional := strings.CutPrefix(flag, "-")
	text, err := readText(path)
	if errors.Is(err, fs.ErrNotExist) {
		if optional {
			return nil, nil
		}
		err = fmt.Errorf("%w; make it, or write --env-file=-%s where it may be missing", cause(err), path)
	}
	if err != nil {
		return nil, &FileError{Flag: "--env-file", Path: path, Err: cause(err)}
	}
	env, line, err := parseEnvFile(text)
	if err != nil {
		return nil, &FileError{Flag: "--env-file", Path: path, Line: line, Err: err}
	}
	return env, nil
}

func readText(path string) (string, error) {
	file, err := system.open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxEnvFile+1))
	if err == nil && len(text) > maxEnvFile {
		err = fmt.Errorf("longer than an environment can be (%d bytes)", maxEnvFile)
	}
	return string(text), err
}

// EnvFile are the variables that the text of an --env-file sets.
func EnvFile(text string) (map[string]string, error) {
	env, _, err := parseEnvFile(text)
	return env, err
}
