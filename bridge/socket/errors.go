package socket

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// BindError says that a socket could not be had from the system. Every other
// error of this package refuses what is on the command line.
type BindError struct {
	Flag   string // "--port 80", "--path /run/app.sock"
	Err    error
	Remedy string // what to do; may be ""
}

func (e *BindError) Error() string {
	if e.Remedy == "" {
		return fmt.Sprintf("cannot bind %s: %v", e.Flag, e.Err)
	}
	return fmt.Sprintf("cannot bind %s: %v; %s", e.Flag, e.Err, e.Remedy)
}

func (e *BindError) Unwrap() error { return e.Err }

type remedies []struct {
	errno  unix.Errno
	remedy string
}

var portRemedies = remedies{
	{unix.EACCES, "a port below 1024 needs CAP_NET_BIND_SERVICE, or a .socket unit that hands it over"},
	{unix.EADDRINUSE, "find who has it with ss -lntup and stop that, or have it handed over by its .socket unit"},
	{unix.EADDRNOTAVAIL, "choose an address of this machine (ip addr lists them)"},
	{unix.EAFNOSUPPORT, "this kernel has no IPv6: choose an IPv4 address"},
}

var pathRemedies = remedies{
	{unix.ENOENT, "make its directory first"},
	{unix.EACCES, "let this user write to its directory, or choose another path"},
	{unix.EROFS, "choose a path on a file system that can be written"},
}

func (r remedies) of(err error) string {
	for _, known := range r {
		if errors.Is(err, known.errno) {
			return known.remedy
		}
	}
	return ""
}
