package check

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/sdbridge/sdbridge/units/servers"
)

func startServer(p *pair, s *file) []Finding {
	line := s.where("Service.ExecStart")
	server := p.child.server()
	switch {
	case len(p.sockets) == 0 && p.bridge == nil && server == "start_server" && !p.dialect():
		return s.finding(Loses, line, "start_server binds by itself, and no .socket unit belongs to the service", "systemctl restart and a crash close the socket: clients are refused until it is back",
			"the pair that sdbridge units --from "+s.name+" writes")
	case len(p.sockets) == 0 && p.bridge == nil:
		return nil
	case p.dialect():
		return s.finding(Hint, line, "start_server's dialect", "a swap that fails is tried again for ever, and an old generation is never killed: those are its defaults, made for another time",
			"ExecStart=/usr/bin/sdbridge run "+joined(ported(p.served())))
	case server == "start_server":
		return s.finding(Blocks, line, "start_server takes no socket of systemd", "it binds the address beside the .socket unit: address already in use",
			"ExecStart=/usr/bin/sdbridge run "+joined(ported(p.served()))+"\nor the pair that sdbridge units --from "+s.name+" writes")
	case p.bridge == nil && servers.Named(server).Starter:
		return s.finding(Blocks, line, server+" takes no socket of systemd", "it knows SERVER_STARTER_PORT only, and binds the address beside the .socket unit: address already in use",
			"ExecStart=/usr/bin/sdbridge run -- "+joined(p.served()))
	}
	return nil
}

// dialect tells whether start_server is sdbridge by another name.
func (p *pair) dialect() bool {
	argv := p.child.argv
	return len(argv) > 1 && (filepath.Base(argv[0]) == "sdbridge" && argv[1] == "start_server" ||
		filepath.Base(argv[0]) == "start_server" && p.host.program(argv[0]) == "sdbridge")
}

// behind is what start_server runs.
func behind(argv []string) []string {
	if i := slices.Index(argv, "--"); i >= 0 {
		return argv[i+1:]
	}
	return nil
}

// apart are start_server's own words, and what it runs.
func apart(argv []string) (own, rest []string) {
	rest = behind(argv)
	return argv[:len(argv)-len(rest)], rest
}

func anyVague(words []string) bool { return slices.ContainsFunc(words, vague) }

// ported is a start_server command line as `sdbridge run` takes it: what systemd
// does better is left out.
func ported(argv []string) (line []string) {
	at := slices.IndexFunc(argv, func(word string) bool { return strings.HasPrefix(filepath.Base(word), "start_server") })
	dropped := []string{"--daemonize", "--pid-file", "--log-file", "--status-file"}
	options := argv[at+1 : len(argv)-len(behind(argv))]
	for i := 0; i < len(options); i++ {
		option, _, joined := strings.Cut(options[i], "=")
		switch {
		case !slices.Contains(dropped, option):
			line = append(line, options[i])
		case !joined && option != "--daemonize":
			i++
		}
	}
	return append(line, behind(argv)...)
}
