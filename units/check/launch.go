package check

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// launch is what a command line comes to once its wrappers are looked through.
type launch struct {
	argv   []string // of the program itself
	parent string   // what stays between as its parent: "/bin/sh -c", "npm"; "": nothing
	user   string   // what makes it another user: "setuidgid www"
	setsID bool     // that needs a setuid program: sudo
}

// name is the program's; of an interpreter's, the script's.
func (l launch) name() string {
	if len(l.argv) == 0 {
		return ""
	}
	name := filepath.Base(l.argv[0])
	if !interpreter().MatchString(name) {
		return name
	}
	for i, word := range l.argv[1:] {
		switch {
		case word == "-m" && i+2 < len(l.argv):
			return l.argv[i+2]
		case !strings.HasPrefix(word, "-"):
			return filepath.Base(word)
		}
	}
	return name
}

// pattern is compiled when it is needed: this package is linked into a program
// that runs for months without it.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

var interpreter = pattern(`^(perl|python|ruby|pypy)[0-9.]*$`)

// has tells whether the command line has one of these options, and its value.
func (l launch) has(options ...string) (value string, ok bool) {
	for i, word := range l.argv {
		option, value, joined := strings.Cut(word, "=")
		if slices.Contains(options, option) {
			if !joined && i+1 < len(l.argv) {
				value = l.argv[i+1]
			}
			return value, true
		}
	}
	return "", false
}

// server is the kind of server, by the names that the rules know.
func (l launch) server() string {
	name := strings.ToLower(l.name())
	switch name {
	case "plackup":
		if handler, ok := l.has("-s", "--server"); ok {
			return strings.ToLower(handler)
		}
		for _, word := range l.argv {
			if handler, ok := strings.CutPrefix(word, "-s"); ok && handler != "" {
				return strings.ToLower(handler)
			}
		}
	case "nodejs":
		return "node"
	case "start_server.rb":
		return "start_server"
	case "unicorn_rails":
		return "unicorn"
	}
	return name
}

// wrapper is a program that starts another one.
type wrapper struct {
	stays  bool     // as its parent
	user   int      // operands that name a user
	skip   int      // operands before the command
	values []string // options that have a value in the next word
	users  []string // those of them that name a user
	setsID bool     // is a setuid program

	first func() *regexp.Regexp // an operand that may stand before the options
}

var wrappers = sync.OnceValue(func() map[string]wrapper {
	known := map[string]wrapper{
		"env": {values: []string{"-u", "-C", "--chdir", "--unset"}}, "exec": {}, "nohup": {}, "setsid": {}, "stdbuf": {values: []string{"-i", "-o", "-e"}},
		"nice": {values: []string{"-n"}}, "ionice": {values: []string{"-c", "-n"}}, "chrt": {skip: 1},
		"taskset": {skip: 1}, "catchsegv": {stays: true}, "envdir": {skip: 1}, "softlimit": {values: []string{"-m", "-o", "-d", "-s", "-a"}},
		"setuidgid": {user: 1}, "s6-setuidgid": {user: 1}, "gosu": {user: 1}, "su-exec": {user: 1}, "envuidgid": {skip: 1},
		"chpst":   {values: []string{"-u", "-U", "-e", "-m", "-o", "-d", "-s", "-/", "-b"}, users: []string{"-u"}},
		"setpriv": {values: []string{"--reuid", "--regid", "--groups", "--bounding-set", "--inh-caps"}, users: []string{"--reuid"}},
		"sudo":    {stays: true, setsID: true, values: []string{"-u", "-g", "--user", "--group"}, users: []string{"-u", "--user"}},
		"runuser": {stays: true, values: []string{"-u", "-g", "--user"}, users: []string{"-u", "--user"}},
		"timeout": {stays: true, skip: 1, values: []string{"-k", "-s"}}, "flock": {stays: true, skip: 1},
		"poetry": {stays: true, skip: 1}, "pipenv": {stays: true, skip: 1}, "uv": {stays: true, skip: 1}, "rvm": {stays: true, skip: 2},
		"conda":     {stays: true, skip: 1, values: []string{"-n", "--name", "-p", "--prefix"}},
		"rvm-shell": {stays: true}, "tini": {stays: true}, "dumb-init": {stays: true}, "strace": {stays: true}, "script": {stays: true},
		"doppler":  {stays: true, skip: 1, values: []string{"-p", "-c", "-t", "--project", "--config", "--token"}},
		"xvfb-run": {stays: true, values: []string{"-n", "-s", "-e", "-f", "-p", "-w", "--server-num", "--server-args", "--error-file", "--auth-file"}}, "catatonit": {stays: true},
		"prlimit": {values: []string{"-o", "--output"}}, "choom": {values: []string{"-n", "--adjust"}}, "cgexec": {values: []string{"-g"}},
		"systemd-cat": {values: []string{"-t", "-p", "--identifier", "--priority", "--stderr-priority", "--level-prefix"}},
		"numactl":     {values: []string{"-m", "-N", "-C", "-i", "-p", "--membind", "--cpunodebind", "--physcpubind", "--interleave", "--preferred"}},
		"setarch":     {first: architecture}, "linux64": {}, "linux32": {},
		"runcon": {first: label, values: []string{"-t", "-u", "-r", "-l", "--type", "--user", "--role", "--range"}},
		"bundle": {skip: 1}, "carton": {skip: 1}, "rbenv": {skip: 1}, "plenv": {skip: 1}, "pyenv": {skip: 1},
	}
	for _, name := range opaque {
		known[name] = wrapper{stays: true, setsID: name == "su"}
	}
	return known
})

var (
	architecture = pattern(`^(linux32|linux64|uname26|i[3-6]86|x86_64|arm.*|aarch64|ppc.*|s390.*|riscv.*)$`)
	label        = pattern(`^\w+:\w+:\w+`) // of SELinux
)

// opaque are launchers whose command lines do not say what is run.
var opaque = []string{
	"npm", "npx", "yarn", "pnpm", "nodemon", "pm2", "pm2-runtime", "foreman", "honcho", "overmind", "supervisord",
	"make", "mvn", "gradle", "go", "docker", "docker-compose", "podman", "screen", "tmux", "su",
}

// containing are the commands of docker that start a program elsewhere.
var containing = []string{"run", "exec", "start", "compose"}

func (l launch) says(word string) bool { return slices.Contains(l.argv[1:], word) }

// launched looks through the wrappers of a command line.
func launched(argv []string) launch {
	l := launch{argv: argv}
	for range 16 {
		if len(l.argv) == 0 || !l.unwrap() && !l.unshell() {
			break
		}
	}
	return l
}

// bridged looks for the bridge behind a launcher that is not known. One that runs
// its program elsewhere says nothing of it.
func (l launch) bridged() launch {
	if slices.Contains(opaque, l.parent) || l.name() == "sdbridge" || l.name() == "podman" || l.server() == "start_server" {
		return l
	}
	for i := 1; i+1 < len(l.argv); i++ {
		if filepath.Base(l.argv[i]) == "sdbridge" && (l.argv[i+1] == "run" || l.argv[i+1] == "start_server") {
			l.argv = l.argv[i:]
			break
		}
	}
	return l
}

func (l *launch) unwrap() bool {
	name := filepath.Base(l.argv[0])
	w, known := wrappers()[name]
	if !known || name == "docker" && !slices.ContainsFunc(containing, l.says) || name == "podman" && !l.says("exec") {
		return false // podman run hands the sockets on
	}
	if w.first != nil && len(l.argv) > 1 && w.first().MatchString(l.argv[1]) {
		l.argv = append(l.argv[:1:1], l.argv[2:]...)
	}
	rest := l.options(w, name)
	if w.stays && l.parent == "" {
		l.parent = name
	}
	if l.user == "" && (name == "sudo" || name == "su" || name == "runuser") {
		l.user = name
	}
	if w.user > 0 && len(rest) > 0 {
		l.user = name + " " + rest[0]
	}
	l.setsID = l.setsID || w.setsID
	if slices.Contains(opaque, name) {
		return false
	}
	l.argv = rest[min(len(rest), w.user+w.skip):]
	for w.skip > 0 && len(l.argv) > 0 && strings.HasPrefix(l.argv[0], "-") { // bundle exec --keep-file-descriptors
		l.argv = l.argv[1:]
	}
	if len(l.argv) > 0 && l.argv[0] == "--" {
		l.argv = l.argv[1:]
	}
	return true
}

// options skips a wrapper's options, and the assignments of env.
func (l *launch) options(w wrapper, name string) []string {
	rest := l.argv[1:]
	for len(rest) > 0 && (strings.HasPrefix(rest[0], "-") || name == "env" && strings.Contains(rest[0], "=")) {
		word := rest[0]
		rest = rest[1:]
		if word == "--" {
			break
		}
		option, _, joined := strings.Cut(word, "=")
		if !joined && slices.Contains(w.values, option) && len(rest) > 0 {
			word += " " + rest[0]
			rest = rest[1:]
		}
		names := func(u string) bool { return option == u || len(u) == 2 && strings.HasPrefix(option, u) }
		if slices.ContainsFunc(w.users, names) {
			l.user = name + " " + word
		}
	}
	return rest
}
