//go:build systemd

package systemdtest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// stageName is argv[0] of the process that becomes PID 1 of a machine.
const stageName = "(machine)"

// Stage must be the first call of TestMain: Boot runs the test binary again, in
// new namespaces. There it makes the mounts, becomes systemd and never returns.
func Stage() {
	if os.Args[0] != stageName {
		return
	}
	err := stage(os.Args[1], os.Args[2])
	fmt.Fprintln(os.Stderr, "cannot become systemd:", err)
	os.Exit(1)
}

// stage builds the machine's file system from lower, at the empty directory dir.
func stage(lower, dir string) error {
	if err := mount("tmpfs", dir, "tmpfs", 0, "mode=0755"); err != nil {
		return err
	}
	root, upper, work := dir+"/root", dir+"/upper", dir+"/work"
	if err := mkdirs(root, upper, work); err != nil {
		return err
	}
	if err := mount("overlay", root, "overlay", 0, "lowerdir="+lower+",upperdir="+upper+",workdir="+work); err != nil {
		return err
	}
	steps := []func(root string) error{forgetUnits, mountKernel, mountDevices, enter}
	for _, step := range steps {
		if err := step(root); err != nil {
			return err
		}
	}
	return unix.Exec("/lib/systemd/systemd", []string{"/lib/systemd/systemd", "--system", "--unit=multi-user.target"},
		[]string{"container=private", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb"})
}

// forgetUnits leaves out what the administrator of the lower system enabled:
// a database of the host has no business in a machine.
func forgetUnits(root string) error {
	for _, pattern := range []string{"etc/systemd/system", "etc/rc?.d", "etc/fstab"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return mkdirs(root + "/etc/systemd/system")
}

// mountKernel mounts what shows the kernel. Its settings are the host's, so that
// they are read-only, as in a container.
func mountKernel(root string) error {
	const plain = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	mounts := []struct {
		kind, at string
		flags    uintptr
		data     string
	}{
		{"proc", "/proc", plain, ""},
		{"sysfs", "/sys", plain | unix.MS_RDONLY, ""},
		{"cgroup2", "/sys/fs/cgroup", plain, ""},
		{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755"},
		{"tmpfs", "/tmp", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
		{"tmpfs", "/dev", unix.MS_NOSUID, "mode=0755"},
	}
	for _, m := range mounts {
		if err := mount(m.kind, root+m.at, m.kind, m.flags, m.data); err != nil {
			return err
		}
	}
	for _, path := range []string{root + "/proc/sys", root + "/proc/sysrq-trigger"} {
		if err := mount(path, path, "", unix.MS_BIND, ""); errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without sysrq
		} else if err != nil {
			return err
		}
		if err := mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|plain, ""); err != nil {
			return err
		}
	}
	return nil
}

// mountDevices makes the devices that have no hardware behind them.
func mountDevices(root string) error {
	nodes := []struct {
		name         string
		major, minor uint32
	}{{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}
	for _, n := range nodes {
		path := root + "/dev/" + n.name
		if err := unix.Mknod(path, unix.S_IFCHR, int(unix.Mkdev(n.major, n.minor))); err != nil {
			return fmt.Errorf("cannot make %s: %w", path, err)
		}
		if err := os.Chmod(path, 0o666); err != nil { // mknod(2) heeds the umask
			return err
		}
	}
	if err := mkdirs(root+"/dev/pts", root+"/dev/shm"); err != nil {
		return err
	}
	if err := os.Symlink("pts/ptmx", root+"/dev/ptmx"); err != nil {
		return err
	}
	if err := mount("tmpfs", root+"/dev/shm", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
		return err
	}
	return mount("devpts", root+"/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
}

// enter makes root the root of the mount namespace and lets go of the old one,
// pivot_root(2): so no path leads out of the machine.
func enter(root string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("cannot enter %s: %w", root, err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("cannot leave the host's root: %w", err)
	}
	return os.Chdir("/")
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := unix.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("cannot mount %s at %s: %w", source, target, err)
	}
	return nil
}

func mkdirs(paths ...string) error {
	for _, path := range paths {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	return nil
}
