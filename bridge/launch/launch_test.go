package launch

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// releases is an application with two releases, of which the first is current.
func releases(t *testing.T) string {
	t.Helper()
	return tree(t, map[string]string{
		"releases/1/bin/app":  "",
		"releases/1/bin/tool": "-> /bin/sh",
		"releases/2/bin/app":  "",
		"releases/2/bin/tool": "-> /bin/sh",
		"releases/plain":      "",
		"current":             "-> releases/1",
	})
}

func TestFindCommand(t *testing.T) {
	root := releases(t)
	t.Chdir(root)
	cases := []struct {
		name, command, dir, path string
		want                     string // below root
	}{
		{"absolute", root + "/releases/1/bin/app", "", "", "/releases/1/bin/app"},
		{"absolute by a link", root + "/current/bin/app", "", "", "/releases/1/bin/app"},
		{"the last link stays", root + "/current/bin/tool", "", "", "/releases/1/bin/tool"},
		{"relative to the directory", "bin/app", root + "/current", "", "/releases/1/bin/app"},
		{"relative to a relative directory", "./bin/app", "current", "", "/releases/1/bin/app"},
		{"relative to the bridge's own", "current/bin/app", "", "", "/releases/1/bin/app"},
		{".. behind a link", root + "/current/../2/bin/app", "", "", "/releases/2/bin/app"},
		{"PATH", "app", "", "/nowhere:" + root + "/current/bin:/bin", "/releases/1/bin/app"},
		{"relative PATH", "app", root + "/current", "nowhere:bin", "/releases/1/bin/app"},
		{"empty entry of PATH", "app", root + "/current/bin", "/nowhere:", "/releases/1/bin/app"},
		{"PATH beyond what is none", "app", "", root + "/releases/plain:" + root + "/current/bin", "/releases/1/bin/app"},
		{"PATH beyond a directory", "1", "", root + "/releases:" + root + "/one/bin", "/one/bin/1"},
	}
	check(t, os.MkdirAll(root+"/one/bin", 0o755))
	check(t, os.WriteFile(root+"/one/bin/1", nil, 0o755))
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := prepare(t, Spec{Command: []string{c.command, "-v"}, Dir: c.dir, Base: []string{"PATH=" + c.path}})
			if l.Path != root+c.want {
				t.Errorf("got %s, want %s", l.Path, root+c.want)
			}
			if want := []string{c.command, "-v"}; !slices.Equal(l.Args, want) {
				t.Errorf("argv is %q, want %q", l.Args, want)
			}
			wantDir := ""
			if c.dir != "" {
				wantDir = root + "/releases/1" + strings.TrimPrefix(c.dir, root+"/current")
				wantDir = strings.TrimSuffix(wantDir, "current")
			}
			if l.Dir != wantDir {
				t.Errorf("directory is %q, want %q", l.Dir, wantDir)
			}
			check(t, l.Usable())
		})
	}
}

// The PATH that counts is the child's, and there is a default as in execvp(3).
func TestPathIsTheChilds(t *testing.T) {
	root := tree(t, map[string]string{"bin/sh": "", "env/": ""})
	check(t, os.WriteFile(root+"/env/PATH", []byte(root+"/bin\n"), 0o644))
	l := prepare(t, Spec{Command: []string{"sh"}, EnvDir: root + "/env", Base: []string{"PATH=/bin"}})
	if l.Path != root+"/bin/sh" {
		t.Errorf("got %s", l.Path)
	}
	l = prepare(t, Spec{Command: []string{"sh"}})
	if want, _ := (Spec{}).locate("/bin/sh", ""); l.Path != want {
		t.Errorf("without PATH: got %s, want %s", l.Path, want)
	}
}

func TestStarterRulesKeepThePath(t *testing.T) {
	root := releases(t)
	for command, dir := range map[string]string{root + "/current/bin/app": "", "app": "", "bin/app": root + "/current"} {
		l := prepare(t, Spec{
			Command: []string{command}, Dir: dir, StarterRules: true, Base: []string{"PATH=" + root + "/current/bin"},
		})
		want := root + "/current/bin/app"
		if dir != "" {
			want = root + "/releases/1/bin/app"
		}
		if l.Path != want {
			t.Errorf("%s: got %s, want %s", command, l.Path, want)
		}
	}
}

func TestCommandRefused(t *testing.T) {
	root := releases(t)
	t.Chdir(root)
	cases := []struct {
		name, command, dir, path string
		is                       error
		want                     string
	}{
		{
			"none", "", "", "", nil,
			`no command to run; write it behind --`,
		},
		{
			"not in PATH", "appp", "", "/x:" + root + "/current/bin", fs.ErrNotExist,
			`cannot find command "appp" in PATH "/x:ROOT/current/bin"; write its full path, or put its directory into PATH`,
		},
		{
			"not there", root + "/current/bin/appp", "", "", fs.ErrNotExist,
			`cannot find command "ROOT/current/bin/appp": there is no ROOT/releases/1/bin/appp; correct the path, or --dir`,
		},
		{
			"its directory is not there", "./sbin/app", root + "/current", "", fs.ErrNotExist,
			`cannot find command "./sbin/app": there is no ROOT/releases/1/./sbin/app; correct the path, or --dir`,
		},
		{
			"behind a file", "plain/app", "releases", "", syscall.ENOTDIR,
			`cannot find command "plain/app": there is no ROOT/releases/plain/app; correct the path, or --dir`,
		},
		{
			"a directory", "./bin", root + "/current", "", syscall.EISDIR,
			`cannot execute command "./bin": ROOT/releases/1/bin is a directory; name the program in it`,
		},
		{
			"no program", root + "/releases/plain", "", "", fs.ErrPermission,
			`cannot execute command "ROOT/releases/plain": ROOT/releases/plain: permission denied; make it an executable file (chmod +x) in a directory that this user may enter`,
		},
		{
			"a device", "/dev/null", "", "", fs.ErrPermission,
			`cannot execute command "/dev/null": /dev/null: permission denied; make it an executable file (chmod +x) in a directory that this user may enter`,
		},
		{
			"no program in PATH", "plain", "", root + "/releases:/x", fs.ErrPermission,
			`cannot execute command "plain": ROOT/releases/plain: permission denied; make it an executable file (chmod +x) in a directory that this user may enter`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Spec{Command: []string{c.command}, Dir: c.dir, Base: []string{"PATH=" + c.path}}.Prepare()
			wantError(t, err, root, c.want)
			if _, ok := errors.AsType[*CommandError](err); !ok {
				t.Errorf("%T is no *CommandError", err)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
		})
	}
}

func TestDirRefused(t *testing.T) {
	root := releases(t)
	for dir, want := range map[string]string{
		"/next":           `cannot use directory "ROOT/next": no such file or directory; make it, or correct --dir`,
		"/releases/plain": `cannot use directory "ROOT/releases/plain": not a directory; make it, or correct --dir`,
	} {
		_, err := Spec{Command: []string{"/bin/sh"}, Dir: root + dir}.Prepare()
		wantError(t, err, root, want)
		if _, ok := errors.AsType[*DirError](err); !ok {
			t.Errorf("%T is no *DirError", err)
		}
	}
}

// What a launch holds is repeated after `current` was switched, by Prepare it is
// not; once the release is deleted it says so (contribsys/einhorn#80).
func TestRepeat(t *testing.T) {
	for name, s := range map[string]Spec{
		"by --dir":         {Command: []string{"bin/app"}, Dir: "ROOT/current"},
		"by its path":      {Command: []string{"ROOT/current/bin/app"}},
		"by PATH":          {Command: []string{"app"}, Base: []string{"PATH=ROOT/current/bin"}},
		"by PATH in --dir": {Command: []string{"app"}, Dir: "ROOT/current", Base: []string{"PATH=bin"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := releases(t)
			here := func(s string) string { return strings.ReplaceAll(s, "ROOT", root) }
			s.Command, s.Dir = []string{here(s.Command[0])}, here(s.Dir)
			for i := range s.Base {
				s.Base[i] = here(s.Base[i])
			}

			first := prepare(t, s)
			check(t, os.Remove(root+"/current"))
			check(t, os.Symlink("releases/2", root+"/current"))
			second := prepare(t, s)
			if want := root + "/releases/1/bin/app"; first.Path != want {
				t.Errorf("first: got %s, want %s", first.Path, want)
			}
			if want := root + "/releases/2/bin/app"; second.Path != want {
				t.Errorf("second: got %s, want %s", second.Path, want)
			}
			check(t, first.Usable())

			check(t, os.RemoveAll(root+"/releases/1"))
			if err := first.Usable(); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("first can be repeated: %v", err)
			}
			check(t, second.Usable())
		})
	}
}

func TestUsableNamesWhatIsGone(t *testing.T) {
	root := releases(t)
	l := prepare(t, Spec{Command: []string{"bin/app"}, Dir: root + "/current"})
	check(t, os.Chmod(root+"/releases/1/bin/app", 0o644))
	wantError(t, l.Usable(), root,
		`cannot execute command "bin/app": ROOT/releases/1/bin/app: permission denied; make it an executable file (chmod +x) in a directory that this user may enter`)
	check(t, os.RemoveAll(root+"/releases/1"))
	wantError(t, l.Usable(), root,
		`cannot use directory "ROOT/releases/1": no such file or directory; make it, or correct --dir`)
}

// The bridge's own directory may be gone, as long as nothing is looked for there.
func TestOwnDirectoryGone(t *testing.T) {
	replaceSystem(t, func(s *sys) { s.getwd = func() (string, error) { return "", syscall.ENOENT } })
	l := prepare(t, Spec{Command: []string{"/bin/sh"}, Base: []string{"PATH=."}})
	if l.Dir != "" {
		t.Errorf("directory is %q", l.Dir)
	}
	_, err := Spec{Command: []string{"./app"}}.Prepare()
	wantError(t, err, "ROOT", `cannot find command "./app": it is relative, and the bridge's own directory is gone: no such file or directory; write its full path, or give --dir`)
	_, err = Spec{Command: []string{"sh"}, Base: []string{"PATH=.:/bin"}}.Prepare()
	check(t, err)
	_, err = Spec{Command: []string{"/bin/sh"}, Dir: "app"}.Prepare()
	wantError(t, err, "ROOT", `cannot use directory "app": it is relative, and the bridge's own directory is gone: no such file or directory; make it, or correct --dir`)
}

func TestSystemFails(t *testing.T) {
	root := releases(t)
	s := Spec{Command: []string{"bin/app"}, Dir: root + "/current"}
	cases := map[string]struct {
		change func(*sys)
		want   string
	}{
		"resolve": {
			func(s *sys) { s.resolve = func(string) (string, error) { return "", syscall.EIO } },
			`cannot use directory "ROOT/current": input/output error; make it, or correct --dir`,
		},
		"enter": {
			func(s *sys) { s.access = func(string) error { return syscall.EACCES } },
			`cannot use directory "ROOT/current": permission denied; make it, or correct --dir`,
		},
		"stat": {
			func(s *sys) {
				stat := s.stat
				s.stat = func(path string) (fs.FileInfo, error) {
					if strings.HasSuffix(path, "app") {
						return nil, &fs.PathError{Op: "stat", Path: path, Err: syscall.ESTALE}
					}
					return stat(path)
				}
			},
			`cannot execute command "bin/app": ROOT/releases/1/bin/app: stale file handle`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			replaceSystem(t, c.change)
			_, err := s.Prepare()
			wantError(t, err, root, c.want)
		})
	}
}

func TestFor(t *testing.T) {
	l := Launch{Env: []string{"A=1", "NOTIFY_SOCKET=/outer", "SERVER_STARTER_PORT=8080=3"}}
	before := slices.Clone(l.Env)
	seventh := l.For(7, "NOTIFY_SOCKET=/run/notify/7")
	want := []string{"A=1", "SERVER_STARTER_PORT=8080=3", "SERVER_STARTER_GENERATION=7", "NOTIFY_SOCKET=/run/notify/7"}
	if !slices.Equal(seventh.Env, want) {
		t.Errorf("got %q, want %q", seventh.Env, want)
	}
	if got, _ := lookup(seventh.For(8).Env, "SERVER_STARTER_GENERATION"); got != "8" {
		t.Errorf("again: got generation %q", got)
	}
	if !slices.Equal(l.Env, before) {
		t.Errorf("the launch was changed: %q", l.Env)
	}
}
