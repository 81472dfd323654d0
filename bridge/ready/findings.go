package ready

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// findings is what the looks of a watch have found so far.
type findings struct {
	waiting   []Target // seen waiting on, in some look
	connected []Target // seen a connection accepted from
	missing   []Target // neither

	last Seen  // the last look
	err  error // why there was no last look

	blind []int     // processes that could not be seen through, in each look …
	since time.Time // … since then

	owed      bool // all that is missing is a READY=1
	listeners []Listener
	shell     string // the leader's program, if that is a shell that started others
	stopped   int    // pid of one that a signal keeps from running; 0: none
}

func (f *findings) add(seen Seen, now time.Time) {
	var missing []Target
	for _, t := range f.missing {
		switch {
		case len(seen.Waiting[t.Inode]) > 0:
			f.waiting = append(f.waiting, t)
		case seen.Serving(t):
			f.connected = append(f.connected, t)
		default:
			missing = append(missing, t)
		}
	}
	f.missing, f.last, f.err = missing, seen, nil
	f.addBlind(seen, now)
}

func (f *findings) addBlind(seen Seen, now time.Time) {
	blind := slices.Clone(seen.Ring)
	for _, u := range seen.Unreadable {
		blind = append(blind, u.PID)
	}
	still := slices.DeleteFunc(f.blind, func(pid int) bool { return !slices.Contains(blind, pid) })
	if len(still) == 0 {
		still, f.since = blind, now
	}
	f.blind = still
}

// complete is never true without a target: then nothing was seen.
func (f *findings) complete() bool {
	return len(f.missing) == 0 && len(f.waiting)+len(f.connected) > 0
}

// blindFor is 0 when the last look saw through every process.
func (f *findings) blindFor(now time.Time) time.Duration {
	if len(f.blind) == 0 {
		return 0
	}
	return now.Sub(f.since)
}

// shells are those that stay as parent of what they run, unless told to exec.
var shells = []string{"sh", "dash", "bash", "ash", "ksh", "ksh93", "mksh", "zsh", "fish", "busybox"}

// programOf is the name of the file that the process executes, without its
// directory; "" where that cannot be read. A script's is its interpreter.
func programOf(pid int) string {
	var link [unix.PathMax]byte
	n, err := kernel.readlinkat(unix.AT_FDCWD, "/proc/"+strconv.Itoa(pid)+"/exe", link[:])
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(path.Base(string(link[:n])), " (deleted)")
}
