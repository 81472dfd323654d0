package check

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/unitfile"
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
	list, err := unitfile.Words(inner)
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

// scriptIn is that of a shell anywhere in a command line, as behind the bridge.
func scriptIn(argv []string) string {
	for i, word := range argv {
		if !slices.Contains(shells, filepath.Base(word)) {
			continue
		}
		if script, ok := scriptOf(argv[i:]); ok {
			return script
		}
	}
	return ""
}

var execWord = pattern(`(?:^|[;&|({\n])\s*(?:[A-Za-z_]\w*=\S*\s+)*exec\s+([^<>\s].*)`)

// execOf is the command that a script execs, else its last one.
func execOf(script string) (command string, execs bool) {
	if m := execWord().FindStringSubmatch(script); m != nil {
		command, execs = m[1], true
	} else {
		parts := separated().Split(strings.TrimRight(script, ";&| \n"), -1)
		command = strings.TrimSpace(parts[len(parts)-1])
	}
	command, rest := firstOf(command)
	if strings.HasPrefix(rest, "|") && !strings.HasPrefix(rest, "||") || strings.HasPrefix(rest, "&") && !strings.HasPrefix(rest, "&&") {
		execs = false // of a pipeline, or in the background: a fork all the same
	}
	for {
		word, rest, ok := strings.Cut(command, " ")
		if !ok || !assignment().MatchString(word) {
			return command, execs
		}
		command = strings.TrimSpace(rest)
	}
}

// firstOf is the first command of a script, and what stands behind it.
func firstOf(script string) (command, rest string) {
	quote := byte(0)
	for i := 0; i < len(script); i++ {
		switch c := script[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '\\':
			i++
		case c == '&' && (i > 0 && script[i-1] == '>' || i+1 < len(script) && script[i+1] == '>'): // 2>&1
		case strings.IndexByte(";&|\n", c) >= 0:
			return script[:i], script[i:]
		}
	}
	return script, ""
}

var assignment = pattern(`^[A-Za-z_][A-Za-z0-9_]*=`)
