package starter

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOpenLogFile(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "log")
	for range 2 {
		log, err := OpenLog(path, nil)
		if err != nil || log.PID != 0 {
			t.Fatal(log, err)
		}
		if _, err := unix.Write(log.FD, []byte("line\n")); err != nil {
			t.Error(err)
		}
		_ = unix.Close(log.FD)
	}
	wantContent(t, path, "line\nline\n")
	_, err := OpenLog(filepath.Join(path, "none"), nil)
	wantError(t, err, "cannot open log file", path)
}

func TestOpenLogCommand(t *testing.T) {
	keepsDescriptors(t)
	path := filepath.Join(t.TempDir(), "log")
	for _, spec := range []string{`|cat > "$LOG"; echo end >> "$LOG"`, " \t| \n cat > \"$LOG\"; echo end >> \"$LOG\""} {
		log, err := OpenLog(spec, []string{"LOG=" + path, "PATH=/usr/bin:/bin"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := unix.Write(log.FD, []byte("line\n")); err != nil {
			t.Error(err)
		}
		_ = unix.Close(log.FD)
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(log.PID, &status, 0, nil); err != nil || status != 0 {
			t.Errorf("the command ended with %d, %v", status, err)
		}
		wantContent(t, path, "line\nend\n")
	}
}

func TestOpenLogCommandFails(t *testing.T) {
	keepsDescriptors(t)
	replace(t, &kernel.forkExec, func(string, []string, *syscall.ProcAttr) (int, error) { return 0, unix.EAGAIN })
	_, err := OpenLog("| cat", nil)
	wantError(t, err, "cannot run log command", `"cat"`)
	replace(t, &kernel.pipe2, func([]int, int) error { return unix.EMFILE })
	_, err = OpenLog("| cat", nil)
	wantError(t, err, "cannot make a pipe")
}

func TestRedirect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	cmd := helper(t, "redirect", path)
	if out, err := cmd.Output(); err != nil || len(out) != 0 {
		t.Fatalf("%q, %v", out, err)
	}
	wantContent(t, path, "to stdout\nto stderr\n")
}

func redirectHelper(args []string) int {
	log, err := OpenLog(args[0], nil)
	if err == nil {
		err = log.Redirect()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("to stdout")
	fmt.Fprintln(os.Stderr, "to stderr")
	return 0
}
