package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A refusal says what is wrong and what to do, has the exit status of its kind,
// and comes before anything is spawned or left behind.
type refusalTest struct {
	name   string
	env    string   // NAME=value… in front of the command, in words of the shell
	args   []string // of `sdbridge run`
	status int
	says   []string
}

func (test refusalTest) run(t *testing.T) {
	t.Parallel()
	spawned := filepath.Join(t.TempDir(), "spawned")
	args := test.args
	if last := len(args) - 1; last >= 0 && args[last] == "--" {
		args = append(args, "touch", spawned)
	}
	// The shell knows the pid that sdbridge will have.
	argv := append([]string{"sh", "-c", "exec env " + test.env + ` "$@"`, "sh"}, sdbridge(t, args...)...)
	p := start(t, nil, argv...)
	p.wantExit(test.status)
	for _, text := range test.says {
		p.await(text)
	}
	if _, err := os.Stat(spawned); err == nil {
		t.Error("something was spawned")
	}
}

func TestRefusedCommandLine(t *testing.T) {
	dir, port := shortDir(t), freePort(t)
	long := strings.Repeat("x", 70_000)
	for _, test := range []refusalTest{
		{name: "no command", args: []string{"--port", port}, says: []string{"no command: write it behind --"}},
		{name: "unknown flag", args: []string{"--prot", port, "--"}, says: []string{"unknown flag: --prot"}},
		{name: "port", args: []string{"--port", "http", "--"}, says: []string{`--port "http" is not a port: write 8080`}},
		{name: "port number", args: []string{"--port", "65536", "--"}, says: []string{"65536 is not a port number: write one of 0 to 65535"}},
		{name: "two ports on one address", args: []string{"--port", port, "--port", "0.0.0.0:" + port, "--"}, says: []string{"ask for one address", "drop one of them"}},
		{name: "two ports at one descriptor", args: []string{"--port", port + "=5", "--path", dir + "/a", "--port", freePort(t) + "=5", "--"}, says: []string{"5"}},
		{name: "path with a semicolon", args: []string{"--path", dir + "/a;b", "--"}, says: []string{`";"`, "which SERVER_STARTER_PORT cannot hold"}},
		{name: "path with an equals sign", args: []string{"--path", dir + "/a=b", "--"}, says: []string{`"="`, "which SERVER_STARTER_PORT cannot hold"}},
		{name: "names that clash", args: []string{"--port", port, "--path", dir + "/a", "--rename", dir + "/a=" + port, "--"}, says: []string{"a child would lose one of them"}},
		{name: "rename without a name", args: []string{"--port", port, "--rename", port, "--"}, says: []string{"write --rename SOCKET=NAME"}},
		{name: "signal", args: []string{"--port", port, "--signal-on-hup=HUPP", "--"}, says: []string{"--signal-on-hup", "HUPP"}},
		{name: "duration", args: []string{"--port", port, "--interval=soon", "--"}, says: []string{"--interval", "soon", "write seconds (2, 1.5)"}},
		{name: "negative duration", args: []string{"--port", port, "--drain-timeout=-1", "--"}, says: []string{"--drain-timeout"}},
		{name: "start-timeout", args: []string{"--port", port, "--start-timeout=100ms", "--interval=1s", "--"}, says: []string{"--start-timeout 100ms is not longer than --interval 1s"}},
		{name: "export", args: []string{"--port", port, "--export=none", "--"}, says: []string{"none", "both, starter"}},
		{name: "ready", args: []string{"--port", port, "--ready=soon", "--"}, says: []string{`--ready "soon"`}},
		{name: "daemonize without a log", args: []string{"--port", port, "--daemonize", "--"}, says: []string{"--daemonize needs --log-file"}},
		{name: "backlog", args: []string{"--port", port, "--backlog=-1", "--"}, says: []string{"--backlog -1 is negative"}},
		{name: "restart and stop", args: []string{"--restart", "--stop"}, says: []string{"exclude each other"}},
		{name: "stop without a pid file", args: []string{"--stop"}, says: []string{"--stop needs --pid-file"}},
		{name: "too long for one variable", args: []string{
			"--port", port, "--path", dir + "/a", "--rename", port + "=" + long, "--rename", dir + "/a=y" + long, "--",
		}, status: exitConfig, says: []string{"SERVER_STARTER_PORT", "is too long"}},
	} {
		if test.status == 0 {
			test.status = exitUsage
		}
		t.Run(test.name, test.run)
	}
	t.Cleanup(func() {
		noFiles(t, dir)
		if !canBind("tcp", "0.0.0.0:"+port) {
			t.Error("the port is still bound")
		}
	})
}

func TestRefusedDescriptorNumber(t *testing.T) {
	t.Parallel()
	argv := append([]string{"sh", "-c", `ulimit -n 64; exec "$@"`, "sh"}, sdbridge(t, "--port", freePort(t)+"=63", "--", "sleep", "600")...)
	p := start(t, nil, argv...)
	p.wantExit(exitUsage)
	p.await("as 63: the limit on open descriptors is 64; choose a number below 63, or raise it (LimitNOFILE=, ulimit -n)")
}

func TestRefusedEnvironment(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir+"/bad", "A=1\nB='open\n")
	writeFile(t, dir+"/long", "A=1\nB="+strings.Repeat("x", 140_000)+"\n")
	listen := "LISTEN_PID=$$ LISTEN_FDS="
	for _, test := range []refusalTest{
		{name: "not a number", env: listen + "x", args: []string{"--"}, says: []string{`LISTEN_FDS: "x" is not a number of descriptors; let a .socket unit set it`}},
		{name: "negative", env: listen + "-1", args: []string{"--"}, says: []string{`LISTEN_FDS: "-1" is negative`}},
		{name: "beyond all descriptors", env: listen + "99999999", args: []string{"--"}, says: []string{"is more than the 1048576 descriptors"}},
		{name: "closed descriptors", env: listen + "5", args: []string{"--"}, says: []string{"descriptor 3", "LISTEN_FDS, but whoever started this closed it"}},
		{name: "names for others", env: listen + "1 LISTEN_FDNAMES=a:b", args: []string{"--"}, says: []string{`LISTEN_FDNAMES: "a:b" has another count of names (2)`}},
		{name: "pid", env: "LISTEN_PID=x LISTEN_FDS=1", args: []string{"--"}, says: []string{`LISTEN_PID: "x" is not a process id`}},
		{name: "for another process", env: "LISTEN_PID=1 LISTEN_FDS=1", args: []string{"--"}, says: []string{"no socket: LISTEN_PID=1 is not this process"}},
		{name: "for nobody knows whom", env: "LISTEN_FDS=1", args: []string{"--"}, says: []string{"no socket: LISTEN_FDS is set but LISTEN_PID is not"}},
		{name: "starter's entry", env: "SERVER_STARTER_PORT=8080", args: []string{"--"}, says: []string{`SERVER_STARTER_PORT: "8080" has no "="`}},
		{name: "starter's closed descriptor", env: "SERVER_STARTER_PORT=8080=77", args: []string{"--"}, says: []string{"descriptor 77", "SERVER_STARTER_PORT, but whoever started this closed it"}},
		{name: "starter's descriptor is no socket", env: "SERVER_STARTER_PORT=8080=3 3</dev/null", args: []string{"--"}, says: []string{"descriptor 3", "SERVER_STARTER_PORT", "is no socket but character-device /dev/null"}},
		{name: "no socket", args: []string{"--"}, says: []string{"no socket: none was handed over and none was asked for; give --port or --path"}},
		{name: "environment file", args: []string{"--no-socket", "--env-file", dir + "/bad", "--"}, says: []string{"cannot take the environment from --env-file", "line 2"}},
		{name: "variable of an environment file", args: []string{"--no-socket", "--env-file", dir + "/long", "--"}, says: []string{"line 2", `"B" is longer than one variable can be`}},
		{name: "no environment file", args: []string{"--no-socket", "--env-file", dir + "/none", "--"}, says: []string{"make it, or write --env-file=-" + dir + "/none"}},
		{name: "no envdir", args: []string{"--no-socket", "--envdir", dir + "/none", "--"}, says: []string{"cannot take the environment from --envdir"}},
	} {
		test.status = exitConfig
		t.Run(test.name, test.run)
	}
}

func TestRefusedForWhatIsNotThere(t *testing.T) {
	dir := shortDir(t)
	port := freePort(t)
	taken, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	live, err := net.Listen("unix", dir+"/live")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = taken.Close(), live.Close() })
	writeFile(t, dir+"/file", "")
	for _, test := range []refusalTest{
		{name: "command", args: []string{"--no-socket", "--", "no-such-command"}, says: []string{`cannot find command "no-such-command" in PATH`}},
		{name: "path of a command", args: []string{"--no-socket", "--", dir + "/none"}, says: []string{"there is no " + dir + "/none; correct the path, or --dir"}},
		{name: "directory as a command", args: []string{"--no-socket", "--", dir}, says: []string{"is a directory; name the program in it"}},
		{name: "command that is not executable", args: []string{"--no-socket", "--", dir + "/file"}, says: []string{"chmod +x"}},
		{name: "directory", args: []string{"--no-socket", "--dir", dir + "/none", "--"}, says: []string{"cannot use directory", "make it, or correct --dir"}},
		{name: "port in use", args: []string{"--port", "127.0.0.1:" + port, "--"}, says: []string{"find who has it with ss -lntup and stop that"}},
		{name: "path in use", args: []string{"--path", dir + "/live", "--"}, says: []string{"listens on it; stop it, or choose another path"}},
		{name: "file in the way", args: []string{"--path", dir + "/file", "--"}, says: []string{"a regular file is in the way"}},
		{name: "directory of a path", args: []string{"--path", dir + "/none/sock", "--"}, says: []string{"make its directory first"}},
		{name: "address of another machine", args: []string{"--port", "192.0.2.1:" + freePort(t), "--"}, says: []string{"choose an address of this machine"}},
		{name: "directory of the log", args: []string{"--no-socket", "--log-file", dir + "/none/log", "--"}, says: []string{"cannot open log file"}},
	} {
		test.status = exitUnavailable
		t.Run(test.name, test.run)
	}
}

// What was handed over and what the flags ask for must agree.
func TestRefusedSockets(t *testing.T) {
	port, other := freePort(t), freePort(t)
	for _, test := range []struct {
		name, names, addrs string
		args, says         []string
	}{
		{
			"near miss", "web", "127.0.0.1:" + port,
			[]string{"--port", port, "--"},
			[]string{"--port " + port + " asks for tcp 0.0.0.0:" + port, "write --port 127.0.0.1:" + port, "ListenStream=0.0.0.0:" + port},
		},
		{
			"taken by no flag", "web:admin", "127.0.0.1:" + port + ",127.0.0.1:" + other,
			[]string{"--port", "127.0.0.1:" + port, "--"},
			[]string{"nobody would accept on it: add --port 127.0.0.1:" + other, "leave it out with --select web"},
		},
		{
			"ambiguous name", "web:web", "127.0.0.1:" + port + ",127.0.0.1:" + other,
			[]string{"--select=web", "--"},
			[]string{`--select "web" is ambiguous`, "127.0.0.1:" + port, "127.0.0.1:" + other},
		},
		{ // systemd/systemd#19843: fewer sockets than at the last start
			"name that is gone", "web", "127.0.0.1:" + port,
			[]string{"--select=web,api", "--"},
			[]string{`--select "api" means no socket: there are "web" (tcp 127.0.0.1:` + port + ")"},
		},
		{
			"selected twice", "web", "127.0.0.1:" + port,
			[]string{"--select=web,web", "--"},
			[]string{"which is selected already: name it once"},
		},
		{
			"rename of what is no socket", "random", "file:/dev/urandom",
			[]string{"--rename=random=x", "--"},
			[]string{"character-device /dev/urandom, which SERVER_STARTER_PORT cannot announce"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			spawned := filepath.Join(t.TempDir(), "spawned")
			argv := append([]string{binary(t, "act"), "-names", test.names, test.addrs, "--"}, sdbridge(t, test.args...)...)
			p := start(t, nil, append(argv, "touch", spawned)...)
			p.wantExit(exitUsage)
			for _, text := range test.says {
				p.await(text)
			}
			if _, err := os.Stat(spawned); err == nil {
				t.Error("something was spawned")
			}
		})
	}
}

// A shell that stays in between: dash does, bash does not. socketmaster#10.
func TestShellThatStandsBetween(t *testing.T) {
	t.Parallel()
	spawned := filepath.Join(t.TempDir(), "spawned")
	line := strings.Join(sdbridge(t, "--", "touch", spawned), " ") + "; exit $?"
	p := start(t, nil, binary(t, "act"), freeAddr(t), "--", "sh", "-c", line)
	p.wantExit(exitConfig)
	p.await("(sh) stands between systemd and sdbridge: write exec in front of sdbridge there")
	if _, err := os.Stat(spawned); err == nil {
		t.Error("something was spawned")
	}
}
