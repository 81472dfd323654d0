//go:build systemd

package systemd

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
	"github.com/sdbridge/sdbridge/units"
)

// app is a pair of units of a story.
type app struct {
	*systemdtest.Machine

	t    *testing.T
	name string
	addr string // of its first socket
}

// install makes a pair from the one that ships: listen are the lines of
// [Socket], run is what follows `sdbridge run`. At the story's end it is
// stopped, and no process of it may be left.
func install(t *testing.T, m *systemdtest.Machine, name, listen, run string) *app {
	t.Helper()
	a := &app{Machine: m, t: t, name: name, addr: address(listen)}
	word := regexp.MustCompile(`\bapp\b`)
	m.Write(t, "/etc/systemd/system/"+a.socket(), word.ReplaceAllString(units.Socket, name))
	m.Write(t, "/etc/systemd/system/"+a.service(), word.ReplaceAllString(units.Service, name))
	a.dropIn(a.socket(), "story", "[Socket]", "ListenStream=", listen)
	a.dropIn(a.service(), "story", "[Service]", "User=app", "ExecStart=",
		fmt.Sprintf("ExecStart=/usr/bin/sdbridge run --interval=100ms --kill-old-delay=100ms --status-file=%s %s", a.file("status"), run))
	m.Systemctl(t, "daemon-reload")
	t.Cleanup(a.end)
	return a
}

// address is that of the first line.
func address(listen string) string {
	line, _, _ := strings.Cut(listen, "\n")
	_, addr, _ := strings.Cut(line, "=")
	if strings.Contains(addr, ":") || strings.HasPrefix(addr, "/") {
		return addr
	}
	return "127.0.0.1:" + addr
}

// dropIn overrides settings of a unit, systemd.unit(5).
func (a *app) dropIn(unit, name string, lines ...string) {
	a.t.Helper()
	a.Write(a.t, "/etc/systemd/system/"+unit+".d/"+name+".conf", strings.Join(lines, "\n")+"\n")
}

func (a *app) socket() string  { return a.name + ".socket" }
func (a *app) service() string { return a.name + ".service" }

// file is a path in the directory that the service can write.
func (a *app) file(name string) string { return "/run/sdbridge/" + a.name + "/" + name }

func (a *app) start() {
	a.t.Helper()
	a.Systemctl(a.t, "start", a.socket(), a.service())
}

func (a *app) show(property string) string {
	a.t.Helper()
	return a.Show(a.t, a.service(), property)
}

// current is the one living generation; "" while there are two, or none.
func (a *app) current() string {
	line, rest, _ := strings.Cut(a.Read(a.file("status")), "\n")
	if rest != "" {
		return ""
	}
	generation, _, _ := strings.Cut(line, ":")
	return generation
}

// child is the pid of the youngest generation's leader.
func (a *app) child() string {
	status := strings.TrimSpace(a.Read(a.file("status")))
	return status[strings.LastIndex(status, ":")+1:]
}

// processes are those in the service's cgroup.
func (a *app) processes() []string {
	return strings.Fields(a.Read("/sys/fs/cgroup/system.slice/" + a.service() + "/cgroup.procs"))
}

// signal signals one process of the machine: not every suite has kill(1).
func (a *app) signal(name, pid string) {
	a.t.Helper()
	if pid == "" || pid == "0" {
		a.t.Fatalf("no process to send %s to", name)
	}
	a.Must(a.t, "sh", "-c", "kill -"+name+" "+pid)
}

// want compares a property of the service.
func (a *app) want(property, value string) {
	a.t.Helper()
	if got := a.show(property); got != value {
		a.t.Errorf("%s is %s, want %s", property, got, value)
	}
}

func (a *app) end() {
	a.Systemctl(a.t, "stop", a.socket(), a.service())
	if left := a.processes(); len(left) > 0 {
		a.t.Errorf("processes %v are left", left)
	}
	if a.t.Failed() {
		a.t.Logf("the journal:\n%s", a.Journal(a.t, a.service()))
	}
}
