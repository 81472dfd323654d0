package starter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPidFile(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "pid")
	// What a crash left, longer than a pid.
	if err := os.WriteFile(path, []byte("1234567890\nrest\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, fmt.Sprintf("%d\n", os.Getpid()))
	if flags, err := unix.FcntlInt(uintptr(p.fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("the lock would outlive us in a child: flags %d, %v", flags, err)
	}
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
	wantGone(t, path)
}

func TestPidFileIsHeld(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "pid")
	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = CreatePidFile(path)
	wantError(t, err, path, fmt.Sprintf("pid %d, which lives", os.Getpid()), "--stop")
	wantContent(t, path, fmt.Sprintf("%d\n", os.Getpid()))
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
}

// TestPidFileIsReplaced has the former holder unlink the file between our open
// and our lock.
func TestPidFileIsReplaced(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "pid")
	var locks atomic.Int32
	replace(t, &kernel.flock, func(fd, how int) error {
		if locks.Add(1) == 1 {
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}
		return unix.Flock(fd, how)
	})
	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if locks.Load() != 2 {
		t.Errorf("%d locks, want 2", locks.Load())
	}
	wantContent(t, path, fmt.Sprintf("%d\n", os.Getpid()))
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
}

func TestPidFileOfAnotherIsLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(path, path+".moved"), os.WriteFile(path, []byte("1\n"), 0o600), p.Remove()); err != nil {
		t.Fatal(err)
	}
	wantContent(t, path, "1\n")
}

func TestPidFileFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	refused := func(t *testing.T, path, want string) {
		keepsDescriptors(t)
		p, err := CreatePidFile(path)
		wantError(t, err, want, path)
		if p != nil {
			t.Error("a pid file with an error")
		}
	}
	t.Run("no locks", func(t *testing.T) {
		replace(t, &kernel.flock, func(int, int) error { return unix.ENOLCK })
		refused(t, path, "cannot lock pid file")
	})
	t.Run("disk is full", func(t *testing.T) {
		replace(t, &kernel.write, func(int, []byte) (int, error) { return -1, unix.ENOSPC })
		refused(t, path, "cannot write pid file")
		wantGone(t, path)
	})
	t.Run("no directory", func(t *testing.T) { refused(t, filepath.Join(path, "none"), "cannot lock pid file") })
	t.Run("no name", func(t *testing.T) { refused(t, "", "cannot lock pid file") })
}

// TestPidFileCannotBeRemoved still gives up the lock.
func TestPidFileCannotBeRemoved(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "pid")
	p, err := CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p.sys.unlink = func(string) error { return unix.EACCES }
	wantError(t, p.Remove(), "cannot remove pid file", path)
	p, err = CreatePidFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
}

func FuzzParsePid(f *testing.F) {
	for _, seed := range []string{"", "12\n", "12", "-1\n", "0\n", "4294967297\n", "12\n13\n", " 7 \n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if pid, err := parsePid(content); err == nil && pid <= 0 {
			t.Errorf("%q: pid %d", content, pid)
		}
	})
}
