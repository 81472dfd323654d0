package ready

import "golang.org/x/sys/unix"

// arm64 has neither poll nor select: libc makes them of ppoll and pselect6.
var waits = map[uint64]waiting{
	unix.SYS_ACCEPT:   waitAccept,
	unix.SYS_ACCEPT4:  waitAccept,
	unix.SYS_PPOLL:    waitPoll,
	unix.SYS_PSELECT6: waitSelect,
}
