package starter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/bridge/process"
)

// Options is a start_server command line. A scalar option that is given more
// than once has its last value.
type Options struct {
	Ports []string // --port: [host:][u]port[=fd], unchecked
	Paths []string // --path: files of Unix sockets

	Interval   time.Duration // --interval: least age of a generation that counts as up; 1 s
	Backlog    int           // --backlog; 0 is the default, SOMAXCONN
	Dir        string        // --dir: where the command runs
	LogFile    string        // --log-file: see OpenLog
	PidFile    string        // --pid-file
	StatusFile string        // --status-file

	// --signal-on-hup and --signal-on-term, in capitals and without SIG, as
	// Perl logs them; known to process.SignalNumber. The default is TERM.
	SignalOnHUP, SignalOnTERM string

	// The four that stand for an environment variable: nil when not given. See
	// Environ and ReadOverrides. The numbers are seconds.
	EnvDir              *string
	EnableAutoRestart   *bool
	AutoRestartInterval *int
	KillOldDelay        *int

	Daemonize, Restart, Stop, Help, Version bool

	Command []string // the program and its arguments
}

// Defaults are the Options of an empty command line.
func Defaults() Options {
	return Options{Interval: time.Second, SignalOnHUP: "TERM", SignalOnTERM: "TERM"}
}

// Parse reads the arguments behind start_server's name. Every error is a
// *UsageError. The command may be missing with --help, --version, --restart
// and --stop only; the files that these need must be there.
func Parse(args []string) (Options, error) {
	o := Defaults()
	settings, command, err := scan(args)
	if err != nil {
		return Options{}, err
	}
	for _, s := range settings {
		o.set(s.option.name, s.value)
	}
	o.Command = command
	if err := o.validate(); err != nil {
		return Options{}, err
	}
	return o, nil
}

// set takes the value that the parser checked; of a flag it is "1".
func (o *Options) set(name, v string) {
	switch name {
	case "port":
		o.Ports = append(o.Ports, v)
	case "path":
		o.Paths = append(o.Paths, v)
	case "interval":
		o.Interval = seconds(float64(number(v)))
	case "log-file":
		o.LogFile = v
	case "pid-file":
		o.PidFile = v
	case "dir":
		o.Dir = v
	case "signal-on-hup":
		o.SignalOnHUP = signalOrTERM(v)
	case "signal-on-term":
		o.SignalOnTERM = signalOrTERM(v)
	case "backlog":
		o.Backlog = number(v)
	case "envdir":
		o.EnvDir = &v
	case "enable-auto-restart":
		o.EnableAutoRestart = new(v == "1")
	case "daemonize":
		o.Daemonize = true
	case "auto-restart-interval":
		o.AutoRestartInterval = new(number(v))
	case "kill-old-delay":
		o.KillOldDelay = new(number(v))
	case "status-file":
		o.StatusFile = v
	case "restart":
		o.Restart = true
	case "stop":
		o.Stop = true
	case "help":
		o.Help = true
	case "version":
		o.Version = true
	}
}

func (o *Options) validate() error {
	switch {
	case o.Help || o.Version:
		return nil
	case o.Restart && (o.PidFile == "" || o.StatusFile == ""):
		return &UsageError{
			Reason: "--restart option requires --pid-file and --status-file to be set as well",
			Remedy: "give those that start_server was started with",
		}
	case o.Restart:
		return nil
	case o.Stop && o.PidFile == "":
		return &UsageError{
			Reason: "--stop option requires --pid-file to be set as well",
			Remedy: "give the one that start_server was started with",
		}
	case o.Stop:
		return nil
	case o.Daemonize && o.LogFile == "":
		return &UsageError{
			Reason: "--log-file option must be specified together with --daemonize",
			Remedy: "add --log-file=FILE",
		}
	case len(o.Command) == 0:
		return &UsageError{
			Reason: "server program not specified",
			Remedy: "write start_server [options] -- program [argument…]",
		}
	}
	return o.validateSignals()
}

func (o *Options) validateSignals() error {
	for _, s := range []struct{ flag, name string }{
		{"signal-on-hup", o.SignalOnHUP},
		{"signal-on-term", o.SignalOnTERM},
	} {
		if _, err := process.SignalNumber(s.name); err != nil {
			return &UsageError{
				Reason: fmt.Sprintf("Value %q invalid for option %s (signal expected)", s.name, s.flag),
				Remedy: fmt.Sprintf("write a name such as --%s=QUIT", s.flag),
			}
		}
	}
	return nil
}

// signalName puts name as Perl's kill wants it.
func signalName(name string) string {
	return strings.TrimPrefix(strings.ToUpper(name), "SIG")
}

// signalOrTERM is signalName with Perl's default for what is false.
func signalOrTERM(name string) string {
	if !truth(name) {
		return "TERM"
	}
	return signalName(name)
}

// number is the value of an integer option; the parser let only digits through.
func number(value string) int {
	n, _ := strconv.Atoi(value) // beyond the range: the nearest that fits
	return n
}

// seconds makes a duration that is neither negative nor overflows.
func seconds(n float64) time.Duration {
	const most = float64(math.MaxInt64) / float64(time.Second) / 2
	return time.Duration(min(max(n, 0), most) * float64(time.Second))
}
