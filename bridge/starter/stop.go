package starter

import (
	"os"

	"golang.org/x/sys/unix"
)

// Logf takes a line without a newline, for people.
type Logf func(format string, args ...any)

// Stop is --stop: it tells the bridge of the pid file to stop and waits, without
// a limit, until it is gone.
func Stop(pidFile string, logf Logf) error {
	bridge, err := findRunning(pidFile)
	if err != nil {
		return err
	}
	defer bridge.close()
	logf("%s", sayStopServer(os.Getpid(), bridge.pid))
	if err := bridge.signal(unix.SIGTERM); err != nil {
		return err
	}
	_, err = bridge.goneWithin(-1)
	return err
}
