//go:build systemd

package systemd

import (
	"strconv"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// The order of descriptors across units is not defined; names keep them apart.
func twoSocketUnits(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "two", "ListenStream=127.0.0.1:8008", "-- kid -env /run/sdbridge/two/env")
	m.Write(t, "/etc/systemd/system/two-local.socket",
		"[Socket]\nListenStream=/run/two.sock\nFileDescriptorName=local\nService=two.service\n")
	a.dropIn(a.service(), "two", "[Unit]", "Requires=two-local.socket", "After=two-local.socket")
	m.Systemctl(t, "daemon-reload")
	t.Cleanup(func() { m.Systemctl(t, "stop", "two-local.socket") })
	for _, order := range [][]string{{"two.socket", "two-local.socket"}, {"two-local.socket", "two.socket"}} {
		for _, unit := range order {
			m.Systemctl(t, "start", unit)
		}
		m.Systemctl(t, "start", a.service())
		env := a.environment()
		byName := map[string]string{"web": "127.0.0.1:8008", "local": "/run/two.sock"}
		var want []string
		for i, name := range strings.Split(env["LISTEN_FDNAMES"], ":") {
			want = append(want, byName[name]+"="+strconv.Itoa(3+i))
		}
		if got := env["SERVER_STARTER_PORT"]; got != strings.Join(want, ";") {
			t.Errorf("SERVER_STARTER_PORT=%s beside LISTEN_FDNAMES=%s", got, env["LISTEN_FDNAMES"])
		}
		ask(t, m, a.addr)
		ask(t, m, "/run/two.sock")
		m.Systemctl(t, "stop", "two.socket", "two-local.socket", a.service())
	}
}

// A second socket unit brings the port; a restart makes the clients of the first
// wait, and refuses none.
func portAdded(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "port", "ListenStream=127.0.0.1:8020", "-- plain")
	a.start()
	clients := startClients(t, m, a.addr)
	m.Write(t, "/etc/systemd/system/port-admin.socket",
		"[Socket]\nListenStream=127.0.0.1:8021\nFileDescriptorName=admin\nService=port.service\n")
	t.Cleanup(func() { m.Systemctl(t, "stop", "port-admin.socket") })
	a.dropIn(a.service(), "admin", "[Unit]", "Requires=port-admin.socket", "After=port-admin.socket")
	m.Systemctl(t, "daemon-reload")
	m.Systemctl(t, "restart", a.service())
	ask(t, m, a.addr)
	ask(t, m, "127.0.0.1:8021")
	clients.end(t)
}

// What the starter convention has no name for goes on in LISTEN_FDS.
func everyKind(t *testing.T, m *systemdtest.Machine) {
	sockets := []struct{ listen, entry, link string }{
		{"ListenStream=8009", "8009", "socket:"},
		{"ListenStream=0.0.0.0:8010", "0.0.0.0:8010", "socket:"},
		{"ListenStream=@kinds", "@kinds", "socket:"},
		{"ListenStream=/run/kinds.sock", "/run/kinds.sock", "socket:"},
		{"ListenDatagram=127.0.0.1:8009", "127.0.0.1:8009", "socket:"},
		{"ListenSequentialPacket=/run/kinds.packets", "", "socket:"},
		{"ListenFIFO=/run/kinds.fifo", "", "/run/kinds.fifo"},
		{"ListenNetlink=kobject-uevent 1", "", "socket:"},
		{"ListenMessageQueue=/kinds", "", "/kinds"},
	}
	var lines, entries []string
	for i, s := range sockets {
		lines = append(lines, s.listen)
		if s.entry != "" {
			entries = append(entries, s.entry+"="+strconv.Itoa(3+i))
		}
	}
	a := install(t, m, "kinds", strings.Join(lines, "\n"), "-- kid -env /run/sdbridge/kinds/env")
	a.start()
	env := a.environment()
	if got, want := env["SERVER_STARTER_PORT"], strings.Join(entries, ";"); got != want {
		t.Errorf("SERVER_STARTER_PORT=%s, want %s", got, want)
	}
	if env["LISTEN_FDS"] != "9" || env["LISTEN_PID"] != a.child() {
		t.Errorf("LISTEN_FDS=%s LISTEN_PID=%s, the child is %s", env["LISTEN_FDS"], env["LISTEN_PID"], a.child())
	}
	for i, s := range sockets {
		fd := "/proc/" + a.child() + "/fd/" + strconv.Itoa(3+i)
		if link := m.Readlink(fd); !strings.HasPrefix(link, s.link) {
			t.Errorf("%s: %s is %q", s.listen, fd, link)
		}
	}
	for _, addr := range []string{"127.0.0.1:8009", "[::1]:8009", "127.0.0.1:8010", "@kinds", "/run/kinds.sock"} {
		ask(t, m, addr)
	}
}

func ipv6Only(t *testing.T, m *systemdtest.Machine) {
	a := install(t, m, "six", "ListenStream=[::]:8011\nListenStream=0.0.0.0:8011\nBindIPv6Only=ipv6-only", "-- kid -env /run/sdbridge/six/env")
	a.start()
	if got := a.environment()["SERVER_STARTER_PORT"]; got != "[::]:8011=3;0.0.0.0:8011=4" {
		t.Errorf("SERVER_STARTER_PORT=%s", got)
	}
	ask(t, m, "[::1]:8011")
	ask(t, m, "127.0.0.1:8011")
}

// environment is what a kid with -env was given.
func (a *app) environment() map[string]string {
	a.t.Helper()
	env := map[string]string{}
	systemdtest.Await(a.t, "the child's environment", func() bool { return a.Read(a.file("env")) != "" })
	for line := range strings.Lines(a.Read(a.file("env"))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	return env
}
