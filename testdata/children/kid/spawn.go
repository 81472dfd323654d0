package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/testdata/children/handed"
)

// The role of a process stands in its environment: the leader, the workers of
// its -workers, the daemon of its -daemonize, the copy of its -on-term fork.
const (
	roleVariable = "KID_ROLE"
	roleWorker   = "worker"
	roleDaemon   = "daemon"
	roleCopy     = "copy"
)

// lead starts the workers and accepts nothing itself.
func (k *kid) lead() error {
	var living sync.WaitGroup
	for range *k.workers {
		worker, err := k.spawn(roleWorker)
		if err != nil {
			return err
		}
		k.pool = append(k.pool, worker)
		living.Go(func() { _, _ = worker.Wait() })
	}
	go func() {
		living.Wait()
		close(k.childless)
	}()
	return nil
}

// stopWorkers passes the stop on and waits for the last worker.
func (k *kid) stopWorkers() error {
	for _, worker := range k.pool {
		_ = worker.Signal(unix.SIGTERM)
	}
	<-k.childless
	return nil
}

// startHelper leaves a process that holds the sockets and never accepts.
func (k *kid) startHelper() error {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		return err
	}
	_, err = syscall.ForkExec(sleep, []string{"sleep", "600"}, &syscall.ProcAttr{Env: os.Environ(), Files: k.files()})
	return err
}

// spawn runs this program again in another role, with the same descriptors.
// os/exec could not: it changes the flags of the sockets.
func (k *kid) spawn(role string) (*os.Process, error) {
	attr := &syscall.ProcAttr{Env: k.environment(role), Files: k.files()}
	if role == roleDaemon {
		attr.Sys = &syscall.SysProcAttr{Setsid: true}
	}
	pid, err := syscall.ForkExec("/proc/self/exe", os.Args, attr)
	if err != nil {
		return nil, err
	}
	return os.FindProcess(pid)
}

// environment announces the sockets by SERVER_STARTER_PORT alone: LISTEN_PID
// would name the parent.
func (k *kid) environment(role string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "LISTEN_") || strings.HasPrefix(entry, "SERVER_STARTER_PORT=") ||
			strings.HasPrefix(entry, roleVariable+"=")
	})
	return append(env, "SERVER_STARTER_PORT="+handed.Announce(k.sockets), roleVariable+"="+role)
}

// files keeps 0 to 2 and the sockets at their numbers and closes the rest.
func (k *kid) files() []uintptr {
	files := []uintptr{0, 1, 2}
	for _, socket := range k.sockets {
		for len(files) <= socket.FD {
			files = append(files, ^uintptr(0))
		}
		files[socket.FD] = uintptr(socket.FD)
	}
	return files
}
