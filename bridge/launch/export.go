package launch

import "fmt"

// Export is a set of conventions by which the child is told of its sockets.
type Export uint8

// The conventions, and both at once, which is what `run` does by default.
const (
	Starter Export = 1 << iota // SERVER_STARTER_PORT
	Systemd                    // LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID
	Both    = Starter | Systemd
)

// ParseExport reads the value of --export.
func ParseExport(value string) (Export, error) {
	switch value {
	case "both":
		return Both, nil
	case "starter":
		return Starter, nil
	case "systemd":
		return Systemd, nil
	}
	return 0, fmt.Errorf("unknown convention --export %q; write both, starter or systemd", value)
}
