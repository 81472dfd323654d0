package check

import (
	"path/filepath"
	"slices"
	"strings"
)

var shells = []string{"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"}

// unshell looks into `sh -c '…'`. Only exec takes the shell away: bash runs a
// single command without a fork, dash does not.
func (l *launch) unshell() bool {
	name := filepath.Base(l.argv[0])
	script, ok := scriptOf(l.argv)
	if !ok || !slices.Contains(shells, name) {
		return false
	}
	inner, execs := execOf(script)
	if !execs && l.parent == "" {
		l.parent = l.argv[0] + " -c"
	}
	list, err := words(inner)
	if err != nil || len(list) == 0 {
		return false
	}
	l.argv = list
	return true
}

// scriptOf is the text behind -c, also in -lc.
func scriptOf(argv []string) (string, bool) {
	for i, word := range argv[1:] {
		if strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.HasSuffix(word, "c") && i+2 < len(argv) {
			return argv[i+2], true
		}
	}
	return "", false
}

var execWord = pattern(`(?:^|[;&|({\n])\s*(?:[A-Za-z_]\w*=\S*\s+)*exec\s+([^<>\s].*)`)

// execOf is the command that a script execs, else its last one.
func execOf(script string) (command string, execs bool) {
	command = script
	if m := execWord().FindStringSubmatch(script); m != nil {
		command, execs = m[1], true
	} else {
		parts := separated().Split(strings.TrimRight(script, ";&| \n"), -1)
		command = strings.TrimSpace(parts[len(parts)-1])
	}
	if end := strings.IndexAny(command, ";&|\n"); end >= 0 {
		command = command[:end]
	}
	for {
		word, rest, ok := strings.Cut(command, " ")
		if !ok || !assignment().MatchString(word) {
			return command, execs
		}
		command = strings.TrimSpace(rest)
	}
}

var assignment = pattern(`^[A-Za-z_][A-Za-z0-9_]*=`)
