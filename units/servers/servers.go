package servers

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Server is what is known of one. The zero value is a program that is not known.
type Server struct {
	// Name is that of its program, or what the -s of plackup and rackup says.
	Name string

	Stop    string // the signal at which it finishes its requests; "": TERM
	Cuts    string // signals, by blanks, that do not let it
	Cutting string // what they do

	NoIPv6   string   // why it should get no AF_INET6 socket; "": it takes both
	DiesOn6  bool     // and it dies of one
	NoUnix   string   // why it gets no Unix socket
	Several  string   // what it does with more than one socket; "": it takes all
	Starter  bool     // it knows SERVER_STARTER_PORT alone, and not LISTEN_FDS
	Flags    []string // of `sdbridge run` that it needs
	Status   bool     // it reads --status-file: a hook in Unicorn's configuration does
	BareName bool     // it wants "8080" for an entry name
	Users    bool     // it drops root by --user and --group
	Loses    string   // why it loses requests, whatever it is told; "": it does not
	Note     string   // what else is to be seen to

	loaded bool // by plackup or rackup
}

const (
	orphans  = "kills its master and leaves workers that accept with the old code"
	cutShort = "cuts requests short"
	diesOn6  = "reads an IPv6 address as an IPv4 one and dies"
	onlyTCP  = "takes every socket for TCP"
	random   = "takes one of them, at random"
	closes   = "at QUIT its workers close connections that they have accepted and not read; Starlet (plackup -s Starlet) does not"
)

var table = []Server{
	{Name: "Starlet", loaded: true, Starter: true, Cuts: "QUIT INT", Cutting: orphans, NoIPv6: diesOn6, DiesOn6: true},
	{Name: "Gazelle", loaded: true, Starter: true, Cuts: "QUIT INT", Cutting: orphans, NoIPv6: "takes each client of an IPv6 socket for 0.0.0.0", Several: random},
	{Name: "Monoceros", loaded: true, Starter: true, NoIPv6: diesOn6, DiesOn6: true, NoUnix: onlyTCP, Several: random},
	{Name: "Starman", loaded: true, Starter: true, Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, NoIPv6: diesOn6, DiesOn6: true, NoUnix: onlyTCP, Loses: closes, Users: true},
	{Name: "Twiggy", loaded: true, Starter: true, Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, NoUnix: onlyTCP},
	{Name: "FCGI", loaded: true, Loses: "a worker that waits in accept hears TERM with its next connection, and closes that now and then", Several: "dies", Flags: []string{"--drain-timeout=5"}},
	{Name: "Rhebok", loaded: true, Several: "takes the first alone"},
	{Name: "starman", Starter: true, Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, NoIPv6: diesOn6, DiesOn6: true, NoUnix: onlyTCP, Loses: closes, Users: true},
	{Name: "twiggy", Starter: true, Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, NoUnix: onlyTCP},
	{Name: "h2o", Starter: true, Cuts: "QUIT INT", Cutting: cutShort, Note: "h2o wants each socket as a listen: of its configuration, with the same address; and remove user: there, which wants to be started as root: User= has done it"},
	{Name: "unicorn", Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, Status: true},
	{Name: "unicorn_rails", Stop: "QUIT", Cuts: "TERM", Cutting: cutShort, Status: true},
	{Name: "puma", Cuts: "QUIT", Cutting: cutShort, Note: "Puma takes all sockets by itself (LISTEN_FDS); with the server-starter gem it takes the first alone"},
	{Name: "gunicorn", Cuts: "QUIT", Cutting: cutShort, Users: true},
	{Name: "uvicorn", Loses: "at TERM it closes connections that it has accepted and not read, and has no option against that; gunicorn loses none", Several: "takes one, that of its --fd"},
	{Name: "clackup", Several: "takes the first alone", BareName: true, NoIPv6: "is not known to take an IPv6 socket"},
	{Name: "node", Loses: "it dies of TERM, and of a mere server.close() some: in process.on('SIGTERM', …) call server.close(), and answer with Connection: close from then on"},
}

// Find looks for a server among the words of a command line, where scripts of
// sh -c count, too.
func Find(words []string) Server {
	words = strings.Fields(strings.Join(words, " "))
	for i, word := range words {
		base := path.Base(strings.Trim(word, `"'`))
		if base == "plackup" || base == "rackup" {
			return find(loaded(words[i+1:]), true)
		}
		if s := find(base, false); s.Name != "" {
			return s
		}
	}
	return Server{}
}

// Named finds one by its name alone, in any case.
func Named(name string) Server {
	return first(func(s Server) bool { return strings.EqualFold(s.Name, name) })
}

func find(name string, loaded bool) Server {
	return first(func(s Server) bool { return s.Name == name && s.loaded == loaded })
}

func first(is func(Server) bool) Server {
	if i := slices.IndexFunc(table, is); i >= 0 {
		return table[i]
	}
	return Server{}
}

// loaded reads -s NAME, -sNAME, --server NAME and --server=NAME of plackup.
func loaded(words []string) (name string) {
	for i, word := range words {
		if word == "-s" || word == "--server" || word == "-server" {
			name = strings.Join(words[i+1:min(i+2, len(words))], "")
		} else if v, ok := strings.CutPrefix(word, "--server="); ok {
			name = v
		} else if v, ok := strings.CutPrefix(word, "-s"); ok && v != "" && v[0] >= 'A' && v[0] <= 'Z' {
			name = v
		}
	}
	return strings.Trim(name, `"'`)
}

// Graceful is the signal at which it finishes its requests.
func (s Server) Graceful() string { return cmp.Or(s.Stop, "TERM") }

// CutBy tells whether that signal does not let it finish them.
func (s Server) CutBy(signal string) bool {
	return slices.Contains(strings.Fields(s.Cuts), signal)
}
