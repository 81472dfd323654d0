//go:build systemd

package systemdtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Machine is a running systemd. Its methods may be called by several tests at
// once.
type Machine struct {
	// Version is that of systemd: 252.
	Version int

	pid       int           // of PID 1, as seen from here
	exited    chan struct{} // closed when PID 1 is gone
	namespace string        // of its mounts: "mnt:[4026532177]"
	disk      *os.Root      // its file system
}

// Boot starts the systemd of root, "host" or a suite of Debian, and waits until
// the machine is up. At the test's end it is gone, and nothing of it may be left.
func Boot(t *testing.T, root string) *Machine {
	t.Helper()
	needRoot(t)
	lower := files(t, root)
	group := newCgroup(t)
	console, err := os.Create(filepath.Join(t.TempDir(), "console"))
	if err != nil {
		t.Fatal(err)
	}
	defer console.Close()
	init := exec.Command("/proc/self/exe", lower, t.TempDir())
	init.Args[0] = stageName
	init.Stdout, init.Stderr = console, console
	init.SysProcAttr = &syscall.SysProcAttr{
		Setsid:       true,
		Pdeathsig:    syscall.SIGKILL, // with PID 1 all its processes end
		Cloneflags:   unix.CLONE_NEWPID,
		Unshareflags: unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP,
		UseCgroupFD:  true,
		CgroupFD:     int(group.Fd()),
	}
	if err := init.Start(); err != nil {
		t.Fatalf("cannot start the machine: %v", err)
	}
	m := &Machine{pid: init.Process.Pid, exited: make(chan struct{})}
	go func() {
		_ = init.Wait()
		close(m.exited)
	}()
	t.Cleanup(func() { m.halt(t, init.Process) })
	if err := m.up(t); err != nil {
		text, _ := os.ReadFile(console.Name())
		t.Fatalf("the machine does not come up: %v; its console:\n%s", err, text)
	}
	return m
}

// up waits for the end of the boot. A unit of the distribution that cannot run
// here is no failure: "degraded" is up, too.
func (m *Machine) up(t *testing.T) error {
	up := false
	err := poll(time.Minute, func() bool {
		state, _ := m.Run("systemctl", "is-system-running")
		up = state == "running" || state == "degraded"
		return up || m.gone()
	})
	if err != nil {
		return err
	}
	if !up {
		return errors.New("PID 1 is gone")
	}
	if m.namespace, err = os.Readlink(filepath.Join("/proc", strconv.Itoa(m.pid), "ns/mnt")); err != nil {
		return err
	}
	if m.disk, err = os.OpenRoot(m.host("/")); err != nil {
		return err
	}
	word := strings.Fields(m.Must(t, "systemctl", "--version"))[1]
	number, _, _ := strings.Cut(word, ".")
	number, _, _ = strings.Cut(number, "~")
	m.Version, err = strconv.Atoi(number)
	return err
}

// halt ends PID 1 and so every process of the machine; its mounts go with the
// last of them.
func (m *Machine) halt(t *testing.T, init *os.Process) {
	if m.disk != nil {
		_ = m.disk.Close()
	}
	_ = init.Kill()
	<-m.exited
	// A nsenter that was waiting for its command ends a moment later.
	if poll(patience, func() bool { return len(inNamespace(m.namespace)) == 0 }) != nil {
		t.Errorf("processes %v of the machine are left", inNamespace(m.namespace))
	}
}

func (m *Machine) gone() bool {
	select {
	case <-m.exited:
		return true
	default:
		return false
	}
}

// host is the path by which a file of the machine is reached from here. An
// absolute symbolic link in it would lead to the host: use disk where one may be.
func (m *Machine) host(path string) string {
	return filepath.Join("/proc", strconv.Itoa(m.pid), "root", path)
}

// inNamespace lists the processes of a mount namespace.
func inNamespace(namespace string) []string {
	var pids []string
	links, _ := filepath.Glob("/proc/[0-9]*/ns/mnt")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == namespace {
			pids = append(pids, strings.Split(link, "/")[2])
		}
	}
	return pids
}

// needRoot skips the test where nobody asked for machines.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		return
	}
	if os.Getenv(variable) == "" {
		t.Skip("only root can boot a machine")
	}
	t.Fatalf("%s=%s: only root can boot a machine", variable, os.Getenv(variable))
}
