package main

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestFileMapping(t *testing.T) {
	const file = "/usr/bin/sdbridge"
	for line, want := range map[string]struct{ code, ok bool }{
		"00400000-00678000 r-xp 00000000 fe:01 1234                       /usr/bin/sdbridge\n":           {true, true},
		"00678000-00a29000 r--p 00278000 fe:01 1234                       /usr/bin/sdbridge\n":           {false, true},
		"00a29000-00a54000 rw-p 00629000 fe:01 1234                       /usr/bin/sdbridge\n":           {},
		"00400000-00678000 r-xp 00000000 fe:01 1234                       /usr/bin/sdbridge-drill\n":     {},
		"00400000-00678000 r-xp 00000000 fe:01 1234                       /usr/bin/sdbridge (deleted)\n": {},
		"7ffd1000-7ffd3000 r-xp 00000000 00:00 0                          [vdso]\n":                      {},
		"\n": {},
	} {
		from, to, code, ok := fileMapping(line, file)
		if code != want.code || ok != want.ok {
			t.Errorf("%q: code %v, ok %v", line, code, ok)
		}
		if ok && (from != 0x400000 && from != 0x678000 || to <= from) {
			t.Errorf("%q: %x-%x", line, from, to)
		}
	}
}

// A program goes on without the pages of its file, and collects as before.
func TestRest(t *testing.T) {
	var m memory
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	m.rest()
	m.rest()
	m.work()
	m.work()
	if percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); percent != 100 || limit != math.MaxInt64 {
		t.Errorf("GOGC %d, limit %d", percent, limit)
	}
}
