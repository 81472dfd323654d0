package check

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/units"
)

// gunicorn is a service that is handed its socket without a bridge.
var gunicorn = strings.Replace(plain, "/usr/bin/app\n", "/usr/bin/gunicorn app:wsgi\n", 1)

// shipped are units in place of the pair that ships.
func shipped(socket, service string) map[string]string {
	return map[string]string{"etc/systemd/system/app.socket": socket, "etc/systemd/system/app.service": service}
}

// unitTwins are those of rules that judge by single settings.
var unitTwins = []twin{
	{rule: "ignored-value", severity: Hint, service: service("KillMode=mixed # drain"), okService: service("# drain\nKillMode=mixed")},
	{rule: "ignored-value", severity: Hint, service: service("Type="), okService: service("Type=\nType=notify")},
	{rule: "ignored-value", severity: Hint, socket: sock("Service=app"), okSocket: sock("Service=app.service")},
	{rule: "ignored-value", severity: Blocks, service: service("DynamicUser=wat"), okService: service("DynamicUser=n")},
	{rule: "kill-mode", severity: Loses, files: shipped(units.Socket, strings.Replace(units.Service, "KillMode=mixed", "KillMode=Mixed", 1)), okService: service("KillMode=process ; x")},
	{rule: "kill-mode", severity: Loses, service: service("KillMode="), okService: service(`KillMode="process"`)},
	{rule: "type", severity: Reload, service: service("Type=exec\nType=\nType=notify # ready"), okService: service("Type=\nType=exec # ready")},
	{rule: "type", severity: Blocks, service: service("Type=oneshot"), okService: service("Type=ONESHOT")},
	{rule: "timeout-stop", severity: Loses, service: service("TimeoutStopSec=10\nTimeoutStopSec=bogus\nTimeoutStopSec="), okService: service("TimeoutStopSec=bogus")},
	{rule: "reuse-port", severity: Loses, socket: sock("ReusePort=yes\nReusePort="), okSocket: sock("ReusePort=ja")},
	{rule: "kill-signal", severity: Loses, service: service("KillSignal=RTMIN+3"), okService: service("KillSignal=sigterm")},
	{rule: "no-socket", severity: Blocks, socket: sock("Service=other.service\nService=app"), okSocket: sock("Service=app")},

	{rule: "accept", severity: Blocks, socket: sock("Accept=on"), okSocket: sock("Accept=on\nAccept=off")},
	{rule: "accept", severity: Blocks, socket: sock("Accept=yes"), service: plain, okSocket: sock("Accept="), okService: plain},
	{rule: "flush-pending", severity: Loses, socket: sock("FlushPending=yes"), okSocket: sock("FlushPending=no")},
	{
		rule: "descriptor-name", severity: Loses, service: plain, okService: plain,
		files:   map[string]string{"etc/systemd/system/b.socket": "[Socket]\nListenStream=1\nService=app.service\nFileDescriptorName=web\n"},
		okFiles: map[string]string{"etc/systemd/system/b.socket": "[Socket]\nListenStream=1\nService=app.service\nFileDescriptorName=b\n"},
	},
	{
		rule: "descriptor-name", severity: Hint,
		files: map[string]string{"etc/systemd/system/b.socket": "[Socket]\nListenStream=1\nService=app.service\nFileDescriptorName=web\n"},
	},

	{rule: "free-bind", severity: Hint, socket: listening("192.0.2.5:80"), okSocket: listening("192.0.2.5:80") + "FreeBind=yes\nListenStream=127.0.0.2:80\nListenStream=[::1]:81\n"},
	{rule: "no-address", severity: Blocks, socket: listening("08080"), okSocket: listening("127.0.0.1:80")},
	{rule: "no-address", severity: Blocks, socket: listening("/run/" + strings.Repeat("a", 103)), okSocket: listening("/run/" + strings.Repeat("a", 102))},
	{rule: "no-address", severity: Blocks, socket: listening("[127.0.0.1]:80"), okSocket: listening("[::ffff:127.0.0.1]:80")},
	{rule: "entry-name", severity: Blocks, socket: sock("ListenDatagram=8080"), okSocket: sock("ListenDatagram=8080"), okService: run("--rename 8080=x -- app")},
	{rule: "entry-name", severity: Blocks, socket: sock("ListenStream=81\nListenDatagram=82"), service: run("--port 8080 --port 81 --port u82 --rename 81=8080 -- app"), okSocket: sock("ListenStream=81\nListenDatagram=82"), okService: run("--port 8080 --port 81 --port u82 -- app")},
	{rule: "entry-name", severity: Blocks, service: run("--port 8080 --port u8080 -- app"), okService: run("--port 8080 --port u8080 --rename u8080=x -- app")},
	{rule: "entry-name", severity: Blocks, socket: sock("ListenStream=/run/a;b"), okSocket: sock("ListenStream=/run/a;b"), okService: run("--rename /run/a;b=x -- app")},
	{rule: "entry-name", severity: Blocks, socket: listening("/run/a=b"), okSocket: listening("/run/a=b"), okService: run("--rename web=x -- app")},
	{rule: "entry-name", severity: Blocks, socket: sock("ListenStream=81"), service: run("--rename 81=8080 -- app"), okSocket: sock("ListenStream=81\nListenDatagram=@a=b"), okService: run("--select 81 --select 8080 -- app")},

	{rule: "runtime-directory-path", severity: Closes, socket: listening("/run/a/s"), service: service(`RuntimeDirectory="a"`), okSocket: listening("/run/a/s"), okService: service("RuntimeDirectory='a b'")},
	{rule: "runtime-directory-path", severity: Hint, socket: listening("/run/a/s"), service: service("RuntimeDirectory=a\nRuntimeDirectoryPreserve=on"), okSocket: listening("/run/s")},
	{rule: "hidden-path", severity: Closes, socket: listening("/home/app/s"), service: service("ProtectHome=Y"), okSocket: listening("/home/app/s"), okService: service("ProtectHome=Off")},
	{rule: "hidden-path", severity: Closes, socket: listening("/tmp/s"), service: service("PrivateTmp=no\nDynamicUser=on"), okSocket: listening("/tmp/s"), okService: service("PrivateTmp=no\nDynamicUser=off")},
	{rule: "removed-path", severity: Closes, socket: listening("/run/a/s"), service: service("ExecStartPre=/bin/rm -rf /run/a"), okSocket: listening("/run/a/s"), okService: service("ExecStartPre=/bin/rm -f /run/a")},
	{rule: "removed-path", severity: Closes, socket: listening("/run/a.sock"), service: service("ExecStopPost=/bin/sh -c 'rm -f /run/*.sock'"), okSocket: listening("/run/a.sock"), okService: service("ExecStopPost=/bin/rm -f /run/*.sock")},
	{rule: "removed-path", severity: Closes, socket: listening("/run/a/s"), service: service("ExecStopPost=/bin/sh -c 'rm --recursive /run/a*'"), okSocket: listening("/run/a/s"), okService: service("ExecStopPost=/bin/sh -c 'rm -f /run/a*'")},
	{
		rule: "tmpfiles-path", severity: Closes, socket: listening("/run/app/s"), okSocket: listening("/run/app/s"),
		files: map[string]string{"usr/lib/tmpfiles.d/app.conf": "D %t/app\n"}, okFiles: map[string]string{"usr/lib/tmpfiles.d/app.conf": "D %S/app\n# D '/run/app\n"},
	},
	{
		rule: "tmpfiles-path", severity: Closes, socket: listening("/run/app/s"), okSocket: listening("/run/app/s"),
		files: map[string]string{"usr/lib/tmpfiles.d/app.conf": "D \"/run/app\"\n"}, okFiles: map[string]string{"usr/lib/tmpfiles.d/app.conf": "r /run/app\n"},
	},
	{
		rule: "tmpfiles-path", severity: Hint, socket: listening("/run/x.sock"), okSocket: listening("/run/x.sock"),
		files: map[string]string{"usr/lib/tmpfiles.d/app.conf": "r! /run/x.sock\n"}, okFiles: map[string]string{"usr/lib/tmpfiles.d/app.conf": "r! /run/y.sock\n\n"},
	},

	{rule: "address-families", severity: Blocks, service: service("RestrictAddressFamilies=none"), okService: service("RestrictAddressFamilies=none\nRestrictAddressFamilies=AF_UNIX")},
	{rule: "address-families", severity: Blocks, service: service("RestrictAddressFamilies=~AF_UNIX"), okService: service("RestrictAddressFamilies=\nRestrictAddressFamilies=~AF_UNIX\nRestrictAddressFamilies=AF_UNIX")},
	{rule: "address-families", severity: Blocks, service: service("RestrictAddressFamilies=\nRestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK"), okService: plain + "RestrictAddressFamilies=AF_INET\n"},
	{rule: "proc-hidden", severity: Blocks, service: run("--ready=accept -- app") + "RestrictAddressFamilies=~AF_NETLINK\n", okService: run("--ready=accept -- app") + "RestrictAddressFamilies=AF_PACKET\n"},
	{rule: "drops-root", severity: Blocks, service: run("-- setuidgid www app") + "User=\nCapabilityBoundingSet=~\nCapabilityBoundingSet=~cap_setuid\n", okService: run("-- setuidgid www app") + "User=\nCapabilityBoundingSet=cap_setuid cap_setgid\n"},
	{rule: "drops-root", severity: Blocks, service: start("/usr/bin/sudo -u www app") + "NoNewPrivileges=no\nDynamicUser=on\n", okService: run("-- setuidgid www app") + "User=\nCapabilityBoundingSet=~\n"},
	{rule: "dynamic-user", severity: Hint, service: service("DynamicUser=on\nRuntimeDirectoryPreserve=y"), okService: service("DynamicUser=yes\nRuntimeDirectoryPreserve=off")},
}

// The answers are those of systemd-analyze security of systemd 252.
func TestReachesAndAllowed(t *testing.T) {
	families := func(lists ...string) string {
		return "RestrictAddressFamilies=" + strings.Join(lists, "\nRestrictAddressFamilies=")
	}
	capabilities := func(lists ...string) string {
		return "CapabilityBoundingSet=" + strings.Join(lists, "\nCapabilityBoundingSet=")
	}
	for lines, want := range map[string]string{
		"X=":                         "AF_UNIX AF_NETLINK CAP_SETUID",
		families("none"):             "CAP_SETUID",
		families("none", "AF_UNIX"):  "AF_UNIX CAP_SETUID",
		families("none", "~AF_UNIX"): "AF_NETLINK CAP_SETUID",
		families("~AF_UNIX", "AF_UNIX", "AF_INET"): "AF_UNIX AF_NETLINK CAP_SETUID",
		families("AF_UNIX AF_INET", "~AF_UNIX"):    "CAP_SETUID",
		families("AF_INET", "~AF_INET"):            "CAP_SETUID",
		families("AF_INET", "none"):                "CAP_SETUID",
		families("AF_INET", "~AF_INET", "AF_UNIX"): "AF_UNIX CAP_SETUID",
		families("AF_INET", ""):                    "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities(""):                           "AF_UNIX AF_NETLINK",
		capabilities("~"):                          "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities("cap_setuid"):                 "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities("", "~"):                      "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities("CAP_CHOWN", "~CAP_KILL"):     "AF_UNIX AF_NETLINK",
		capabilities("", "~CAP_KILL"):              "AF_UNIX AF_NETLINK",
		capabilities("~CAP_SETUID", "CAP_SETUID"):  "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities("~CAP_KILL", "CAP_CHOWN"):     "AF_UNIX AF_NETLINK CAP_SETUID",
		capabilities("~", "CAP_CHOWN"):             "AF_UNIX AF_NETLINK",
	} {
		settings, _ := parse("f", service(lines))
		f := &file{name: "app.service", settings: settings}
		got := slices.DeleteFunc([]string{"AF_UNIX", "AF_NETLINK"}, func(family string) bool { return !reaches(f, family) })
		if allowed(f, "CAP_SETUID") {
			got = append(got, "CAP_SETUID")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", lines, got, want)
		}
	}
}

func TestInstead(t *testing.T) {
	for line, want := range map[string]string{
		"KillMode=mixed # drain":  "# drain\nKillMode=mixed",
		"KillMode=Process":        "KillMode=process",
		`KillMode="mixed"`:        "KillMode=mixed",
		"KillMode=mixd":           "KillMode=mixed",
		"Restart=on-failure ; x":  "# x\nRestart=on-failure",
		"KillSignal=sigterm":      "KillSignal=SIGTERM",
		"TimeoutStopSec=90 # 1.5": "# 1.5\nTimeoutStopSec=90",
		"TimeoutStopSec=never":    "TimeoutStopSec= with a time span, as 250ms, 90 or infinity",
		"NonBlocking=Yess":        "NonBlocking=yes",
		"UMask=u=rwx":             "UMask=0027",
		"RestartSec=+5":           "",
		"DynamicUser=ja":          "DynamicUser= with yes or no",
		"SuccessExitStatus=any":   "",
	} {
		settings, _ := parse("f", "[Service]\n"+line+"\n")
		got := ""
		if s := settings[0]; !s.counts() {
			got = forms()[s.Section+"."+s.Name].instead(s)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// The template that Accept= asks for is there, or is not.
func TestAccept(t *testing.T) {
	const dir = "etc/systemd/system/"
	listens := "[Socket]\nListenStream=/run/a.sock\nAccept=yes\n"
	for name, c := range map[string]struct {
		args  []string
		files map[string]string
		want  Severity
	}{
		"by the service":       {[]string{"app"}, map[string]string{"app.service": gunicorn}, Blocks},
		"by the socket":        {[]string{"app.socket"}, map[string]string{"app.service": gunicorn}, Blocks},
		"with its template":    {[]string{"app"}, map[string]string{"app.service": gunicorn, "app@.service": service("ExecStart=/srv/app")}, ""},
		"inetd's kind":         {[]string{"app.socket"}, map[string]string{"app@.service": service("ExecStart=/srv/app")}, Hint},
		"a server of its kind": {[]string{"app.socket"}, map[string]string{"app@.service": start("/usr/bin/gunicorn app")}, Loses},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, map[string]string{dir + "app.socket": listens})
			for file, text := range c.files {
				write(t, root, map[string]string{dir + file: text})
			}
			findings, err := host(root).Check(c.args...)
			if err != nil {
				t.Fatal(err)
			}
			var got []Severity
			for _, f := range findings {
				if f.Rule == "no-socket" || f.Rule == "absent-unit" {
					t.Errorf("%+v", f)
				}
				if f.Rule == "accept" {
					got = append(got, f.Severity)
				}
			}
			if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []Severity{c.want}) {
				t.Errorf("want %q:\n%s", c.want, text(t, findings))
			}
		})
	}
}

// A link from another name counts also where the unit is asked for by its own.
func TestAliasesByTheOwnName(t *testing.T) {
	const dir = "etc/systemd/system/"
	for name, c := range map[string]struct {
		socket string
		rule   string
		want   Severity
	}{
		"bound by the alias":    {units.Socket + "[Unit]\nPartOf=web.service\n", "bound-socket", Loses},
		"named by the alias":    {units.Socket + "[Socket]\nService=web.service\n", "no-socket", ""},
		"by a link to it":       {units.Socket + "[Socket]\nService=www.service\n", "no-socket", ""},
		"by no alias":           {units.Socket + "[Socket]\nService=other.service\n", "no-socket", Blocks},
		"by one that is hidden": {units.Socket + "[Socket]\nService=hidden.service\n", "no-socket", Blocks},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, map[string]string{
				dir + "app.socket": c.socket, dir + "app.service": units.Service, dir + "web.service": "-> app.service", dir + "www.service": "-> web.service",
				dir + "hidden.service": plain, "usr/lib/systemd/system/hidden.service": "-> app.service",
			})
			expect(t, root, c.rule, c.want)
		})
	}
	root := t.TempDir()
	write(t, root, map[string]string{dir + "app@.service": plain, dir + "web@.service": "-> app@.service", dir + "app@y.service": "-> app@.service"})
	f, err := newLoader(host(root), nil).load("app@x.service")
	if err != nil || !slices.Equal(f.names, []string{"app@x.service", "web@x.service"}) {
		t.Errorf("%v, %v", f, err)
	}
}

// A start_server that the root's own alternatives lead to sdbridge.
func TestProgramBelowRoot(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"usr/bin/start_server": "-> /etc/alternatives/start_server", "etc/alternatives/start_server": "-> /opt/current/sdbridge",
		"opt/current": "-> ../opt/7", "opt/7/sdbridge": "x", "usr/bin/round": "-> round", "usr/bin/gone": "-> nowhere", "bin": "-> usr/bin",
	})
	for path, want := range map[string]string{
		"/usr/bin/start_server": "sdbridge", "/bin/start_server": "sdbridge", "/usr/bin/round": "round", "/usr/bin/gone": "gone", "start_server": "start_server",
	} {
		if got := (Host{Root: root}).program(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// What is to be written says what the pair needs.
func TestWrite(t *testing.T) {
	other := sock("Service=other.service")
	for name, c := range map[string]struct {
		socket, service string
		rule, want      string
	}{
		"a port":             {other, run("--port 9090 -- app"), "no-socket", "ListenStream=0.0.0.0:9090 and"},
		"a path and a port":  {other, run("--path /run/a.sock --port u53 -- app"), "no-socket", "ListenDatagram=0.0.0.0:53, ListenStream=/run/a.sock and"},
		"neither":            {other, "", "no-socket", "ListenStream=8080 and"},
		"both kinds":         {sock("Accept=yes"), "", "no-socket", "Accept=no in app.socket"},
		"its own service":    {"[Unit]\nAfter=app.service\n", "", "socket-order", "leave After= out: "},
		"a target":           {"[Unit]\nAfter=network-online.target\n", "", "socket-order", "with Wants=network-online.target, into app.service"},
		"a passive target":   {"[Unit]\nAfter=network.target\n", "", "socket-order", "write After=network.target into app.service"},
		"another service":    {"[Unit]\nAfter=db.service\n", "", "socket-order", "with Requires=, into app.service"},
		"Accept=":            {sock("Accept=yes"), "", "accept", "Accept=no"},
		"a clash of names":   {sock("ListenDatagram=8080\nFileDescriptorName=web"), "", "entry-name", "FileDescriptorName="},
		"a name with a sign": {listening("/run/a=b"), "", "entry-name", "--rename web=NAME"},
	} {
		more := map[string]string{"etc/systemd/system/other@.service": plain}
		if c.rule == "no-socket" {
			more = map[string]string{"etc/systemd/system/app@.service": plain}
		}
		findings := found(t, 0, c.socket, c.service, more)
		i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == c.rule })
		if i < 0 || !strings.Contains(findings[i].Write, c.want) {
			t.Errorf("%s: want %s\n%s", name, c.want, text(t, findings))
		}
	}
}

func TestUnreadableDropIns(t *testing.T) {
	root := t.TempDir()
	const dir = "etc/systemd/system/"
	write(t, root, map[string]string{dir + "app.service": plain, dir + "app.socket": units.Socket, dir + "app.service.d/x.conf": "", dir + "service.d": "a file"})
	if _, err := host(root).Check("app"); err != nil {
		t.Error(err)
	}
	chmod(t, filepath.Join(root, dir, "app.service.d"), 0)
	t.Cleanup(func() { chmod(t, filepath.Join(root, dir, "app.service.d"), 0o700) })
	asNobody(t, root)
	if _, err := host(root).Check("app"); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

// Only of a template itself it is not known yet what it binds.
func TestNoAddressOfAnInstance(t *testing.T) {
	const dir = "etc/systemd/system/"
	for name, c := range map[string]struct {
		arg, socket string
		want        bool
	}{
		"an instance":              {"app@a.socket", sock(""), true},
		"the template":             {"app@.socket", sock(""), false},
		"an instance's own":        {"app@a.socket", sock("ListenStream=/run/%i"), false},
		"of the template's length": {"app@.socket", sock("ListenStream=/run/%i/" + strings.Repeat("a", 200)), false},
	} {
		root := t.TempDir()
		write(t, root, map[string]string{dir + "app@.socket": c.socket, dir + "app@.service": plain})
		findings, err := host(root).Check(c.arg)
		got := slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == "no-address" && f.Severity == Blocks })
		if err != nil || got != c.want {
			t.Errorf("%s: %v\n%s", name, err, text(t, findings))
		}
	}
}
