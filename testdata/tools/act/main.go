// Act stands in for PID 1: it binds sockets, puts them at 3, 4, …, sets LISTEN_FDS
// and a LISTEN_PID that is true, and becomes the command. Nothing of it is left
// but the reader of -notify, which ends with the command.
//
//	act -names web:admin 127.0.0.1:8080,/run/admin.sock -- sdbridge run -- ./app
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

type act struct {
	names, notify, pidfdID, addrs *string
	nonblock                      *bool
	sockets                       []int
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("act: ")
	beReader()
	a := act{
		names:    flag.String("names", "", "LISTEN_FDNAMES; unset without, as systemd-socket-activate leaves it"),
		notify:   flag.String("notify", "", "set NOTIFY_SOCKET and append what is sent there to `FILE`"),
		pidfdID:  flag.String("pidfdid", "", "LISTEN_PIDFDID: a number, or self for the true one"),
		addrs:    flag.String("addrs", "", "write the addresses that were bound to `FILE`, one a line"),
		nonblock: flag.Bool("nonblock", false, "set O_NONBLOCK, as NonBlocking=yes does"),
	}
	flag.Usage = usage
	flag.Parse()
	if flag.NArg() < 3 || flag.Arg(1) != "--" {
		usage()
		os.Exit(64)
	}
	if err := a.run(flag.Arg(0), flag.Args()[2:]); err != nil {
		log.Fatal(err)
	}
}

func usage() {
	fmt.Fprint(os.Stderr, "usage: act [flags] ADDR[,ADDR…] -- COMMAND [ARG…]\n\nADDR is one of\n", addressHelp, "\n")
	flag.PrintDefaults()
}

func (a *act) run(addresses string, command []string) error {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	for address := range strings.SplitSeq(addresses, ",") {
		fd, err := bind(address)
		if err != nil {
			return fmt.Errorf("cannot bind %q: %w", address, err)
		}
		a.sockets = append(a.sockets, fd)
	}
	if err := a.writeAddresses(); err != nil {
		return err
	}
	if err := a.setEnvironment(); err != nil {
		return err
	}
	if err := a.place(); err != nil {
		return err
	}
	return fmt.Errorf("cannot run %q: %w", path, syscall.Exec(path, command, os.Environ()))
}

func (a *act) setEnvironment() error {
	os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	os.Setenv("LISTEN_FDS", strconv.Itoa(len(a.sockets)))
	os.Unsetenv("LISTEN_FDNAMES")
	if *a.names != "" {
		os.Setenv("LISTEN_FDNAMES", *a.names)
	}
	if err := a.setPIDFDID(); err != nil {
		return err
	}
	if *a.notify == "" {
		return nil
	}
	socket, err := startReader(*a.notify)
	os.Setenv("NOTIFY_SOCKET", socket)
	return err
}

// setPIDFDID announces the inode of our pidfd, which exec keeps (systemd 259).
func (a *act) setPIDFDID() error {
	value := *a.pidfdID
	if value == "" {
		return nil
	}
	if value == "self" {
		fd, err := unix.PidfdOpen(os.Getpid(), 0)
		if err != nil {
			return err
		}
		var stat unix.Stat_t
		if err := unix.Fstat(fd, &stat); err != nil {
			return err
		}
		value = strconv.FormatUint(stat.Ino, 10)
	}
	return os.Setenv("LISTEN_PIDFDID", value)
}

// place moves the sockets to 3, 4, … and has exec close everything above them.
// They go to high numbers first, since some may stand in the way of others. The
// Go runtime's own descriptors are overwritten: only exec may follow.
func (a *act) place() error {
	end := 3 + len(a.sockets)
	for i, fd := range a.sockets {
		if err := unix.SetNonblock(fd, *a.nonblock); err != nil {
			return err
		}
		high, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, end)
		if err != nil {
			return err
		}
		a.sockets[i] = high
	}
	for i, high := range a.sockets {
		if err := unix.Dup3(high, 3+i, 0); err != nil {
			return err
		}
	}
	return unix.CloseRange(uint(end), ^uint(0)>>32, unix.CLOSE_RANGE_CLOEXEC)
}
