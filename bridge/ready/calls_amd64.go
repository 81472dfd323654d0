package ready

import "golang.org/x/sys/unix"

var waits = map[uint64]waiting{
	unix.SYS_ACCEPT:   waitAccept,
	unix.SYS_ACCEPT4:  waitAccept,
	unix.SYS_POLL:     waitPoll,
	unix.SYS_PPOLL:    waitPoll,
	unix.SYS_SELECT:   waitSelect,
	unix.SYS_PSELECT6: waitSelect,
}
