package main

import (
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/units/unitfile"
)

// commandChanged says that the unit has another command line than the bridge was
// started with; "" where that is not so, or cannot be told.
func commandChanged(pid int) string {
	running, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	cgroup, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return ""
	}
	unit, manager := unitOf(string(cgroup))
	if unit == "" {
		return ""
	}
	show := askHost("systemctl", manager, "show", "--property=ExecStart", "--value", unit)
	if !differs(strings.Split(strings.TrimRight(string(running), "\x00"), "\x00"), show) {
		return ""
	}
	return fmt.Sprintf("the unit's command line has changed since the bridge started; a reload runs the old one: systemctl restart %s (clients wait in the queue, none is refused)",
		strings.TrimSuffix(unit, ".service"))
}

// ownUnit is the service that this process belongs to, "" for none.
func ownUnit() string {
	cgroup, _ := os.ReadFile("/proc/self/cgroup")
	unit, _ := unitOf(string(cgroup))
	return unit
}

// unitOf reads /proc/PID/cgroup, cgroups(7): the service that the process belongs
// to, and which manager's it is.
func unitOf(cgroup string) (unit, manager string) {
	for line := range strings.Lines(cgroup) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 || (fields[1] != "" && fields[1] != "name=systemd") {
			continue
		}
		manager = "--system"
		if strings.Contains(fields[2], "/user@") {
			manager = "--user"
		}
		for p := fields[2]; len(p) > 1; p = path.Dir(p) {
			if name := path.Base(p); strings.HasSuffix(name, ".service") && !strings.HasPrefix(name, "user@") {
				return name, manager
			}
		}
	}
	return "", ""
}

// differs compares a command line with `systemctl show`'s ExecStart=, which
// joins the words by spaces. What systemd puts in for variables it does not
// show, and of a wrapper before the bridge it shows nothing else: then one
// cannot tell.
func differs(running []string, show string) bool {
	unit, ok := unitfile.Shown(show)
	if !ok || strings.Contains(show, "$") || strings.Count(show, "argv[]=") != 1 {
		return false
	}
	program, _, _ := strings.Cut(unit, " ")
	return filepath.Base(program) == filepath.Base(running[0]) &&
		plain(unit) != plain(strings.Join(running, " "))
}

// plain leaves out what quoting adds, which differs between versions of systemd.
func plain(command string) string {
	return strings.Join(strings.Fields(strings.NewReplacer(`"`, "", "'", "", `\`, "").Replace(command)), " ")
}

// askHost runs a program of the host for a second at most and returns what it
// prints; "" where it is not there or fails.
func askHost(program string, args ...string) string {
	read, write, err := os.Pipe()
	if err != nil {
		return ""
	}
	defer read.Close()
	p, err := startProgram(write, program, args)
	_ = write.Close()
	if err != nil {
		return ""
	}
	late := time.AfterFunc(time.Second, func() { _ = p.Kill() })
	defer late.Stop()
	_ = read.SetReadDeadline(time.Now().Add(time.Second))
	text, err := io.ReadAll(io.LimitReader(read, 64<<10))
	state, failed := p.Wait()
	if err != nil || failed != nil || !state.Success() {
		return ""
	}
	return string(text)
}

// startProgram looks for the program in PATH, as execvp(3) does.
func startProgram(stdout *os.File, program string, args []string) (*os.Process, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	err = os.ErrNotExist
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		var p *os.Process
		p, err = os.StartProcess(filepath.Join(dir, program), append([]string{program}, args...),
			&os.ProcAttr{Files: []*os.File{null, stdout, null}})
		if err == nil {
			return p, nil
		}
	}
	return nil, err
}
