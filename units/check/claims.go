package check

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// binding are the options by which programs are told what to bind; also those of
// unsureBinding, when it is not known which program it is. Of such a one any may be
// something else: --port that of its metrics.
var (
	binding = []string{
		"--bind", "--port", "--listen", "--http", "--http-socket", "--uds", "--unix-socket", "-port", "-listen", "-bind",
	}
	unsureBinding = []string{"-b", "-p", "-l", "--address", "--addr", "-addr"}
)

// ownBinding are those of one program alone. A short option of a program that is
// here is something else: -p is a file of hypercorn, a number of uwsgi.
var ownBinding = map[string][]string{
	"uwsgi": {"--socket", "-s"}, "start_server": {"--path"}, "nginx": {}, "h2o": {},
	"uvicorn": {}, "gunicorn": {"-b"}, "hypercorn": {"-b"}, "puma": {"-b", "-p"}, "unicorn": {"-l", "-p"}, "rails": {"-p"}, "rackup": {"-p"}, "daphne": {"-p", "-u"},
}

// anyIPv4 are servers for which a bare port is 0.0.0.0.
var anyIPv4 = []string{"puma", "start_server", "starlet", "starman", "gazelle", "monoceros", "twiggy", "rackup", "unicorn"}

// addresses are those that a command line names.
func (l launch) addresses() (list []address) {
	server := l.server()
	own, is := ownBinding[server]
	known := is || slices.Contains(anyIPv4, server) || server == "feersum"
	host, _ := l.has("--host")
	if _, handed := l.has("--fd"); handed || len(l.argv) == 0 {
		return nil
	}
	for i, word := range l.argv[1:] {
		option, value, joined := strings.Cut(word, "=")
		text := word
		if !joined && i+2 < len(l.argv) {
			value = l.argv[i+2]
			text = word + " " + value
		}
		if short := word[:min(2, len(word))]; len(word) > 2 && slices.Contains(own, short) { // -p8080
			option, value, text = short, strings.TrimPrefix(word[2:], "="), word
		}
		maybe := !is && slices.Contains(unsureBinding, option)
		switch {
		case strings.HasPrefix(word, "tcp://"), strings.HasPrefix(word, "unix:"):
			if i > 0 && strings.HasPrefix(l.argv[i], "-") && !strings.Contains(l.argv[i], "=") { // of an option that binds nothing
				continue
			}
			text, value = word, word
		case !maybe && !slices.Contains(binding, option) && !slices.Contains(own, option):
			continue
		}
		a, ok := named(value)
		if !ok || slices.ContainsFunc(list, func(b address) bool { return a.path == b.path && a.port == b.port }) {
			continue
		}
		if a.port > 0 && a.host == "" {
			a.host = l.anyHost(host)
		}
		a.text, a.unsure = text, !known
		list = append(list, a)
	}
	return list
}

// anyHost is where a port without a host is bound, as far as that is known.
func (l launch) anyHost(option string) string {
	switch {
	case option == "localhost":
		return "127.0.0.1"
	case vague(option):
		return "*"
	case option != "":
		return strings.Trim(option, "[]")
	case slices.Contains(anyIPv4, l.server()):
		return "0.0.0.0"
	}
	return "*"
}

// named reads an address as command lines have it: 8080, :8080, *:8080,
// host:8080, tcp://host:8080, /path, unix:/path, unix:///path.
func named(value string) (address, bool) {
	value, _, _ = strings.Cut(value, "?")
	if strings.HasPrefix(value, "fd:") || vague(value) { // handed; not known
		return address{}, false
	}
	if rest, ok := strings.CutPrefix(value, "unix:"); ok {
		if !strings.HasPrefix(rest, "/") {
			return address{path: canonical(rest)}, rest != ""
		}
		value = "/" + strings.TrimLeft(rest, "/")
	}
	if _, rest, ok := strings.Cut(value, "://"); ok {
		value = strings.TrimRight(rest, "/")
	}
	if strings.HasPrefix(value, "/") || strings.HasPrefix(value, "@") {
		return address{path: canonical(value)}, len(value) > 1
	}
	host, port := "", value
	if i := strings.LastIndexByte(value, ':'); i >= 0 {
		host, port = strings.Trim(value[:i], "[]"), value[i+1:]
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(port, "u"), 10, 16)
	if err != nil || n == 0 {
		return address{}, false
	}
	switch ip, err := netip.ParseAddr(host); {
	case err == nil:
		host = ip.String()
	case host == "localhost":
		host = "127.0.0.1"
	case strings.Contains(host, "/"):
		return address{}, false
	}
	return address{host: host, port: int(n)}, true
}
