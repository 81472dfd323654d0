package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Names of what is measured, as the tables have them.
const (
	bareName       = "the child alone"
	runName        = "sdbridge run"
	starterName    = "sdbridge start_server"
	perlName       = "start_server (Perl)"
	lestrratName   = "lestrrat/go-server-starter"
	lestrratV2Name = "lestrrat-go/server-starter"
	shogoName      = "shogo82148/server-starter"
	circusName     = "circus"
)

// variant is one supervisor with its flags.
type variant struct {
	name    string
	flags   []string
	notify  bool                                                              // the child sends READY=1
	command func(v variant, addr string, child []string, dir string) []string // nil: the child alone
	missing string                                                            // why it cannot run
	program string                                                            // its binary; "": a script
}

func (v variant) title() string {
	return strings.TrimSpace(v.name + " " + strings.Join(v.flags, " "))
}

func (v variant) with(flags ...string) variant {
	v.flags = flags
	return v
}

// supervisors are all of them as their users start them, bare first.
func (p *programs) supervisors() []variant {
	return []variant{
		{name: bareName},
		{name: runName, command: supervisor(p.sdbridge, "run"), program: p.sdbridge},
		{name: starterName, command: supervisor(p.sdbridge, "start_server"), program: p.sdbridge},
		p.peer(perlName, p.perl, ""),
		p.peer(lestrratName, p.lestrrat, p.lestrrat),
		p.peer(lestrratV2Name, p.lestrratV2, p.lestrratV2),
		p.peer(shogoName, p.shogo, p.shogo),
		{name: circusName, command: p.circus, missing: p.missing[circusName]},
	}
}

// by finds a supervisor by its name.
func (p *programs) by(name string) variant {
	for _, v := range p.supervisors() {
		if v.name == name {
			return v
		}
	}
	panic("no supervisor " + name)
}

func (p *programs) peer(name, path, program string) variant {
	return variant{name: name, command: supervisor(path), missing: p.missing[name], program: program}
}

// supervisor is one whose flags are start_server's, behind its own words.
func supervisor(words ...string) func(variant, string, []string, string) []string {
	return func(v variant, addr string, child []string, _ string) []string {
		return slices.Concat(words, []string{"--port=" + addr}, v.flags, []string{"--"}, child)
	}
}

// circus swaps without any interval by itself: warmup_delay is 0.
func (p *programs) circus(_ variant, addr string, child []string, dir string) []string {
	host, port, _ := strings.Cut(addr, ":")
	text := fmt.Sprintf(`[circus]
endpoint = ipc://%[1]s/endpoint
pubsub_endpoint = ipc://%[1]s/pubsub

[socket:web]
host = %[2]s
port = %[3]s

[watcher:web]
cmd = %[4]s -fd $(circus.sockets.web)
use_sockets = True
copy_env = True
graceful_timeout = 60
`, dir, host, port, strings.Join(child, " "))
	file := filepath.Join(dir, "circus.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(err) // a directory that we made
	}
	return []string{p.circusd, file}
}
