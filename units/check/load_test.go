package check

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/units"
)

// Each file says its own place in X-At=, so that one sees in which order they count.
func TestDropInOrder(t *testing.T) {
	at := func(text string) string { return "[Service]\nX-At=" + text + "\n" }
	for name, c := range map[string]struct {
		unit  string
		files map[string]string
		want  string
	}{
		"by name, whatever the directory": {"app.service", map[string]string{
			"usr/lib/systemd/system/app.service":           at("unit"),
			"etc/systemd/system/app.service.d/20.conf":     at("20"),
			"usr/lib/systemd/system/app.service.d/10.conf": at("10"),
			"run/systemd/system/app.service.d/30.conf":     at("30"),
			"run/systemd/system/app.service.d/40.txt":      at("no"),
		}, "unit 10 20 30"},
		"of one name the first directory": {"app.service", map[string]string{
			"lib/systemd/system/app.service":               at("lib"),
			"etc/systemd/system/app.service":               at("etc"),
			"usr/lib/systemd/system/app.service.d/10.conf": at("usr"),
			"run/systemd/system/app.service.d/10.conf":     at("run"),
		}, "etc run"},
		"hidden by an empty one": {"app.service", map[string]string{
			"usr/lib/systemd/system/app.service":           at("unit"),
			"usr/lib/systemd/system/app.service.d/10.conf": at("usr"),
			"etc/systemd/system/app.service.d/10.conf":     "-> /dev/null",
		}, "unit"},
		"prefixes and the type": {"foo-bar-app.service", map[string]string{
			"etc/systemd/system/foo-bar-app.service":           at("unit"),
			"etc/systemd/system/foo-.service.d/1.conf":         at("foo-"),
			"etc/systemd/system/foo-bar-.service.d/2.conf":     at("foo-bar-"),
			"etc/systemd/system/foo-bar-app.service.d/3.conf":  at("own"),
			"etc/systemd/system/service.d/0.conf":              at("type"),
			"etc/systemd/system/foo-.service.d/3.conf":         at("hidden"),
			"usr/lib/systemd/system/service.d/2.conf":          at("hidden"),
			"etc/systemd/system/foo-bar-app-.service.d/9.conf": at("longer"),
		}, "type unit foo- foo-bar- own"},
		"template and instance": {"app@x.service", map[string]string{
			"usr/lib/systemd/system/app@.service":           at("template"),
			"etc/systemd/system/app@.service.d/2.conf":      at("of all %i"),
			"etc/systemd/system/app@x.service.d/1.conf":     at("of x"),
			"etc/systemd/system/app@y.service.d/0.conf":     at("of y"),
			"usr/lib/systemd/system/app@x.service.d/2.conf": at("hidden"),
		}, "template of x of all x"},
		"an instance of its own": {"app@x.service", map[string]string{
			"etc/systemd/system/app@.service":      at("template"),
			"usr/lib/systemd/system/app@x.service": at("x"),
		}, "x"},
		"a link that is no alias": {"app.service", map[string]string{
			"srv/unit-of-app":                         at("x"),
			"etc/systemd/system/app.service":          "-> ../../../srv/unit-of-app",
			"etc/systemd/system/app.service.d/1.conf": at("own"),
		}, "x own"},
		"alias": {"web.service", map[string]string{
			"usr/lib/systemd/system/app.service":      at("app"),
			"etc/systemd/system/web.service":          "-> /usr/lib/systemd/system/app.service",
			"etc/systemd/system/web.service.d/1.conf": at("web"),
			"etc/systemd/system/app.service.d/2.conf": at("own"),
		}, "app web own"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, c.files)
			f, err := newLoader(host(root), nil).load(c.unit)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range f.settings {
				got = append(got, f.expand(s.Value))
			}
			want := c.want
			if strings.HasPrefix(want, "type ") { // a drop-in follows the unit's file
				want = "unit type" + strings.TrimPrefix(want, "type unit")
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%v, want %s", got, want)
			}
		})
	}
}

func TestMaskedAndMissing(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"etc/systemd/system/masked.service":     "-> /dev/null",
		"usr/lib/systemd/system/masked.service": plain,
		"run/systemd/system/empty.service":      "",
		"etc/systemd/system/circle.service":     "-> round.service",
		"etc/systemd/system/round.service":      "-> circle.service",
	})
	for name, masked := range map[string]bool{
		"masked": true, "empty.service": true, "none": false, "none.socket": false, "circle": false,
		"./none.service": false, root: false, filepath.Join(root, "etc/systemd/system/app.timer"): false,
	} {
		_, err := host(root).Check(name)
		missing, is := errors.AsType[*NotFoundError](err)
		if !is || (missing.Masked != "") != masked || (missing.Path != "") != strings.Contains(name, "/") || err.Error() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Units of the same name in two directories are two pairs; what is masked in a
// directory is passed over.
func TestDirectories(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	write(t, root, map[string]string{
		"good/app.service": plain, "good/app.socket": units.Socket, "good/off.service": "-> /dev/null", "good/gone.socket": "-> nowhere", "good/empty.service": "",
		"bad[1]/app.service": start("/usr/bin/app"), "bad[1]/app.socket": units.Socket, "good/dir.service/x": "",
	})
	for args, want := range map[string]int{
		"good": 0, "bad[1]/": 1, "good/ bad[1]": 1, "./bad[1] ./good/app.socket": 1, "good/app.service bad[1]/app.socket": 1, "bad[1] bad[1]/app.service": 1,
	} {
		findings, err := Host{}.Check(strings.Fields(args)...)
		missing := slices.DeleteFunc(findings, func(f Finding) bool { return f.Rule != "requires-socket" })
		if err != nil || len(missing) != want {
			t.Errorf("%s: %v\n%s", args, err, text(t, missing))
		}
	}
	t.Chdir("bad[1]")
	if findings, err := (Host{}).Check("app.socket"); err != nil || !Faulty(findings) {
		t.Errorf("a file here: %v, %v", findings, err)
	}
	if _, err := (Host{Root: root}).Check("app.socket"); err == nil {
		t.Error("below a root, a name is a name")
	}
}

// An argument brings its companions along, whichever of them it is.
func TestCompanions(t *testing.T) {
	const dir = "etc/systemd/system/"
	for name, c := range map[string]struct {
		arg     string
		files   map[string]string
		service string
		sockets []string
	}{
		"same name":         {"app.socket", map[string]string{"app.socket": sock("ListenStream=1"), "app.service": plain}, "app.service", []string{"app.socket"}},
		"Service=":          {"app", map[string]string{"a.socket": sock("Service=app.service"), "b.socket": sock(""), "app.service": plain}, "app.service", []string{"a.socket"}},
		"Sockets=":          {"app", map[string]string{"a.socket": sock("Service=b.service"), "app.service": plain + "[Service]\nSockets=a.socket\n"}, "app.service", []string{"a.socket"}},
		"another's":         {"app", map[string]string{"app.socket": sock("Service=b.service"), "app.service": plain}, "app.service", nil},
		"a dependency only": {"app", map[string]string{"dbus.socket": sock(""), "app.service": plain + "[Unit]\nRequires=dbus.socket\n"}, "app.service", nil},
		"by drop-in":        {"a.socket", map[string]string{"a.socket": sock(""), "a.socket.d/s.conf": sock("Service=app.service"), "app.service": plain}, "app.service", []string{"a.socket"}},
		"Accept=":           {"app.socket", map[string]string{"app.socket": sock("Accept=yes"), "app@.service": plain}, "app@.service", []string{"app.socket"}},
		"instance":          {"app@x", map[string]string{"app@.socket": sock("ListenStream=/run/%i"), "app@.service": plain}, "app@x.service", []string{"app@x.socket"}},
		"alias":             {"web.socket", map[string]string{"app.service": plain, "web.service": "-> app.service", "web.socket": sock("ListenStream=1")}, "app.service", []string{"web.socket"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for path, text := range c.files {
				write(t, root, map[string]string{dir + path: text})
			}
			l := newLoader(host(root), nil)
			f, err := l.load(withType(c.arg))
			if err != nil {
				t.Fatal(err)
			}
			p, err := l.pair(f)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range p.sockets {
				got = append(got, s.name)
			}
			if p.service.name != c.service || !slices.Equal(got, c.sockets) {
				t.Errorf("%s with %v, want %s with %v", p.service.name, got, c.service, c.sockets)
			}
		})
	}
}

// systemctl cat is asked for the files only; a comment that looks like a path is none.
func TestToldBySystemd(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"elsewhere/app.service": plain, "elsewhere/app.service.d/x.conf": service("KillMode=none"),
		"etc/systemd/system/app.service": service("KillMode=mixed"),
	})
	h := host(root)
	h.Cat = func(string) string {
		return "# " + root + "/elsewhere/app.service\n[Unit]\n# /etc/passwd\n# " + root + "/elsewhere/other.service\n\n# " +
			root + "/elsewhere/app.service.d/x.conf\n[Service]\n"
	}
	f, err := newLoader(h, nil).load("app.service")
	if err != nil || f.value("Service.KillMode") != "none" || f.value("Unit.Requires") != "app.socket" {
		t.Errorf("%v, %v", f, err)
	}
	h.Cat = func(string) string { return "" }
	f, err = newLoader(h, nil).load("app.service")
	if err != nil || f.value("Service.KillMode") != "mixed" {
		t.Errorf("%v, %v", f, err)
	}
}

func TestUnreadableUnit(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"etc/systemd/system/app.service": plain})
	chmod(t, filepath.Join(root, "etc/systemd/system/app.service"), 0)
	asNobody(t, root)
	if _, err := host(root).Check("app"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

// asNobody makes files unreadable for root, too: for files this thread is nobody
// until the test ends.
func asNobody(t *testing.T, root string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	chmod(t, filepath.Dir(root), 0o755)
	runtime.LockOSThread()
	if _, err := unix.SetfsuidRetUid(65534); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = unix.SetfsuidRetUid(0)
		runtime.UnlockOSThread()
	})
}
