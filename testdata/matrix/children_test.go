package matrix

import "testing"

var children = []child{
	{
		name: "nethttp", title: "Go: net/http with `activation/child`", core: true,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return []string{goBuild(t, "testdata/children/nethttp")} },
	},
	{
		name: "nethttp-shutdown", title: "net/http with `Shutdown` alone",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return []string{goBuild(t, "testdata/children/nethttp"), "shutdown"}
		},
		loses: "`http.Server.Shutdown` closes connections that were accepted and not read (golang/go#75591): `child.Serve` of `activation/child` is the cure",
	},
	{
		name: "lestrrat", title: "net/http with `lestrrat/go-server-starter/listener` and `child.Serve`",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return []string{goModule(t, "lestrrat")} },
	},
	{
		name: "starlet", title: "Perl: Starlet", core: true,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return plackup(t, "Starlet", "starlet", blocking(t), "--max-workers=10", "--max-keepalive-reqs=100")
		},
		cannot: map[kind]failure{dual: noIPv6, ipv6: noIPv6},
	},
	{
		name: "gunicorn", title: "Python: gunicorn", core: true,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return []string{python(t, "gunicorn"), "--workers=5", "--chdir=" + folder(t, "gunicorn"), "app:app"}
		},
	},
	{
		name: "actix-web", title: "Rust: actix-web with `server-starter-listener`", core: true,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return cargo(t, "actix-web") },
		cannot:  map[kind]failure{ipv6: noBrackets},
		loses:   "at TERM it closes kept connections on which a request is under way, and some that it has accepted and not read; its row with `drain` has the cure",
	},
	{
		name: "actix-web-drain", title: "actix-web with `server-starter-listener` and `drain`", core: true,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return append(cargo(t, "actix-web"), "drain") },
		cannot:  map[kind]failure{ipv6: noBrackets},
	},
	{
		name: "listenfd", title: "Rust: axum with `listenfd`",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return cargo(t, "listenfd") },
		loses:   "at TERM it closes connections that it has accepted and not read; its row with `drain` has the cure",
	},
	{
		name: "listenfd-drain", title: "axum with `listenfd` and `drain`",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string { return append(cargo(t, "listenfd"), "drain") },
	},
	{
		name: "uvicorn", title: "Python: uvicorn `--fd`",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return []string{python(t, "uvicorn"), "--fd=3", "--app-dir=" + folder(t, "uvicorn"), "app:app"}
		},
		cannot: map[kind]failure{several: oneOnly},
		loses:  "at TERM it closes connections that it has accepted and not read; it has no option against that",
	},
	{
		name: "node", title: "Node: `listen({fd})`",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return []string{need(t, "node", "apt-get install nodejs"), folder(t, "node") + "/server.js"}
		},
	},
	{
		name: "puma", title: "Ruby: Puma",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			return []string{
				need(t, "puma", "apt-get install puma"), "--quiet",
				"--config=" + folder(t, "rack") + "/puma.rb", folder(t, "rack") + "/config.ru",
			}
		},
		cannot: map[kind]failure{abstract: {
			"it dies of the NUL in the name, which it puts into its process title", "string contains null byte",
		}},
	},
	{
		name: "unicorn", title: "Ruby: Unicorn", flags: quit,
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			dir := folder(t, "rack")
			return []string{
				need(t, "unicorn", "apt-get install unicorn"), "--env=production",
				"--config-file=" + dir + "/unicorn.rb", dir + "/config.ru",
			}
		},
	},
	{
		name: "starman", title: "Perl: Starman, on Net::Server::SS::PreFork", flags: quit,
		several: []kind{ipv4, ipv4},
		command: func(t *testing.T, _ string) []string {
			needPerl(t, "Net::Server::SS::PreFork", "apt-get install libnet-server-ss-prefork-perl")
			return plackup(t, "Starman", "starman", blocking(t), "--workers=8", "--disable-keepalive")
		},
		cannot: map[kind]failure{dual: noIPv6, ipv6: noIPv6, path: noUnix, abstract: noUnix},
		loses:  "at QUIT its workers close connections that they have accepted and not read; Starlet does not",
	},
	{
		name: "fcgi", title: "Perl: Plack's FCGI, behind h2o", flags: "--drain-timeout=5s",
		several: []kind{ipv4, path},
		front:   frontEnd,
		command: func(t *testing.T, _ string) []string {
			needPerl(t, "FCGI::ProcManager", "apt-get install libfcgi-perl libfcgi-procmanager-perl")
			return plackup(t, "FCGI", "libplack-perl", blocking(t), "--nproc=8")
		},
		cannot: map[kind]failure{
			abstract: {reason: "h2o connects to a path only"},
			several:  {reason: "it dies of a second socket: `--select` the one for it"},
		},
		loses: "one that waits in accept hears TERM with its next connection, and closes that now and then",
	},
	{
		name: "h2o", title: "C: h2o, HTTP/1.1 and HTTP/2",
		several: []kind{ipv4, path},
		command: h2o,
		cannot: map[kind]failure{abstract: {
			"its `listen` has no abstract names", "is not being bound to the server",
		}},
	},
	{
		name: "twiggy", title: "Perl: Twiggy", flags: quit,
		several: []kind{ipv4, ipv4},
		command: func(t *testing.T, _ string) []string {
			return plackup(t, "Twiggy", "twiggy", folder(t, "twiggy")+"/app.psgi")
		},
		cannot: map[kind]failure{path: noUnix, abstract: noUnix},
	},
	{
		name: "shell", title: "a shell script with socat 1.7",
		several: []kind{ipv4, path},
		command: func(t *testing.T, _ string) []string {
			need(t, "socat", "apt-get install socat")
			return []string{folder(t, "shell") + "/server"}
		},
		cannot: map[kind]failure{ipv4: noFD, dual: noFD, ipv6: noFD, path: noFD, abstract: noFD, several: noFD},
	},
}

// plackup is a Perl server, with arguments of its own, and its application.
func plackup(t *testing.T, server, pkg, app string, args ...string) []string {
	t.Helper()
	needPerl(t, "Plack::Handler::"+server, "apt-get install "+pkg)
	argv := []string{need(t, "plackup", "apt-get install libplack-perl"), "-E", "deployment", "-s", server}
	return append(append(argv, args...), "-a", app)
}

// blocking is the application for servers with a process for each request.
func blocking(t *testing.T) string { t.Helper(); return folder(t, "../perl") + "/app.psgi" }

var (
	noIPv6     = failure{"its workers read an IPv6 address as an IPv4 one and die: write `ListenStream=0.0.0.0:PORT`", "unpack_sockaddr_in"}
	noBrackets = failure{
		"`server-starter-listener` takes a name with `[` for a Unix path: hand it a dual-stack socket, whose name is the bare port",
		"did not correspond to a Unix socket",
	}
)

var oneOnly = failure{reason: "it takes one descriptor: `--select` the one for it"}

var noFD = failure{"socat can be handed a listening descriptor from 1.8 on (`ACCEPT-FD`), netcat cannot at all", "unknown device/address"}

var noUnix = failure{reason: "it takes every socket for TCP"}

const quit = "--signal-on-hup=QUIT --signal-on-term=QUIT"
