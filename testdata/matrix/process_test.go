package matrix

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must happen: far longer than it
// takes, for the machine may be busy.
const patience = 90 * time.Second

// program is a supervisor that runs, with all that it started.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	mark   string // stands in the environment of all that it starts
	exited chan struct{}

	mu   sync.Mutex
	said bytes.Buffer
}

// Write takes what the program and its children say.
func (p *program) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(text)
}

func (p *program) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// count is how often the text was said.
func (p *program) count(text string) int { return strings.Count(p.text(), text) }

// start runs a command in a session of its own. At the test's end it is stopped,
// and nothing of it may be left.
func start(t *testing.T, argv ...string) *program {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	p := &program{t: t, exited: make(chan struct{})}
	p.mark = fmt.Sprintf("SDBRIDGE_TEST=%s-%d", t.Name(), time.Now().UnixNano())
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append(os.Environ(), p.mark)
	p.cmd.Stdout, p.cmd.Stderr = write, write
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { // until the last of its children has closed it
		defer read.Close()
		_, _ = read.WriteTo(p)
	}()
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(p.cleanUp)
	return p
}

func (p *program) await(text string) {
	p.t.Helper()
	await(p.t, fmt.Sprintf("%q", text), func() bool {
		select {
		case <-p.exited:
			if !strings.Contains(p.text(), text) {
				p.t.Fatalf("it ended and did not say %q", text)
			}
		default:
		}
		return strings.Contains(p.text(), text)
	})
}

func (p *program) signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("cannot send %v: %v", sig, err)
	}
}

// stop tells it to stop by TERM and returns its exit status.
func (p *program) stop() int {
	p.t.Helper()
	p.signal(unix.SIGTERM)
	await(p.t, "the end", func() bool {
		select {
		case <-p.exited:
			return true
		default:
			return false
		}
	})
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) cleanUp() {
	select {
	case <-p.exited:
	default:
		p.stop()
	}
	// h2o's helpers end a moment after it.
	for deadline := time.Now().Add(5 * time.Second); len(p.own()) > 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	for _, pid := range p.own() {
		p.t.Errorf("pid %d is left behind", pid)
		_ = unix.Kill(pid, unix.SIGKILL)
	}
	if p.t.Failed() {
		p.t.Logf("%s\nsaid:\n%s", strings.Join(p.cmd.Args, " "), p.text())
	}
}

// own are the processes that come from p: they have its mark, or, where a title
// has overwritten that, its session.
func (p *program) own() []int {
	var own []int
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !lives(pid) {
			continue
		}
		env, _ := os.ReadFile("/proc/" + e.Name() + "/environ")
		session, _ := unix.Getsid(pid)
		if session == p.cmd.Process.Pid || bytes.Contains(env, []byte(p.mark+"\x00")) {
			own = append(own, pid)
		}
	}
	return own
}

// lives is false for a zombie, too.
func lives(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	return !bytes.HasPrefix(rest, []byte(" Z")) && !bytes.HasPrefix(rest, []byte(" X"))
}

// await waits until the condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
