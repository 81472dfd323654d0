//go:build systemd

package systemd

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

const porting = "../porting"

// TestPorting tells the stories of testdata/porting, from the old line to a stop.
// It takes a machine that has Perl's and Ruby's servers: the host, where they are
// installed.
func TestPorting(t *testing.T) {
	if !slices.Contains(systemdtest.Roots(), "host") {
		t.Skip("only the host can have the servers, as in SDBRIDGE_SYSTEMD=host")
	}
	for _, command := range []string{"perl -MPlack::Handler::Starlet -e 1", "starman --version", "puma --version", "unicorn --version", "curl --version"} {
		words := strings.Fields(command)
		if err := exec.Command(words[0], words[1:]...).Run(); err != nil {
			t.Skipf("%s: %v: install starlet, starman, puma, unicorn and curl", command, err)
		}
	}
	dirs, err := filepath.Glob(porting + "/[0-9]*")
	if err != nil || len(dirs) < 10 {
		t.Fatalf("%d stories, want ten or more: %v", len(dirs), err)
	}
	m := systemdtest.Boot(t, "host")
	m.Install(t, "../../cmd/sdbridge", "../tools/load")
	put(t, m, porting+"/common")
	m.Must(t, "systemd-sysusers")
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			port(t, m, dir)
		})
	}
}

// put copies a tree to the machine's root, with its symbolic links.
func put(t *testing.T, m *systemdtest.Machine, tree string) {
	t.Helper()
	err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		to := strings.TrimPrefix(path, tree)
		if entry.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			m.Must(t, "mkdir", "-p", filepath.Dir(to))
			m.Must(t, "ln", "-sfn", target, to)
			return err
		}
		content, err := os.ReadFile(path)
		m.Write(t, to, string(content))
		if info, _ := entry.Info(); info.Mode()&0o100 != 0 {
			m.Must(t, "chmod", "755", to)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// port is one story. What is typed is what sdbridge units says to run next.
func port(t *testing.T, m *systemdtest.Machine, dir string) {
	put(t, m, dir+"/root")
	said := m.Must(t, "sh", "-c", "sdbridge units --install "+text(t, dir+"/args"))
	a := &app{Machine: m, t: t, name: part(t, said, `(?m)^wrote .*/(.+)\.service$`)[0]}
	before, after := answersOf(t, dir+"/before"), answersOf(t, dir+"/after")
	t.Cleanup(a.end)
	for _, command := range part(t, said, `(?m)^  (.+)$`) {
		m.Must(t, "sh", "-c", command)
	}
	a.want("ActiveState", "active")
	a.verified()
	flags, usual := loadOf(dir)
	clients := startClients(t, m, before[0].addr, flags...)
	a.tells(before)
	put(t, m, dir+"/next")
	m.Must(t, "sh", "-c", part(t, said, `(?m)^each deploy: (.+?);`)[0])
	a.tells(after)
	if result := clients.end(t); usual && len(result.Answered) != 2 {
		t.Errorf("two generations should have answered: %+v", result)
	}
	a.want("NRestarts", "0")

	if said, err := m.Run("sdbridge", "check", a.name); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	a.stopped(after)
}

// part is what the group of a pattern matches in a text, once or more.
func part(t *testing.T, text, pattern string) (parts []string) {
	t.Helper()
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		parts = append(parts, match[1])
	}
	if len(parts) == 0 {
		t.Fatalf("%s is not in\n%s", pattern, text)
	}
	return parts
}

// loadOf are the flags of the clients, and whether they are the usual ones.
func loadOf(dir string) (flags []string, usual bool) {
	if text, err := os.ReadFile(dir + "/load"); err == nil {
		return strings.Fields(string(text)), false
	}
	return []string{"-keep-alive=both"}, true
}

// answer is what a socket tells of the application behind it.
type answer struct{ addr, text string }

func answersOf(t *testing.T, file string) (all []answer) {
	t.Helper()
	for line := range strings.Lines(text(t, file)) {
		addr, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, answer{addr, text})
	}
	return all
}

func text(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

// verified checks that systemd has nothing to say of the units.
func (a *app) verified() {
	a.t.Helper()
	said, err := a.Run("sh", "-c", "cd /etc/systemd/system && systemd-analyze verify "+a.socket()+" "+a.service()+" 2>&1")
	if err != nil || strings.Contains(said, a.name+".s") {
		a.t.Errorf("verify says %q, %v", said, err)
	}
}

// tells waits until each socket answers that.
func (a *app) tells(answers []answer) {
	a.t.Helper()
	var got string
	defer func() {
		if a.t.Failed() {
			a.t.Logf("the last answer: %q", got)
		}
	}()
	for _, want := range answers {
		systemdtest.Await(a.t, want.addr+" "+want.text, func() bool {
			got, _ = a.get(want.addr)
			_, rest, _ := strings.Cut(got, "\n") // behind gen= and pid=
			return rest == want.text
		})
	}
}

func (a *app) get(addr string) (string, error) {
	where := []string{"http://" + addr + "/"}
	if strings.HasPrefix(addr, "/") {
		where = []string{"--unix-socket", addr, "http://localhost/"}
	}
	return a.Run(append([]string{"curl", "--silent", "--show-error", "--max-time", "10"}, where...)...)
}

// stopped stops the pair, which leaves nothing: no socket, no directory, and as
// end checks no process.
func (a *app) stopped(answers []answer) {
	a.t.Helper()
	a.Systemctl(a.t, "stop", a.socket(), a.service())
	a.want("ActiveState", "inactive")
	for _, gone := range answers {
		if got, err := a.get(gone.addr); err == nil {
			a.t.Errorf("%s still answers %q", gone.addr, got)
		}
		if strings.HasPrefix(gone.addr, "/") {
			a.Must(a.t, "test", "!", "-e", gone.addr)
		}
	}
	a.Must(a.t, "test", "!", "-e", "/run/sdbridge/"+a.name)
}
