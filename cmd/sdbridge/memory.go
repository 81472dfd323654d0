package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// memory is how the process uses it: as Go does while there is work, and sparingly
// at rest, which is nearly always. `make bench` has the figures.
type memory struct {
	mu      sync.Mutex
	resting bool
	percent int   // GOGC, and
	limit   int64 // GOMEMLIMIT in bytes, when there is work
}

// spare is the garbage that may pile up at rest before it is collected, in bytes:
// as much as Go lets a small heap have.
const spare = 4 << 20

// rest prepares for a long idle time. It returns what swaps left on the heap, 3 of
// 6 MB after forty of them, and unmaps those pages of the program's file that they
// touched; a page that is needed comes back with as many neighbours as the page
// cache keeps together (measured: of 7.1 MB in all, 3.4 are left where the file was
// read, or written in pieces of 64 kB, and 6.6 where it was written at once). The
// collector, which would map them again every two minutes, waits until there is
// something to collect.
func (m *memory) rest() {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	m.setRest(int64(stats.Sys-stats.HeapReleased) + spare)
	unmapFile()
}

func (m *memory) setRest(limit int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	percent, before := debug.SetGCPercent(-1), debug.SetMemoryLimit(limit)
	if !m.resting {
		m.resting, m.percent, m.limit = true, percent, before
	}
}

// work ends the rest.
func (m *memory) work() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resting {
		debug.SetGCPercent(m.percent)
		debug.SetMemoryLimit(m.limit)
		m.resting = false
	}
}

// unmapFile unmaps the pages of the program's file. What is needed again is mapped
// again, from the page cache.
func unmapFile() {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	written := mayBeWritten()
	for line := range strings.Lines(string(maps)) {
		if from, to, code, ok := fileMapping(line, self); ok && (code || !written) {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // a failure costs memory, no more
		}
	}
}

// mayBeWritten tells whether a loader has relocated what is read-only now, as in
// a position-independent or a dynamically linked program: MADV_DONTNEED would
// undo that. It never writes into code.
func mayBeWritten() bool {
	info, ok := debug.ReadBuildInfo()
	return !ok || !slices.Contains(info.Settings, debug.BuildSetting{Key: "-buildmode", Value: "exe"}) ||
		!slices.Contains(info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "0"})
}

// fileMapping reads a line of /proc/self/maps, proc_pid_maps(5), of a mapping of
// that file that cannot be written. It holds code if it can be executed.
func fileMapping(line, file string) (from, to uintptr, code, ok bool) {
	var permissions string
	if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &permissions); n != 3 || !strings.HasSuffix(line, " "+file+"\n") {
		return 0, 0, false, false
	}
	return from, to, permissions == "r-xp", permissions == "r-xp" || permissions == "r--p"
}
