package porting

import (
	"slices"
	"strings"
)

// readKeys are those beside a command that are read, or that a unit needs no word
// for.
var readKeys = []string{
	"command", "entrypoint", "args", "name", "working_dir", "workingDir", "user",
	"image", "build", "container_name", "restart", "init", "tty", "stdin_open", "imagePullPolicy",
}

// unreadKeys are the others beside the one in line at, as a note names them.
func unreadKeys(lines []string, at, indent int) string {
	var keys []string
	begin, end := block(lines, at, indent)
	for _, line := range lines[begin : end+1] {
		m := yamlKey().FindStringSubmatch(line)
		item := strings.HasPrefix(strings.TrimSpace(line), "- ")
		if m == nil || len(m[1]) != indent && !(item && len(m[1]) == indent-2) || slices.Contains(readKeys, m[2]) {
			continue
		}
		keys = append(keys, m[2]+":")
	}
	return strings.Join(unique(keys), ", ")
}
