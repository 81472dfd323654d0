package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/process"
)

// lookup finds a variable of the environment.
type lookup func(name string) (string, bool)

// handed finds the sockets that this process was started with: from systemd, or,
// where there is no LISTEN_FDS and outer says so, from an outer start_server.
// A notForUs tells that there were some, for another process.
func handed(lookup lookup, outer bool) (sockets []activation.Socket, notForUs, err error) {
	announced, err := activation.FromSystemd(lookup, self())
	if foreign, ok := errors.AsType[*activation.NotForUs](err); ok {
		notForUs, err = explain(foreign), nil
	}
	if err != nil {
		return nil, nil, err
	}
	fromStarter := len(announced) == 0 && outer
	if fromStarter {
		if announced, err = activation.FromStarter(lookup); err != nil {
			return nil, notForUs, err
		}
	}
	for _, h := range announced {
		s, err := inspect(h, fromStarter)
		if err != nil {
			return nil, notForUs, err
		}
		sockets = append(sockets, s)
	}
	return sockets, notForUs, nil
}

func inspect(h activation.Handed, fromStarter bool) (activation.Socket, error) {
	s, err := activation.Inspect(h.FD)
	if err == nil && !wasInherited(h.FD) {
		err = fmt.Errorf("descriptor %d is not open: %w", h.FD, unix.EBADF)
	}
	if err != nil {
		return s, refuse(exitConfig, fmt.Errorf("%w; it is announced in %s, but whoever started this closed it",
			err, variableOf(fromStarter)))
	}
	if fromStarter && !s.Kind.Socket() {
		return s, refuse(exitConfig, fmt.Errorf("descriptor %d, which %s announces as %q, is no socket but %s",
			h.FD, activation.StarterPort, h.Name, s))
	}
	if s.Kind.Stream() && !s.Listening {
		return s, refuse(exitConfig, fmt.Errorf("descriptor %d, %s, does not listen: it was shut down, or its unit says Accept=yes; restart the .socket unit, without Accept=",
			h.FD, s))
	}
	unix.CloseOnExec(h.FD) // no child but through its own numbers
	if fromStarter {
		s.Given = h.Name
	} else {
		s.FDName = h.Name
	}
	return s, nil
}

// wasInherited tells a descriptor that came through exec(2) from one that the Go
// runtime opened: its epoll set takes the lowest number that is free, and that is
// 3 where whoever announced a socket closed it.
func wasInherited(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

func variableOf(fromStarter bool) string {
	if fromStarter {
		return activation.StarterPort
	}
	return activation.ListenFDs
}

func self() activation.Self {
	return activation.Self{PID: os.Getpid(), PIDFDID: func() (uint64, error) {
		fd, err := unix.PidfdOpen(os.Getpid(), 0)
		if err != nil {
			return 0, err
		}
		defer unix.Close(fd)
		var st unix.Stat_t
		err = unix.Fstat(fd, &st)
		return st.Ino, err
	}}
}

// explain adds what to do when the process that LISTEN_PID names is a living
// ancestor: `dash -c 'sdbridge …'` stays as a parent, `bash -c` does not.
func explain(foreign *activation.NotForUs) error {
	for pid := os.Getppid(); pid > 1; pid = parent(pid) {
		if pid == foreign.PID {
			return fmt.Errorf("%w; pid %d (%s) stands between systemd and sdbridge: write exec in front of sdbridge there",
				foreign, pid, command(pid))
		}
	}
	return foreign
}

// parent is 0 where it cannot be seen.
func parent(pid int) int {
	p, _ := process.Stat(pid)
	return p.Parent
}

func command(pid int) string {
	comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(comm))
}
