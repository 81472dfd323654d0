package starter

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// errNotFinished is a file system that has not answered in time.
var errNotFinished = errors.New("the file system does not answer")

// StatusLine is a generation that serves or drains: GENERATION:PID in the file.
type StatusLine struct {
	Generation int
	PID        int // of its leader
}

// StatusFile writes the status file in the background: no method but Flush and
// Remove waits, and these only as long as they are told, so that a file system
// that hangs cannot stop the caller. There is always either the old file or
// the new one, never half of one, and the newest state is what is written
// last; states between may be left out.
type StatusFile struct {
	path, temporary string
	report          func(error)
	sys             sys

	mu      sync.Mutex
	next    func() error  // what is to be done, if anything
	idle    chan struct{} // closed when the writer has ended; nil while there is none
	failure error         // of the last finished write
	created bool
}

// NewStatusFile makes a writer for path; the file appears at the first Set. A
// failed write leaves the old file, goes to report, from a goroutine of its
// own, and is made good by the next Set that succeeds.
func NewStatusFile(path string, report func(error)) *StatusFile {
	return &StatusFile{
		path:      path,
		temporary: fmt.Sprintf("%s.%d", path, os.Getpid()),
		report:    report,
		sys:       kernel,
	}
}

// Set has lines written, in the order of their generations. It never blocks.
func (f *StatusFile) Set(lines []StatusLine) {
	content := renderStatus(lines)
	f.do(func() error { return f.write(content) })
}

// Flush waits until the last Set is on disk and returns what became of it.
func (f *StatusFile) Flush(timeout time.Duration) error {
	f.mu.Lock()
	idle := f.idle
	f.mu.Unlock()
	if idle != nil {
		select {
		case <-idle:
		case <-time.After(timeout):
			return fmt.Errorf("cannot finish status file %q in %s: %w", f.path, timeout, errNotFinished)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failure
}

// Remove unlinks the file, if it was Set that made it, and what a failed write
// may have left. The StatusFile must not be used any more.
func (f *StatusFile) Remove(timeout time.Duration) error {
	f.do(f.unlink)
	return f.Flush(timeout)
}

// do replaces what is to be done next and sees to it that somebody does it.
func (f *StatusFile) do(next func() error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = next
	if f.idle == nil {
		f.idle = make(chan struct{})
		go f.work(f.idle)
	}
}

// work is the writer: it ends when there is nothing left to do.
func (f *StatusFile) work(idle chan struct{}) {
	defer close(idle)
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.next != nil {
		next := f.next
		f.next = nil
		f.mu.Unlock()
		err := next()
		if err != nil {
			f.report(err)
		}
		f.mu.Lock()
		f.failure = err
	}
	f.idle = nil
}

func (f *StatusFile) write(content []byte) error {
	err := f.writeTemporary(content)
	if err == nil {
		err = f.sys.rename(f.temporary, f.path)
	}
	if err != nil {
		_ = f.sys.unlink(f.temporary)
		return fmt.Errorf("cannot write status file %q: %w", f.path, err)
	}
	f.created = true
	return nil
}

// writeTemporary makes a new file: opening a FIFO or following a link that
// stands at the name could block, or write to a place nobody meant.
func (f *StatusFile) writeTemporary(content []byte) error {
	const fresh = unix.O_WRONLY | unix.O_CREAT | unix.O_EXCL
	fd, err := f.sys.openFile(f.temporary, fresh)
	if errors.Is(err, unix.EEXIST) {
		if err = f.sys.unlink(f.temporary); err == nil {
			fd, err = f.sys.openFile(f.temporary, fresh)
		}
	}
	if err != nil {
		return err
	}
	// A full disk may be reported by close(2) alone.
	return cmp.Or(f.sys.writeAll(fd, content), f.sys.close(fd))
}

func (f *StatusFile) unlink() error {
	_ = f.sys.unlink(f.temporary)
	if !f.created {
		return nil
	}
	if err := f.sys.unlink(f.path); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("cannot remove status file %q: %w", f.path, err)
	}
	return nil
}

// renderStatus sorts by number. Perl sorts as strings, 10 before 9; its own
// reader sorts again.
func renderStatus(lines []StatusLine) []byte {
	sorted := slices.SortedFunc(slices.Values(lines), func(a, b StatusLine) int {
		return cmp.Compare(a.Generation, b.Generation)
	})
	var b bytes.Buffer
	for _, l := range sorted {
		fmt.Fprintf(&b, "%d:%d\n", l.Generation, l.PID)
	}
	return b.Bytes()
}

// readStatus reads the status file of another.
func readStatus(path string) ([]StatusLine, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseStatus(string(content)), nil
}

// parseStatus leaves out what is no GENERATION:PID.
func parseStatus(content string) []StatusLine {
	var lines []StatusLine
	for line := range strings.Lines(content) {
		generation, pid, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		g, errG := strconv.Atoi(generation)
		p, errP := strconv.Atoi(pid)
		if errG == nil && errP == nil && g >= 0 && p > 0 {
			lines = append(lines, StatusLine{g, p})
		}
	}
	return lines
}
