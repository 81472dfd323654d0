//go:build systemd

package systemdtest

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newCgroup makes a cgroup2 folder for a machine and opens it. At the test's end
// it must be empty; it is removed.
func newCgroup(t *testing.T) *os.File {
	t.Helper()
	dir := filepath.Join(cgroup2(t), fmt.Sprintf("sdbridge-test-%d", time.Now().UnixNano()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	group, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = group.Close()
		// The kernel lets go of a cgroup some time after its last process is reaped.
		if poll(10*time.Second, func() bool { return removeCgroup(dir) == nil }) != nil {
			t.Errorf("cannot remove %s: %v", dir, removeCgroup(dir))
		}
	})
	return group
}

// removeCgroup removes a cgroup and those below it; their files cannot be.
func removeCgroup(dir string) error {
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, dir := range slices.Backward(dirs) {
		if err := os.Remove(dir); err != nil {
			return err
		}
	}
	return nil
}

// cgroup2 is where the host has it mounted: /sys/fs/cgroup, or on a hybrid one
// /sys/fs/cgroup/unified.
func cgroup2(t *testing.T) string {
	t.Helper()
	mounts, err := os.Open("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	defer mounts.Close()
	for lines := bufio.NewScanner(mounts); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); fields[2] == "cgroup2" {
			return fields[1]
		}
	}
	t.Fatal("no cgroup2 is mounted: mount -t cgroup2 none /sys/fs/cgroup/unified")
	return ""
}
