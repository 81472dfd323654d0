package starter

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	defaults := Options{Interval: time.Second, SignalOnHUP: "TERM", SignalOnTERM: "TERM", Command: words("app")}
	tests := map[string]struct {
		args string
		want func(*Options)
	}{
		"defaults":             {"app", func(*Options) {}},
		"sockets":              {"--port 80 --path /s --port=[::]:80=5 app", func(o *Options) { o.Ports, o.Paths = words("80 [::]:80=5"), words("/s") }},
		"last wins":            {"--dir a --dir b app", func(o *Options) { o.Dir = "b" }},
		"no interval":          {"--interval 0 app", func(o *Options) { o.Interval = 0 }},
		"negative interval":    {"--interval=-5 app", func(o *Options) { o.Interval = 0 }},
		"backlog":              {"--backlog 16384 app", func(o *Options) { o.Backlog = 16384 }},
		"files":                {"--pid p --stat s --log l app", func(o *Options) { o.PidFile, o.StatusFile, o.LogFile = "p", "s", "l" }},
		"signals":              {"--signal-on-hup=sigusr1 --signal-on-term Quit app", func(o *Options) { o.SignalOnHUP, o.SignalOnTERM = "USR1", "QUIT" }},
		"false signals":        {"--signal-on-hup=0 app", func(*Options) {}},
		"numbered signal":      {"--signal-on-hup=10 app", func(o *Options) { o.SignalOnHUP = "10" }},
		"environment":          {"--envdir e --auto=7 --kill-old-delay 0 app", func(o *Options) { o.EnvDir, o.AutoRestartInterval, o.KillOldDelay = new("e"), new(7), new(0) }},
		"auto-restart":         {"--enable-auto-restart app", func(o *Options) { o.EnableAutoRestart = new(true) }},
		"auto-restart=1":       {"--enable-auto-restart=1 app", func(o *Options) { o.EnableAutoRestart = new(true) }},
		"auto-restart=0":       {"--enable-auto-restart=0 app", func(o *Options) { o.EnableAutoRestart = new(false) }},
		"daemonize":            {"--daemonize --log-file l app", func(o *Options) { o.Daemonize, o.LogFile = true, "l" }},
		"restart without app":  {"--restart --pid-file p --status-file s", func(o *Options) { o.Restart, o.PidFile, o.StatusFile, o.Command = true, "p", "s", nil }},
		"stop with a command":  {"--stop --pid-file p -- app", func(o *Options) { o.Stop, o.PidFile = true, "p" }},
		"help goes before all": {"--help --restart", func(o *Options) { o.Help, o.Restart, o.Command = true, true, nil }},
		"version":              {"--version", func(o *Options) { o.Version, o.Command = true, nil }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := defaults
			test.want(&want)
			got, err := Parse(words(test.args))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for args, parts := range map[string][]string{
		"":                               {"server program not specified", "-- program"},
		"--port 80":                      {"server program not specified"},
		"--restart --pid-file p":         {"--restart option requires --pid-file and --status-file to be set as well"},
		"--restart --status-file s":      {"--restart option requires"},
		"--stop":                         {"--stop option requires --pid-file to be set as well"},
		"--daemonize app":                {"--log-file option must be specified together with --daemonize", "--log-file=FILE"},
		"--signal-on-hup=FOO app":        {`"FOO"`, "signal-on-hup", "QUIT"},
		"--signal-on-term=99 app":        {`"99"`, "signal-on-term"},
		"--bogus app":                    {"Unknown option: bogus", "--help"},
		"--daemonize=yes --log-file l x": {"does not take an argument", "write --daemonize instead of --daemonize=yes"},
	} {
		t.Run(args, func(t *testing.T) {
			_, err := Parse(words(args))
			wantError(t, err, parts...)
		})
	}
}

// TestOptionsAreSet demands that every option of the table changes something.
func TestOptionsAreSet(t *testing.T) {
	for _, option := range options {
		var o Options
		o.set(option.name, "1")
		if reflect.DeepEqual(o, Options{}) {
			t.Errorf("--%s changes nothing", option.name)
		}
		if !strings.Contains(Help(), "--"+option.name) || option.help == "" {
			t.Errorf("--%s is not in the help", option.name)
		}
	}
}
