package main

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patienceOfTests is how long a test waits for what must happen: far longer
// than it takes, for the machine may be busy.
const patienceOfTests = 30 * time.Second

// transcript is what a program and its children wrote.
type transcript struct {
	t     *testing.T
	mu    sync.Mutex
	lines []string
	ended bool
}

func transcribe(t *testing.T, from *os.File) *transcript {
	s := &transcript{t: t}
	go func() {
		defer from.Close()
		for lines := bufio.NewScanner(from); lines.Scan(); {
			s.add(lines.Text())
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ended = true
	}()
	return s
}

func (s *transcript) add(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
}

func (s *transcript) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clip(s.lines)
}

// complete tells that nobody can write any more.
func (s *transcript) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

func (s *transcript) text() string { return strings.Join(s.all(), "\n") }

// count is how many lines hold the text.
func (s *transcript) count(text string) int {
	n := 0
	for _, line := range s.all() {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// await waits for a line that holds the text, awaitCount for n of them.
func (s *transcript) await(text string) { s.t.Helper(); s.awaitCount(1, text) }

func (s *transcript) awaitCount(n int, text string) {
	s.t.Helper()
	await(s.t, text, func() bool { return s.count(text) >= n })
}

// find waits for a line that matches and returns the first submatch.
func (s *transcript) find(pattern string) (found string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	await(s.t, pattern, func() bool {
		match := re.FindStringSubmatch(s.text())
		if match != nil {
			found = match[1]
		}
		return match != nil
	})
	return found
}

func (s *transcript) wantNoText(text string) {
	s.t.Helper()
	if s.count(text) > 0 {
		s.t.Errorf("it said %q", text)
	}
}

// await waits until the condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patienceOfTests); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
