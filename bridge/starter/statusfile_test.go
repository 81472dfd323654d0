package starter

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const inTime = 20 * time.Second

// newStatus makes a StatusFile in a new directory, and errors that it reports.
func newStatus(t *testing.T) (*StatusFile, *failures) {
	t.Helper()
	keepsDescriptors(t)
	var reported failures
	return NewStatusFile(filepath.Join(t.TempDir(), "status"), reported.add), &reported
}

type failures struct {
	mu   sync.Mutex
	list []error
}

func (f *failures) add(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, err)
}

func (f *failures) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.list)
}

func TestStatusFile(t *testing.T) {
	f, reported := newStatus(t)
	f.Set([]StatusLine{{10, 300}, {9, 200}, {2, 100}})
	if err := f.Flush(inTime); err != nil {
		t.Fatal(err)
	}
	wantContent(t, f.path, "2:100\n9:200\n10:300\n")
	f.Set(nil)
	if err := f.Flush(inTime); err != nil {
		t.Fatal(err)
	}
	wantContent(t, f.path, "")
	if err := f.Remove(inTime); err != nil {
		t.Error(err)
	}
	wantGone(t, f.path)
	wantGone(t, f.temporary)
	if reported.count() != 0 {
		t.Errorf("reported %v", reported.list)
	}
}

// TestStatusFileOfAnother is left when nothing was written to it.
func TestStatusFileOfAnother(t *testing.T) {
	f, _ := newStatus(t)
	if err := os.WriteFile(f.path, []byte("1:2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(inTime); err != nil {
		t.Error(err)
	}
	wantContent(t, f.path, "1:2\n")
}

// TestStatusFileWhole looks at the file while it is written.
func TestStatusFileWhole(t *testing.T) {
	f, _ := newStatus(t)
	lines := make([]StatusLine, 500)
	for i := range lines {
		lines[i] = StatusLine{i + 1, 1000 + i}
	}
	f.Set(lines)
	if err := f.Flush(inTime); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		f.Set(lines)
		if got, err := readStatus(f.path); err != nil || !slices.Equal(got, lines) {
			t.Fatalf("%d of %d lines, %v", len(got), len(lines), err)
		}
	}
	if err := f.Remove(inTime); err != nil {
		t.Error(err)
	}
}

func TestStatusFileFullDisk(t *testing.T) {
	for name, fail := range map[string]func(*sys){
		"write": func(s *sys) { s.write = func(int, []byte) (int, error) { return -1, unix.ENOSPC } },
		"close": func(s *sys) {
			s.close = func(fd int) error { return errors.Join(unix.ENOSPC, unix.Close(fd)) }
		},
		"rename": func(s *sys) { s.rename = func(_, _ string) error { return unix.ENOSPC } },
		"open":   func(s *sys) { s.open = func(string, int, uint32) (int, error) { return -1, unix.ENOSPC } },
	} {
		t.Run(name, func(t *testing.T) {
			f, reported := newStatus(t)
			f.Set([]StatusLine{{1, 100}})
			if err := f.Flush(inTime); err != nil {
				t.Fatal(err)
			}
			healthy := f.sys
			fail(&f.sys)
			f.Set([]StatusLine{{2, 200}})
			if err := f.Flush(inTime); !errors.Is(err, unix.ENOSPC) || reported.count() != 1 {
				t.Errorf("error %v, reported %v", err, reported.list)
			}
			wantContent(t, f.path, "1:100\n")
			wantGone(t, f.temporary)

			f.sys = healthy
			f.Set([]StatusLine{{3, 300}})
			if err := f.Flush(inTime); err != nil {
				t.Error(err)
			}
			wantContent(t, f.path, "3:300\n")
			if err := f.Remove(inTime); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStatusFileHangs has a file system that does not answer: no caller waits,
// and of what piled up the newest state alone is written.
func TestStatusFileHangs(t *testing.T) {
	f, _ := newStatus(t)
	answer := make(chan struct{})
	var opens atomic.Int32
	f.sys.open = func(path string, flags int, mode uint32) (int, error) {
		opens.Add(1)
		<-answer
		return unix.Open(path, flags, mode)
	}
	for i := range 100 {
		f.Set([]StatusLine{{i + 1, 1}})
		if i == 0 {
			eventually(t, "the first write hangs", func() bool { return opens.Load() == 1 })
		}
	}
	if err := f.Flush(time.Millisecond); !errors.Is(err, errNotFinished) {
		t.Errorf("Flush of what hangs: %v", err)
	}
	close(answer)
	if err := f.Flush(inTime); err != nil {
		t.Error(err)
	}
	wantContent(t, f.path, "100:1\n")
	if n := opens.Load(); n != 2 {
		t.Errorf("%d writes, want 2", n)
	}
	if err := f.Remove(inTime); err != nil {
		t.Error(err)
	}
}

// TestStatusFileInTheWay has what a writer could hang on, or be led astray by.
func TestStatusFileInTheWay(t *testing.T) {
	f, _ := newStatus(t)
	other := f.path + ".other"
	for name, place := range map[string]func() error{
		"FIFO": func() error { return unix.Mkfifo(f.temporary, 0o600) },
		"link": func() error { return os.Symlink(other, f.temporary) },
		"file": func() error { return os.WriteFile(f.temporary, []byte("7:7\n7:8\n"), 0o600) },
	} {
		if err := place(); err != nil {
			t.Fatal(err)
		}
		f.Set([]StatusLine{{1, 100}})
		if err := f.Flush(inTime); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantContent(t, f.path, "1:100\n")
	}
	wantGone(t, other)
	if err := f.Remove(inTime); err != nil {
		t.Error(err)
	}
}

func FuzzParseStatus(f *testing.F) {
	for _, seed := range []string{"", "1:2\n", "1:2", "1\n:2\n", "10:3\n9:2\n", "-1:2\n1:-2\n1:2:3\n", "999999999999999999999:1\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		lines := parseStatus(content)
		rendered := string(renderStatus(lines))
		again := parseStatus(rendered)
		if string(renderStatus(again)) != rendered || len(again) != len(lines) {
			t.Errorf("%q: %v, then %v", content, lines, again)
		}
		if strings.Count(rendered, "\n") != len(lines) {
			t.Errorf("%q renders as %q", content, rendered)
		}
	})
}
