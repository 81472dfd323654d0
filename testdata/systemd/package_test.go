//go:build systemd

package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// TestPackage has machines of its own: it takes /usr/bin/sdbridge away. They are
// those of Debian alone: what the host has installed makes its dpkg slow.
func TestPackage(t *testing.T) {
	roots := slices.DeleteFunc(systemdtest.Roots(), func(root string) bool { return root == "host" })
	if len(roots) == 0 {
		t.Skip("it takes a suite of Debian, as in SDBRIDGE_SYSTEMD=trixie")
	}
	dist := t.TempDir()
	first, second := makePackage(t, dist, "1.0.0"), makePackage(t, dist, "1.1.0")
	for _, root := range roots {
		t.Run(root, func(t *testing.T) {
			m := systemdtest.Boot(t, root)
			m.Write(t, "/run/first.deb", first)
			m.Write(t, "/run/second.deb", second)
			t.Run("install, upgrade and remove", func(t *testing.T) { installUpgradeRemove(t, m) })
			t.Run("beside Server::Starter", func(t *testing.T) { besideServerStarter(t, m) })
		})
	}
}

// makePackage returns a .deb of that version, of what is here.
func makePackage(t *testing.T, dist, version string) string {
	t.Helper()
	cmd := exec.Command("make", "-C", "../..", "package", "KINDS=deb", "DIST="+dist)
	cmd.Env = append(os.Environ(), "VERSION="+version)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make package: %v\n%s", err, text)
	}
	return readOne(t, filepath.Join(dist, "sdbridge_"+version+"_*.deb"))
}

func readOne(t *testing.T, pattern string) string {
	t.Helper()
	names, _ := filepath.Glob(pattern)
	if len(names) != 1 {
		t.Fatalf("%s: %q, want one file", pattern, names)
	}
	content, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The example pair serves as it is. An upgrade leaves the bridge alone, which
// swaps on with the program that was deleted; a restart refuses nobody.
func installUpgradeRemove(t *testing.T, m *systemdtest.Machine) {
	m.Must(t, "dpkg", "-i", "/run/first.deb")
	a := packagedApp(t, m)
	m.Systemctl(t, "enable", "--now", a.socket(), a.service())
	a.answers("1")
	m.Systemctl(t, "reload", a.service())
	a.answers("2")

	clients := startClients(t, m, a.addr, "-keep-alive=both", "-pause=5ms")
	bridge := a.show("MainPID")
	if said := m.Must(t, "dpkg", "-i", "/run/second.deb"); !strings.Contains(said, "systemctl restart app.service") {
		t.Errorf("the upgrade does not say what to restart: %s", said)
	}
	a.want("MainPID", bridge)
	a.runs("/usr/bin/sdbridge (deleted)")
	m.Systemctl(t, "reload", a.service())
	a.answers("3")
	m.Systemctl(t, "restart", a.service())
	a.answers("1")
	a.runs("/usr/bin/sdbridge")
	clients.end(t)
	if said := m.Must(t, "/var/lib/dpkg/info/sdbridge.postinst", "configure", "1.1.0"); strings.Contains(said, "restart") {
		t.Errorf("all is up to date, but it says %s", said)
	}

	m.Systemctl(t, "disable", "--now", a.socket(), a.service())
	m.Must(t, "dpkg", "-r", "sdbridge")
	m.Must(t, "dpkg", "-P", "sdbridge")
	m.Must(t, "rm", "/etc/systemd/system/app.socket", "/etc/systemd/system/app.service")
	nothingLeft(t, m)
}

// packagedApp is the example pair of the package and what it takes for granted.
func packagedApp(t *testing.T, m *systemdtest.Machine) *app {
	t.Helper()
	m.Install(t, "../children/plain", "../tools/load")
	m.Write(t, "/etc/sysusers.d/app.conf", "u app -\n")
	m.Must(t, "systemd-sysusers")
	m.Must(t, "ln", "-s", "plain", "/usr/bin/app")
	m.Must(t, "sh", "-c", "cp /usr/share/doc/sdbridge/examples/app.* /etc/systemd/system")
	m.Systemctl(t, "daemon-reload")
	return &app{Machine: m, t: t, name: "app", addr: "127.0.0.1:8080"}
}

// answers waits until that generation alone does.
func (a *app) answers(generation string) {
	a.t.Helper()
	systemdtest.Await(a.t, "generation "+generation, func() bool { return ask(a.t, a.Machine, a.addr) == generation })
}

// runs checks which program the bridge was started from.
func (a *app) runs(program string) {
	a.t.Helper()
	if got := a.Readlink("/proc/" + a.show("MainPID") + "/exe"); got != program {
		a.t.Errorf("the bridge runs %q, want %q", got, program)
	}
}

func nothingLeft(t *testing.T, m *systemdtest.Machine) {
	t.Helper()
	left := m.Must(t, "find", "/usr", "/etc", "/var", "-xdev", "(", "-name", "*sdbridge*", "-o", "-name", "start_server", ")")
	if left != "" {
		t.Errorf("the package left\n%s", left)
	}
	if list := m.Must(t, "dpkg-query", "-W", "-f", "${Package} ${Status}\n"); strings.Contains(list, "sdbridge ") {
		t.Error("dpkg still knows the package")
	}
}

// theirs is the package whose own /usr/bin/start_server is.
const theirs = "libserver-starter-perl"

// The name in PATH is ours only while theirs is not there, in whatever order they
// come and go; ours has a path of its own.
func besideServerStarter(t *testing.T, m *systemdtest.Machine) {
	m.Write(t, "/run/theirs.deb", download(t, theirs))
	install := []string{"dpkg", "-i", "--force-depends", "/run/theirs.deb"}
	remove := []string{"dpkg", "-r", "--force-depends", theirs}
	steps := []struct {
		what    string
		command []string
		program string // whose start_server is in PATH then
	}{
		{"ours comes first", []string{"dpkg", "-i", "/run/first.deb"}, "ours"},
		{"then theirs", install, "theirs"},
		{"ours is upgraded beside it", []string{"dpkg", "-i", "/run/second.deb"}, "theirs"},
		{"theirs goes", remove, "ours"},
		{"theirs comes again", install, "theirs"},
		{"ours goes", []string{"dpkg", "-r", "sdbridge"}, "theirs"},
		{"ours comes second", []string{"dpkg", "-i", "/run/first.deb"}, "theirs"},
		{"theirs goes from under it", remove, "ours"},
		{"ours goes, too", []string{"dpkg", "-P", "sdbridge"}, ""},
	}
	for _, step := range steps {
		m.Must(t, step.command...)
		if got := startServer(m); got != step.program {
			t.Errorf("%s: start_server is %q, want %q", step.what, got, step.program)
		}
	}
	m.Must(t, "dpkg", "-P", "--force-depends", theirs)
	nothingLeft(t, m)
}

// startServer says whose /usr/bin/start_server is, and "" where there is none.
func startServer(m *systemdtest.Machine) string {
	const ours = "/usr/libexec/sdbridge/start_server"
	switch m.Readlink("/usr/bin/start_server") {
	case "/etc/alternatives/start_server":
		if m.Readlink("/etc/alternatives/start_server") == ours {
			return "ours"
		}
		return "a broken link"
	case "":
		if strings.Contains(m.Read("/usr/bin/start_server"), "perl") {
			return "theirs"
		}
	}
	return ""
}

// download fetches a package of this Debian.
func download(t *testing.T, name string) string {
	t.Helper()
	cmd := exec.Command("apt-get", "download", name)
	cmd.Dir = t.TempDir()
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("apt-get download %s: %v\n%s", name, err, text)
	}
	return readOne(t, filepath.Join(cmd.Dir, name+"_*.deb"))
}
