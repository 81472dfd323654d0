package units

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A unit file has no trailing comments, so that a reason is a line of its own.
func TestEverySettingHasItsReason(t *testing.T) {
	for name, text := range map[string]string{"app.socket": Socket, "app.service": Service} {
		above := ""
		for line := range strings.Lines(text) {
			if strings.Contains(line, "=") && !strings.HasPrefix(line, "#") && !strings.HasPrefix(above, "# ") {
				t.Errorf("%s: no reason above %s", name, line)
			}
			above = line
		}
	}
}

// The exit status of verify says little before systemd 254: silence counts. It
// reads other units of the host, too, and complains of theirs.
func TestVerifyIsSilent(t *testing.T) {
	service := write(t)
	text, err := analyze(t, "verify", filepath.Join(filepath.Dir(service), "app.socket"), service).CombinedOutput()
	if err != nil || strings.Contains(string(text), "app.") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, text)
	}
}

// The threshold is in tenths of the exposure level.
func TestExposure(t *testing.T) {
	service := write(t)
	text, err := analyze(t, "security", "--offline=true", "--threshold=30", service).CombinedOutput()
	if strings.Contains(string(text), "unrecognized option") {
		t.Skip("systemd-analyze security --offline needs systemd 250")
	}
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, text)
	}
}

// write puts the pair into a directory, with a command that is there, and
// returns the path of the service.
func write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	service := filepath.Join(dir, "app.service")
	for path, text := range map[string]string{
		service:                          strings.ReplaceAll(Service, "/usr/bin/sdbridge", "/bin/true"),
		filepath.Join(dir, "app.socket"): Socket,
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return service
}

func analyze(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	return exec.Command(path, args...)
}
