package pair

import (
	"path"
	"slices"
	"strings"
)

// child is what is known of a server that start_server runs, each seen with the
// server itself. Of a program that is not in the table nothing is
// known, and what start_server did is done.
type child struct {
	name   string // its program, or what the -s of plackup and rackup says
	loaded bool   // it is the latter

	stop    string // the signal at which it finishes its requests; "": TERM
	cuts    string // signals that don't let it
	cutting string // what they do

	ipv4     string // why it gets no AF_INET6 socket; "": it takes both
	noPath   string // why it gets no Unix socket
	several  string // what it does with more than one socket
	flags    []string
	status   bool   // it reads --status-file
	bareName bool   // it wants "8080" for an entry name
	users    bool   // it drops root by --user and --group
	note     string // what else is to be seen to
}

const (
	orphans  = "kills its master and leaves workers that accept with the old code"
	cutShort = "cuts requests short"
	diesOn6  = "reads an IPv6 address as an IPv4 one and dies"
	onlyTCP  = "takes every socket for TCP"
	random   = "takes one of them, at random"
)

// status: a hook in the configuration of Unicorn finds the old pid in the file.
var children = []child{
	{name: "Starlet", loaded: true, cuts: "QUIT INT", cutting: orphans, ipv4: diesOn6},
	{name: "Gazelle", loaded: true, cuts: "QUIT INT", cutting: orphans, ipv4: "takes each client of an IPv6 socket for 0.0.0.0", several: random},
	{name: "Monoceros", loaded: true, ipv4: diesOn6, noPath: onlyTCP, several: random},
	{name: "Starman", loaded: true, stop: "QUIT", cuts: "TERM", cutting: cutShort, ipv4: diesOn6, noPath: onlyTCP, users: true},
	{name: "Twiggy", loaded: true, stop: "QUIT", cuts: "TERM", cutting: cutShort, noPath: onlyTCP},
	{name: "FCGI", loaded: true, several: "dies", flags: []string{"--drain-timeout=5"}},
	{name: "Rhebok", loaded: true, several: "takes the first alone"},
	{name: "starman", stop: "QUIT", cuts: "TERM", cutting: cutShort, ipv4: diesOn6, noPath: onlyTCP, users: true},
	{name: "twiggy", stop: "QUIT", cuts: "TERM", cutting: cutShort, noPath: onlyTCP},
	{name: "h2o", cuts: "QUIT INT", cutting: cutShort, note: "h2o wants each socket as a listen: of its configuration, with the same address; and remove user: there, which wants to be started as root: User= has done it"},
	{name: "unicorn", stop: "QUIT", cuts: "TERM", cutting: cutShort, status: true},
	{name: "unicorn_rails", stop: "QUIT", cuts: "TERM", cutting: cutShort, status: true},
	{name: "puma", cuts: "QUIT", cutting: cutShort, note: "Puma takes all sockets by itself (LISTEN_FDS); with the server-starter gem it takes the first alone"},
	{name: "gunicorn", cuts: "QUIT", cutting: cutShort, users: true},
	{name: "uvicorn", several: "takes one, that of its --fd"},
	{name: "clackup", several: "takes the first alone", bareName: true, ipv4: "is not known to take an IPv6 socket"},
	{name: "node"},
}

// childOf finds the server among words, where scripts of sh -c count, too.
func childOf(words []string) child {
	words = strings.Fields(strings.Join(words, " "))
	for i, word := range words {
		base := path.Base(strings.Trim(word, `"'`))
		if base == "plackup" || base == "rackup" {
			return loadedServer(words[i+1:])
		}
		if j := slices.IndexFunc(children, func(c child) bool { return c.name == base && !c.loaded }); j >= 0 {
			return children[j]
		}
	}
	return child{}
}

// loadedServer reads -s NAME, -sNAME, --server NAME and --server=NAME.
func loadedServer(words []string) child {
	var name string
	for i, word := range words {
		if word == "-s" || word == "--server" || word == "-server" {
			name = strings.Join(words[i+1:min(i+2, len(words))], "")
		} else if v, ok := strings.CutPrefix(word, "--server="); ok {
			name = v
		} else if v, ok := strings.CutPrefix(word, "-s"); ok && v != "" && v[0] >= 'A' && v[0] <= 'Z' {
			name = v
		}
	}
	name = strings.Trim(name, `"'`)
	if j := slices.IndexFunc(children, func(c child) bool { return c.name == name && c.loaded }); j >= 0 {
		return children[j]
	}
	return child{}
}

// signal is what to tell it, given what start_server's option says, "" for
// nothing; why is a reason, or a warning.
func (c child) signal(flag, given string) (name, why string) {
	switch {
	case given == "" && c.stop != "":
		return c.stop, ""
	case given != "" && slices.Contains(strings.Fields(c.cuts), given):
		return given, "--" + flag + "=" + given + " " + c.cutting + " with " + c.name + ": --" + flag + "=" + c.gentle() + " lets it finish its requests"
	}
	return given, ""
}

func (c child) gentle() string {
	if c.stop != "" {
		return c.stop
	}
	return "TERM"
}

// dropsTo takes --user and --group out of the words of a server that goes down
// from root by itself.
func (c child) dropsTo(words []string) (rest []string, user, group string) {
	if !c.users {
		return words, "", ""
	}
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(words[i], "=")
		var to *string
		switch name {
		case "--user":
			to = &user
		case "--group":
			to = &group
		default:
			rest = append(rest, words[i])
			continue
		}
		if !joined && i+1 < len(words) {
			i++
			value = words[i]
		}
		*to = value
	}
	return rest, user, group
}
