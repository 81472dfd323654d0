package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sdbridge/sdbridge/activation"
	"github.com/sdbridge/sdbridge/bridge/launch"
	"github.com/sdbridge/sdbridge/bridge/socket"
	"github.com/sdbridge/sdbridge/bridge/starter"
)

// Exit statuses of a refusal, as in sysexits.h(3head).
const (
	exitUsage       = 64 // EX_USAGE: the command line
	exitUnavailable = 69 // EX_UNAVAILABLE: something that is needed is not there
	exitConfig      = 78 // EX_CONFIG: the environment, or a descriptor
)

// refusal is an error with an exit status of its own.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func refuse(status int, err error) error { return &refusal{status, err} }

func usage(err error) error { return refuse(exitUsage, err) }

// exited is what a bridge that has run ends with: it has said all there is to say.
type exited int

func (e exited) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// status says an error and returns the exit status for it.
func status(err error) int {
	var done exited
	switch {
	case err == nil:
		return 0
	case errors.As(err, &done):
		return int(done)
	}
	_ = within(patience, func() error { // nobody may read it
		_, err := fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		return err
	})
	return statusOf(err)
}

// statusOf is the exit status of a refusal; it knows the errors of the packages.
func statusOf(err error) int {
	var (
		refused      *refusal
		wrongLine    *starter.UsageError
		wrongEnv     *activation.EnvError
		wrongFile    *launch.FileError
		notBound     *socket.BindError
		noSuchFile   *launch.CommandError
		noSuchFolder *launch.DirError
	)
	switch {
	case errors.As(err, &refused):
		return refused.status
	case errors.As(err, &wrongLine):
		return exitUsage
	case errors.As(err, &wrongEnv), errors.As(err, &wrongFile):
		return exitConfig
	case errors.As(err, &notBound), errors.As(err, &noSuchFile), errors.As(err, &noSuchFolder):
		return exitUnavailable
	}
	return 1
}
