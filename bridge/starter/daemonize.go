package starter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// stageVariable tells the stages of Daemonize apart, STAGE:FD:PID.
const stageVariable = "SDBRIDGE_DAEMONIZE"

// Go cannot fork, so each process on the way runs the program again.
const (
	leads  = "leads"  // leads a new session, and ends so that the daemon cannot get a terminal
	serves = "serves" // the daemon
)

// reportFD is where the search for the report's descriptor begins: out of the
// way of handed sockets and of --port=80=5.
const reportFD = 200

// stage is what a process on the way into the background knows.
type stage struct {
	name   string
	report int // descriptor to report to
	first  int // pid of the first process
}

// Report tells the first process what became of the daemon. The methods of a
// nil Report, of what was not daemonized, do nothing.
type Report struct{ fd int }

// Daemonize goes into the background: a session of its own without a terminal,
// not led by the daemon, stdin from /dev/null; stdout, stderr, directory and
// umask stay. It returns in the daemon alone, with a Report. The first process
// waits for that Report and exits: with 0 after Up, else with the status of
// Failed, or 1 when the daemon ended without a word. Unlike Perl's, which exits
// before the pid file is written, it can be believed.
//
// argv and env are those of this process. The environment that it returns is
// the daemon's and takes env's place everywhere: without our own variable, and
// with a LISTEN_PID that makes the sockets which systemd handed to the first
// process the daemon's. Call it before descriptors are looked at or opened.
// With an error there may be a Report, which wants Failed.
func Daemonize(argv, env []string) ([]string, *Report, error) {
	value, ok := variable(env, stageVariable)
	if !ok {
		return nil, nil, startDaemon(argv, env)
	}
	s, err := parseStage(value)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot daemonize: %s=%q: %w; unset it", stageVariable, value, err)
	}
	env = withoutVariable(env, stageVariable)
	report := &Report{fd: s.report}
	if s.name == serves {
		return s.serve(argv, env), report, nil
	}
	if _, err = s.next(serves, argv, env); err != nil {
		return nil, report, err
	}
	os.Exit(0)
	return nil, nil, nil
}

// startDaemon is the first process; it comes back with an error only.
func startDaemon(argv, env []string) error {
	var p [2]int
	if err := kernel.pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("cannot daemonize: no pipe: %w", err)
	}
	defer func() { _ = kernel.close(p[0]) }()
	// Without close-on-exec: it must reach the daemon.
	fd, err := unix.FcntlInt(uintptr(p[1]), unix.F_DUPFD, reportFD)
	_ = kernel.close(p[1])
	if err != nil {
		return fmt.Errorf("cannot daemonize: no descriptor from %d on: %w", reportFD, err)
	}
	pid, err := stage{report: fd, first: os.Getpid()}.next(leads, argv, env)
	_ = kernel.close(fd)
	if err != nil {
		return err
	}
	status := awaitReport(p[0])
	_, _ = syscall.Wait4(pid, nil, 0, nil)
	os.Exit(status)
	return nil
}

// next runs the program again, as the stage name.
func (s stage) next(name string, argv, env []string) (pid int, err error) {
	null, err := kernel.openFile("/dev/null", unix.O_RDONLY)
	if err != nil {
		return 0, fmt.Errorf("cannot daemonize: %w", err)
	}
	defer func() { _ = kernel.close(null) }()
	s.name = name
	pid, err = kernel.forkExec("/proc/self/exe", argv, &syscall.ProcAttr{
		Env:   append(slices.Clip(env), stageVariable+"="+s.String()),
		Files: []uintptr{uintptr(null), 1, 2},
		Sys:   &syscall.SysProcAttr{Setsid: name == leads},
	})
	if err != nil {
		return 0, fmt.Errorf("cannot daemonize: cannot run %s again: %w", argv[0], err)
	}
	return pid, nil
}

// serve is the daemon; it gives its environment.
func (s stage) serve(argv, env []string) []string {
	unix.CloseOnExec(s.report)
	// Started by way of /proc/self/exe it would be "exe" to ps and killall.
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(argv[0])), 0)
	if pid, _ := variable(env, "LISTEN_PID"); pid == strconv.Itoa(s.first) {
		env = append(withoutVariable(env, "LISTEN_PID"), fmt.Sprintf("LISTEN_PID=%d", os.Getpid()))
	}
	return env
}

// Up lets the first process exit with 0: the sockets are bound, the log is open
// and the pid file is written.
func (r *Report) Up() { r.Failed(0) }

// Failed lets the first process exit with status, the one that the daemon is
// about to exit with. Only the first call, of Up or Failed, counts.
func (r *Report) Failed(status int) {
	if r == nil || r.fd < 0 {
		return
	}
	// The first process may have been killed; nobody is left to tell then.
	_ = kernel.writeAll(r.fd, []byte{byte(status)})
	_ = kernel.close(r.fd)
	r.fd = -1
}

// awaitReport gives the status to exit with.
func awaitReport(fd int) int {
	status := make([]byte, 1)
	if n, err := kernel.readSome(fd, status); n != 1 || err != nil {
		return 1
	}
	return int(status[0])
}

func (s stage) String() string {
	return fmt.Sprintf("%s:%d:%d", s.name, s.report, s.first)
}

func parseStage(value string) (stage, error) {
	fields := strings.Split(value, ":")
	if len(fields) != 3 || fields[0] != leads && fields[0] != serves {
		return stage{}, errors.New("not a stage")
	}
	report, err := strconv.Atoi(fields[1])
	if err != nil || report < reportFD {
		return stage{}, errors.New("not a descriptor")
	}
	first, err := strconv.Atoi(fields[2])
	if err != nil || first <= 0 {
		return stage{}, errors.New("not a pid")
	}
	return stage{name: fields[0], report: report, first: first}, nil
}

func withoutVariable(env []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		return strings.HasPrefix(v, name+"=")
	})
}
