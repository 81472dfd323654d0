// Package programs makes the programs that tests run.
package programs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Make fills a new directory, which the caller removes, also after an error: with
// links to the running test binary, which is what its name says, and with Go
// packages that it builds.
func Make(links []string, packages ...string) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "sdbridge-test-"); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return dir, err
	}
	for _, name := range links {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			return dir, err
		}
	}
	text, err := exec.Command("go", append([]string{"build", "-o", dir + "/"}, packages...)...).CombinedOutput()
	if err != nil {
		return dir, fmt.Errorf("go build: %w\n%s", err, text)
	}
	return dir, nil
}
