package porting

import (
	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/bridge/starter"
)

// Service is one start_server command line, as a value: all that the text says
// of the service, and nothing that it does not say.
type Service struct {
	// Source says where it was found: "run:7", "app.service:4", "" for words
	// from the command line.
	Source string
	// Name is what the text calls it, a Procfile's "web:", [program:web], the
	// name of a unit file; "" where it has no name.
	Name string

	// Options are those of start_server, with known values put in; their
	// Command is empty. Given has the names of those that were given, as in
	// "kill-old-delay", also those that came by the environment.
	Options starter.Options
	Given   map[string]bool

	// Wrappers stood before start_server and must stay, now before the child:
	// ["carton", "exec", "--"]. Command is the child with what stands before it
	// behind start_server's --. Words are literal: "%" and "$" are not doubled,
	// but for those in Expanded.
	Wrappers []string
	Command  []string
	// Expanded has the NAME of each ${NAME} that systemd is to put in, from
	// Environment or a file, and the $NAME that it makes words of.
	Expanded []string

	// Environment has NAME=VALUE, in order; EnvironmentFiles as EnvironmentFile=
	// takes them, with a leading "-".
	Environment      []string
	EnvironmentFiles []string
	// Secrets has NAME=VALUE of those that look like passwords and keys: for a
	// file of mode 0600, not for the unit.
	Secrets []string
	// Directory is where start_server itself ran (cd, WorkingDirectory=); "" is
	// unknown. Options.Dir is the child's.
	Directory string
	// User, Group and UMask are those that wrappers or the unit set.
	User, Group, UMask string
	// AsRoot says that an old unit had no User=, so that its other Exec lines ran as
	// root.
	AsRoot bool
	// Unit has the other lines of an old unit, and what ulimit and the like come
	// to: LimitNOFILE=, After=, MemoryMax=. What the pair itself decides (Type=,
	// PIDFile=, ExecReload=) is not among them.
	Unit []*unit.UnitOption

	// Missing is what the text computes (a variable that is set elsewhere, a
	// command's output): it is never guessed.
	Missing []Missing
	// Notes say what was not carried over, and what to write instead.
	Notes []string
}

// Missing is a value that only running the text would give.
type Missing struct {
	Text   string // as it stands there: "$PORT", "$(nproc)"
	Where  string // what it is a part of: "--port", "the child's --max-workers", "cd"
	Remedy string // the flag that gives it: "--set PORT=8080"
}
