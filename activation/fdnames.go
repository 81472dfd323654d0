package activation

import (
	"fmt"
	"strings"
)

func fdNames(lookup func(string) (string, bool), n int) ([]string, error) {
	value, ok := lookup(ListenFDNames)
	if !ok {
		return make([]string, n), nil
	}
	names := strings.Split(value, ":")
	if len(names) != n {
		return nil, &EnvError{
			Var: ListenFDNames, Value: value,
			Problem: fmt.Sprintf("has another count of names (%d) than LISTEN_FDS has of descriptors (%d)", len(names), n),
			Remedy:  "give each descriptor one name, or unset LISTEN_FDNAMES",
		}
	}
	return names, nil
}

// unnamed is what sd_listen_fds_with_names(3) calls a descriptor with no name.
const unnamed = "unknown"

// maxFDName is the longest name in bytes that sd_pid_notify_with_fds(3) allows.
const maxFDName = 255

// FDNames renders LISTEN_FDNAMES; "" becomes "unknown", names may repeat. The
// error is an [*EnvError] when a name breaks the rules that FDNAME= has in
// sd_pid_notify_with_fds(3): ASCII, neither control characters nor a colon, 255
// bytes at most; or when the value is longer than one variable can be.
func FDNames(names []string) (string, error) {
	out := make([]string, len(names))
	for i, name := range names {
		if problem := fdNameProblem(name); problem != "" {
			return "", &EnvError{
				Var: ListenFDNames, Value: name, Problem: problem,
				Remedy: "choose another FileDescriptorName=",
			}
		}
		out[i] = name
		if name == "" {
			out[i] = unnamed
		}
	}
	return fitting(ListenFDNames, strings.Join(out, ":"))
}

func fdNameProblem(name string) string {
	switch {
	case len(name) > maxFDName:
		return fmt.Sprintf("is longer than %d bytes", maxFDName)
	case strings.Contains(name, ":"):
		return `holds a ":", which separates names`
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }):
		return "holds a character that is not printable ASCII"
	}
	return ""
}
