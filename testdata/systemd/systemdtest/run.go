//go:build systemd

package systemdtest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long what a test waits for may take; a command, which may be
// clients that work beside it, three times that. It is long for a loaded machine.
const patience = 60 * time.Second

// Run runs a command in the machine, as root, and returns its standard output
// without the last newline. The error holds its standard error.
func (m *Machine) Run(command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	enter := []string{"-t", strconv.Itoa(m.pid), "-m", "-p", "-n", "-u", "-i", "-C", "-w/", "--"}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, command...)...)
	cmd.WaitDelay = time.Second                           // nsenter's child holds the pipes
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a "kill 0" inside would hit the test
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "SYSTEMD_PAGER="}
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSuffix(stdout.String(), "\n"), err
}

// Must is Run for a command that has to succeed.
func (m *Machine) Must(t *testing.T, command ...string) string {
	t.Helper()
	out, err := m.Run(command...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Systemctl runs systemctl, which has to succeed.
func (m *Machine) Systemctl(t *testing.T, args ...string) string {
	t.Helper()
	return m.Must(t, append([]string{"systemctl"}, args...)...)
}

// Show returns a property of a unit: Show(t, "app.service", "NRestarts").
func (m *Machine) Show(t *testing.T, unit, property string) string {
	t.Helper()
	return m.Systemctl(t, "show", "--value", "-p", property, unit)
}

// Journal returns what a unit and systemd on its behalf have logged.
func (m *Machine) Journal(t *testing.T, unit string) string {
	t.Helper()
	return m.Must(t, "journalctl", "--no-pager", "-o", "short-monotonic", "-u", unit)
}

// Write writes a file, and the directories above it.
func (m *Machine) Write(t *testing.T, path, content string) {
	t.Helper()
	path = strings.TrimPrefix(path, "/")
	if err := m.disk.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := m.disk.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Read reads a file, also of /proc; "" while it is not there.
func (m *Machine) Read(path string) string {
	text, _ := m.disk.ReadFile(strings.TrimPrefix(path, "/"))
	return string(text)
}

// Remove removes a file.
func (m *Machine) Remove(t *testing.T, path string) {
	t.Helper()
	if err := m.disk.Remove(strings.TrimPrefix(path, "/")); err != nil {
		t.Fatal(err)
	}
}

// Readlink reads a symbolic link, also of /proc: Readlink("/proc/7/fd/3").
func (m *Machine) Readlink(path string) string {
	target, _ := m.disk.Readlink(strings.TrimPrefix(path, "/"))
	return target
}

// Install builds Go programs and puts them into /usr/bin of the machine. They
// are static: it may have another libc than the host.
func (m *Machine) Install(t *testing.T, packages ...string) {
	t.Helper()
	build := exec.Command("go", append([]string{"build", "-o", m.host("/usr/bin") + "/"}, packages...)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
}

// Await waits until a condition holds.
func Await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	if err := poll(patience, condition); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func poll(limit time.Duration, condition func() bool) error {
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %v", limit)
		}
	}
	return nil
}
