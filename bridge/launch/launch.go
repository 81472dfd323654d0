package launch

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sdbridge/sdbridge/activation"
)

// Launch is what one generation is started with. It is never changed; copies
// may share it.
type Launch struct {
	Path      string       // the file to execute, absolute
	Args      []string     // argv; its first is the command as it was written
	Dir       string       // a real directory; empty: the bridge's own
	Env       []string     // complete, but for what For adds and for LISTEN_PID
	Sockets   []Descriptor // beside 0, 1 and 2, which are inherited
	ListenFDS bool         // LISTEN_FDS is in Env: the child must find its own pid in LISTEN_PID
}

// For is the launch of one generation: with SERVER_STARTER_GENERATION, and with
// the variables ("NAME=value") that are that generation's alone, such as its
// NOTIFY_SOCKET. Both win over what the environment has. To repeat a launch,
// call For on what Prepare returned.
func (l Launch) For(generation int, own ...string) Launch {
	own = append([]string{activation.StarterGeneration + "=" + strconv.Itoa(generation)}, own...)
	replaced := func(old string) bool {
		return slices.ContainsFunc(own, func(v string) bool { return nameOf(v) == nameOf(old) })
	}
	l.Env = append(slices.DeleteFunc(slices.Clone(l.Env), replaced), own...)
	return l
}

func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

// Usable tells whether this can still be executed: a [*DirError] or a
// [*CommandError] says that its release is gone. It blocks as Prepare does.
func (l Launch) Usable() error {
	if l.Dir != "" {
		if err := enterable(l.Dir); err != nil {
			return &DirError{Dir: l.Dir, Err: err}
		}
	}
	if err := executable(l.Path); err != nil {
		return &CommandError{Command: l.Args[0], Path: l.Path, Err: err}
	}
	return nil
}
