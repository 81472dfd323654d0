//go:build systemd

package systemdtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// variable names the roots to boot.
const variable = "SDBRIDGE_SYSTEMD"

// Roots are those that SDBRIDGE_SYSTEMD asks for, "host" by default.
func Roots() []string {
	if value := os.Getenv(variable); value != "" {
		return strings.Split(value, ",")
	}
	return []string{"host"}
}

// files is the directory of a root. A suite of Debian is fetched when it is not
// in the cache yet, which takes a minute or two.
func files(t *testing.T, root string) string {
	t.Helper()
	if root == "host" {
		return "/"
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "sdbridge", "roots", root)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	t.Logf("fetching %s into %s", root, dir)
	if err := debootstrap(root, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// debootstrap fetches a suite beside dir, so that an interrupted one is never
// taken for a whole one.
func debootstrap(suite, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	part, err := os.MkdirTemp(filepath.Dir(dir), suite+".part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	cmd := exec.Command("debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus", suite, part)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("debootstrap %s: %w: %s", suite, err, text)
	}
	if err := os.Chmod(part, 0o755); err != nil {
		return err
	}
	return os.Rename(part, dir)
}
