//go:build systemd

package systemd

import (
	"fmt"
	"regexp"
	"strconv"
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
	a.dropIn(a.service(), "story", "[Service]", "User=app")
	a.command(run)
	t.Cleanup(a.end)
	return a
}

// command edits what follows `sdbridge run` in ExecStart=.
func (a *app) command(run string) {
	a.t.Helper()
	a.dropIn(a.service(), "command", "[Service]", "ExecStart=",
		fmt.Sprintf("ExecStart=/usr/bin/sdbridge run --interval=100ms --kill-old-delay=100ms --status-file=%s %s", a.file("status"), run))
	a.Systemctl(a.t, "daemon-reload")
}

// set overrides settings of the service.
func (a *app) set(settings ...string) {
	a.t.Helper()
	a.dropIn(a.service(), "story", append([]string{"[Service]"}, settings...)...)
	a.Systemctl(a.t, "daemon-reload")
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

// reload reloads the service, which has to succeed, and waits until the former
// generation is gone.
func (a *app) reload() {
	a.t.Helper()
	former := a.current()
	a.Systemctl(a.t, "reload", a.service())
	systemdtest.Await(a.t, "the end of generation "+former, func() bool {
		now := a.current()
		return now != "" && now != former
	})
}

// becomes waits until that generation is the only one.
func (a *app) becomes(generation int) {
	a.t.Helper()
	want := strconv.Itoa(generation)
	systemdtest.Await(a.t, "generation "+want, func() bool { return a.current() == want })
}

// reloadFails reloads the service, which has to fail for a reason that the
// journal gives; the service stays active.
func (a *app) reloadFails(reason string) {
	a.t.Helper()
	if _, err := a.Run("systemctl", "reload", a.service()); err == nil {
		a.t.Errorf("the reload succeeded; it should say %q", reason)
	}
	a.logs(reason)
	a.want("ActiveState", "active")
}

// is waits for an ActiveState of the service.
func (a *app) is(state string) {
	a.t.Helper()
	systemdtest.Await(a.t, state, func() bool { return a.show("ActiveState") == state })
}

// socketLives checks that systemd still listens.
func (a *app) socketLives() {
	a.t.Helper()
	if state := a.Show(a.t, a.socket(), "ActiveState"); state != "active" {
		a.t.Errorf("the socket is %s", state)
	}
}

// logs waits until the journal has a text: it comes there some time after it is
// written.
func (a *app) logs(text string) {
	a.t.Helper()
	systemdtest.Await(a.t, "in the journal: "+text, func() bool {
		return strings.Contains(a.Journal(a.t, a.service()), text)
	})
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

// child is the pid of the youngest generation's leader. The status file comes a
// moment after READY=1.
func (a *app) child() string {
	a.t.Helper()
	var status string
	systemdtest.Await(a.t, "the status file", func() bool {
		status = strings.TrimSpace(a.Read(a.file("status")))
		return status != ""
	})
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
	defer func() { // also when the stop fails
		if a.t.Failed() {
			a.t.Logf("the journal:\n%s", a.Journal(a.t, a.service()))
		}
	}()
	a.Systemctl(a.t, "stop", a.socket(), a.service())
	if left := a.processes(); len(left) > 0 {
		a.t.Errorf("processes %v are left", left)
	}
}
