package ready

import "golang.org/x/sys/unix"

func init() {
	childModes["poll"] = func() error { return blocked(unix.SYS_POLL, pollfdOf(unix.POLLIN), 1, ^uintptr(0)) }
	childModes["select"] = func() error { return blocked(unix.SYS_SELECT, handed+1, setOf(handed)) }
	waitingModes = append(waitingModes, "poll", "select")
}
