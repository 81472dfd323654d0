package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// The reader is this program again, in two steps that readerVariable tells
// apart: the first starts the second and exits. So the reader has no parent
// here, and the command does not find a child that it did not start.
const (
	readerVariable = "ACT_READER"
	readerStart    = "start"
	readerRun      = "run"
)

// startReader returns the NOTIFY_SOCKET whose messages a process appends to
// file, one a line, until this process is gone.
func startReader(file string) (name string, err error) {
	socket, name, err := notifySocket()
	if err != nil {
		return "", err
	}
	defer socket.Close()
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return "", err
	}
	self := os.NewFile(uintptr(fd), "pidfd")
	defer self.Close()
	out, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return "", err
	}
	defer out.Close()
	return name, reader(readerStart, socket, self, out).Run()
}

func notifySocket() (*os.File, string, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, "", err
	}
	err = errors.Join(
		unix.Bind(fd, &unix.SockaddrUnix{}), // an abstract name of the kernel's choice
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PASSCRED, 1),
	)
	if err != nil {
		return nil, "", err
	}
	name := boundAddress(fd)
	return os.NewFile(uintptr(fd), name), name, nil
}

func reader(step string, files ...*os.File) *exec.Cmd {
	return &exec.Cmd{
		Path:        "/proc/self/exe",
		Args:        os.Args,
		Env:         []string{readerVariable + "=" + step},
		ExtraFiles:  files,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
}

// beReader does not return in a process that is the reader.
func beReader() {
	step := os.Getenv(readerVariable)
	if step == "" {
		return
	}
	socket, command, out := os.NewFile(3, "socket"), os.NewFile(4, "pidfd"), os.NewFile(5, "file")
	var err error
	if step == readerStart {
		err = reader(readerRun, socket, command, out).Start()
	} else {
		err = record(3, 4, out)
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// record writes "MICROSECONDS PID MESSAGE" for each message that comes to
// socket, until the process behind pidfd is gone and nothing is left. The time
// is CLOCK_MONOTONIC, as in MONOTONIC_USEC=; newlines are written as \n.
func record(socket, pidfd int, out *os.File) error {
	fds := []unix.PollFd{{Fd: int32(socket), Events: unix.POLLIN}, {Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != nil && err != unix.EINTR {
			return err
		}
		switch {
		case fds[0].Revents != 0:
			if err := recordOne(socket, out); err != nil {
				return err
			}
		case fds[1].Revents != 0:
			return nil
		}
	}
}

func recordOne(socket int, out *os.File) error {
	message := make([]byte, 4096)
	// Room for the credentials only: descriptors that come along are closed by
	// the kernel, which is what BARRIER=1 waits for.
	control := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	n, controlLen, _, _, err := unix.Recvmsg(socket, message, control, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return err
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d %d %q\n", now.Nano()/1000, senderPID(control[:controlLen]), message[:n])
	return err
}

func senderPID(control []byte) int32 {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil || len(messages) == 0 {
		return 0
	}
	credentials, err := unix.ParseUnixCredentials(&messages[0])
	if err != nil {
		return 0
	}
	return credentials.Pid
}
