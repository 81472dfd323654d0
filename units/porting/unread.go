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
		if m == nil || slices.Contains(readKeys, m[2]) {
			continue
		}
		firstOfItem := strings.HasPrefix(strings.TrimSpace(line), "- ") && len(m[1]) == indent-2
		if firstOfItem || len(m[1]) == indent {
			keys = append(keys, m[2]+":")
		}
	}
	return strings.Join(unique(keys), ", ")
}
