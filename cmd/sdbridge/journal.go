package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// newLogger writes what `run` says: text lines with a time, or, where the
// journal reads them, with a priority in its place (sd-daemon(3)).
func newLogger(out io.Writer, journal bool) *slog.Logger {
	if !journal {
		return slog.New(slog.NewTextHandler(out, nil))
	}
	h := &journalHandler{out: out, mu: new(sync.Mutex), line: new(bytes.Buffer)}
	h.text = slog.NewTextHandler(h.line, &slog.HandlerOptions{ReplaceAttr: withoutTimeAndLevel})
	return slog.New(h)
}

func withoutTimeAndLevel(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
		return slog.Attr{}
	}
	return a
}

// journalHandler puts <N> before each line.
type journalHandler struct {
	out  io.Writer
	mu   *sync.Mutex
	line *bytes.Buffer // what text writes to
	text slog.Handler
}

func (h *journalHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.text.Enabled(ctx, l)
}

func (h *journalHandler) Handle(ctx context.Context, r slog.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.line.Reset()
	fmt.Fprintf(h.line, "<%d>", priority(r.Level))
	if err := h.text.Handle(ctx, r); err != nil {
		return err
	}
	_, err := h.out.Write(h.line.Bytes())
	return err
}

func (h *journalHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return &journalHandler{h.out, h.mu, h.line, h.text.WithAttrs(a)}
}

func (h *journalHandler) WithGroup(name string) slog.Handler {
	return &journalHandler{h.out, h.mu, h.line, h.text.WithGroup(name)}
}

// priority is the syslog(3) level.
func priority(l slog.Level) int {
	switch {
	case l >= slog.LevelError:
		return 3
	case l >= slog.LevelWarn:
		return 4
	case l >= slog.LevelInfo:
		return 6
	}
	return 7
}

// toJournal tells whether the journal reads our stderr: JOURNAL_STREAM is its
// device and inode number, as DEVICE:INODE (systemd.exec(5)).
func toJournal() bool {
	var dev, ino uint64
	if _, err := fmt.Sscanf(os.Getenv("JOURNAL_STREAM"), "%d:%d", &dev, &ino); err != nil {
		return false
	}
	var st unix.Stat_t
	return unix.Fstat(unix.Stderr, &st) == nil && st.Dev == dev && st.Ino == ino
}
