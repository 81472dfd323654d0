package activation

import (
	"fmt"
	"slices"
)

// The variables of the two conventions.
const (
	// ListenPID is the pid of the process that the descriptors are meant for
	// (sd_listen_fds(3)).
	ListenPID = "LISTEN_PID"
	// ListenFDs is the number of descriptors, from [FirstFD] on
	// (sd_listen_fds(3)).
	ListenFDs = "LISTEN_FDS"
	// ListenFDNames are the descriptors' FileDescriptorName=, joined by colons
	// (sd_listen_fds_with_names(3)).
	ListenFDNames = "LISTEN_FDNAMES"
	// ListenPIDFDID is the inode number of the pidfd of the process that
	// LISTEN_PID names, which unlike a pid is never used again (systemd 259).
	ListenPIDFDID = "LISTEN_PIDFDID"
	// StarterPort lists the sockets as name=descriptor, joined by semicolons
	// (Server::Starter).
	StarterPort = "SERVER_STARTER_PORT"
	// StarterGeneration is the number of the generation, from 1
	// (Server::Starter).
	StarterGeneration = "SERVER_STARTER_GENERATION"
)

// FirstFD is the first descriptor that is handed over: SD_LISTEN_FDS_START of
// sd_listen_fds(3).
const FirstFD = 3

var scrubbed = []string{
	ListenPID, ListenFDs, ListenFDNames, ListenPIDFDID,
	StarterPort, StarterGeneration,
	"LSS2_SOCKET_TYPES",
	"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
	"FDSTORE", "MAINPID", "MAINPIDFDID", "SYSTEMD_EXEC_PID",
	"SDBRIDGE_CONTROL", // a bridge's own; a nested one would find it taken
}

// Scrubbed tells whether a variable speaks to one process alone, so that no
// child may inherit it: a stale LISTEN_PIDFDID hides all sockets from a child
// on libsystemd 259, a stale LSS2_SOCKET_TYPES fails a child on
// lestrrat-go/server-starter v2.
func Scrubbed(name string) bool { return slices.Contains(scrubbed, name) }

// EnvError says that a variable cannot be read, or cannot be written with what
// it would have to hold.
type EnvError struct {
	Var     string // name of the variable
	Value   string // its value, or the part of it that is at fault
	Problem string // continues the value: "is not a number"
	Remedy  string // what to do about it
}

func (e *EnvError) Error() string {
	return fmt.Sprintf("%s: %q %s; %s", e.Var, shorten(e.Value), e.Problem, e.Remedy)
}

// shorten keeps a message readable when the value is 128 KiB long.
func shorten(value string) string {
	const limit = 120
	if len(value) <= limit {
		return value
	}
	return value[:limit] + "…"
}

// maxVariable is the longest "NAME=value" with its final NUL, in bytes, that
// execve(2) takes on every machine: MAX_ARG_STRLEN with pages of 4 KiB.
const maxVariable = 128 << 10

// fitting refuses a value that would make execve(2) fail with E2BIG.
func fitting(name, value string) (string, error) {
	if len(name)+len("=")+len(value)+len("\x00") <= maxVariable {
		return value, nil
	}
	return "", &EnvError{
		Var: name, Value: value,
		Problem: fmt.Sprintf("is too long: one variable can have %d bytes", maxVariable),
		Remedy:  "hand over fewer sockets with --select",
	}
}
