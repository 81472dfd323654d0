package control

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestMode(t *testing.T) {
	for _, mask := range []int{0, 0o777} {
		withUmask(t, mask)
		for group, want := range map[int]os.FileMode{NoGroup: 0o600, os.Getgid(): 0o660} {
			dir, err := os.MkdirTemp("/tmp", "control-") //nolint:usetesting // the umask would deny it
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			s, err := Listen(filepath.Join(dir, "control"), group)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(s.path)
			if err != nil || info.Mode().Perm() != want {
				t.Errorf("umask %o, group %d: %v, %v, want %v", mask, group, info.Mode(), err, want)
			}
			s.Close()
		}
	}
}

func TestListenTakesOverWhatIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	if err := unix.Mknod(path, unix.S_IFSOCK|0o600, 0); err != nil {
		t.Skipf("cannot leave a socket file: %v", err)
	}
	if _, err := Dial(t.Context(), path); !errors.Is(err, ErrNoBridge) {
		t.Errorf("before: %v", err)
	}
	before := descriptors(t)
	s, err := Listen(path, NoGroup)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path, NoGroup); err == nil || !strings.Contains(err.Error(), "another bridge") {
		t.Errorf("a second one: %v", err)
	}
	s.Close()
	s.Close()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
	if after := descriptors(t); !slices.Equal(before, after) {
		t.Errorf("descriptors before %v, after %v", before, after)
	}
}

// What others put in its place is theirs.
func TestCloseRemovesItsOwnOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	s, err := Listen(path, NoGroup)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("somebody else's file: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	with := func(change func(*sys)) sys {
		s := kernel
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		sys  sys
		path string
		want string
	}{
		"no folder":    {kernel, "nowhere/control", "no such file"},
		"a file":       {kernel, "file", "something else"},
		"long path":    {kernel, strings.Repeat("x", 200), "107 bytes"},
		"flock fails":  {with(func(s *sys) { s.flock = func(int, int) error { return broken } }), "c", "broken"},
		"fchmod fails": {with(func(s *sys) { s.fchmod = func(int, uint32) error { return broken } }), "c", "broken"},
		"chmod fails":  {with(func(s *sys) { s.chmod = func(string, uint32) error { return broken } }), "c", "broken"},
		"chown fails":  {with(func(s *sys) { s.lchown = func(string, int, int) error { return broken } }), "c", "broken"},
		"lstat fails":  {with(func(s *sys) { s.lstat = func(string, *unix.Stat_t) error { return broken } }), "c", "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			before := descriptors(t)
			s, err := c.sys.listen(filepath.Join(dir, c.path), 0)
			if err == nil {
				s.Close()
				t.Fatal("it listens")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "cannot listen on control socket") {
				t.Errorf("says %q", err)
			}
			if after := descriptors(t); !slices.Equal(before, after) {
				t.Errorf("descriptors before %v, after %v", before, after)
			}
			if _, err := os.Lstat(filepath.Join(dir, "c")); err == nil {
				t.Error("a socket file is left")
			}
		})
	}
}

// Root and the bridge's user may do all; a group may look; others not connect.
func TestStrangers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to call as somebody else")
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "control-") //nolint:usetesting // others may not enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "stranger")
	if err := errors.Join(os.WriteFile(program, self, 0o600), os.Chmod(program, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	for _, c := range []struct {
		group, uid, gid uint32
		want            int
	}{
		{nobody, 0, 0, 0},
		{nobody, nobody, nobody, cannotReload},
		{nobody, nobody, nobody - 1, cannotConnect},
	} {
		s, err := Listen(filepath.Join(dir, "control"), int(c.group))
		if err != nil {
			t.Fatal(err)
		}
		go s.Serve(newFake(), "")
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = append(os.Environ(), stranger+"="+s.path)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.uid, Gid: c.gid}}
		_ = cmd.Run()
		if got := cmd.ProcessState.ExitCode(); got != c.want {
			t.Errorf("%+v met %d", c, got)
		}
		s.Close()
	}
}

func TestNoAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control")
	s, err := Listen(path, NoGroup) // and nobody serves
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := timeout(t)
	defer cancel()
	c := dial(t, s)
	if _, err := c.Status(ctx); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("got %v", err)
	}
}
