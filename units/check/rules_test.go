package check

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sdbridge/sdbridge/units"
)

// plain is a service without a bridge, sound as it stands.
const plain = `[Unit]
Requires=app.socket
StartLimitIntervalSec=0
[Service]
ExecStart=
ExecStart=/usr/bin/app
Type=exec
Restart=on-failure
KillMode=mixed
ExecReload=
ExecReload=/usr/bin/app-reload --wait
`

func start(line string) string { return "[Service]\nExecStart=\nExecStart=" + line + "\n" }

// run is a command line of the bridge with these flags.
func run(line string) string { return start("/usr/bin/sdbridge run " + line) }

func service(lines string) string { return "[Service]\n" + lines + "\n" }
func sock(lines string) string    { return "[Socket]\n" + lines + "\n" }
func listening(addr string) string {
	return sock("ListenStream=\nListenStream=" + addr)
}

// twin is the least that makes a rule speak, and the least that makes it silent.
// The texts are drop-ins of the pair that ships, which is quiet.
type twin struct {
	rule     string
	severity Severity

	socket, service     string // faulty
	okSocket, okService string // sound
	files, okFiles      map[string]string
}

var twins = []twin{
	{rule: "absent-unit", severity: Blocks, service: "[Unit]\nRequires=other.socket\n", okService: "[Unit]\nWants=network-online.target\n"},
	{
		rule: "absent-unit", severity: Blocks, service: "[Unit]\nRequires=other.socket\n", okService: "[Unit]\nRequires=other.socket\n",
		files:   map[string]string{"etc/systemd/system/other.socket": "-> /dev/null"},
		okFiles: map[string]string{"etc/systemd/system/other.socket": "[Socket]\nListenStream=1\n"},
	},
	{rule: "no-socket", severity: Blocks, socket: sock("Service=other.service"), okSocket: sock("Service=app.service")},
	{rule: "no-socket", severity: Loses, socket: sock("Service=other.service"), service: run("--port 80 -- app"), okSocket: sock("Service=other.service"), okService: run("--no-socket -- app")},
	{rule: "bound-socket", severity: Loses, socket: "[Unit]\nPartOf=app.service\n", okSocket: "[Unit]\nPartOf=other.service\n"},
	{rule: "bound-socket", severity: Loses, socket: "[Unit]\nBindsTo=app.service\n", okService: "[Unit]\nBindsTo=app.socket\n"},
	{rule: "bound-socket", severity: Loses, socket: "[Unit]\nConflicts=app.service\n"},
	{rule: "bound-socket", severity: Loses, service: "[Unit]\nConflicts=app.socket\n", okService: "[Unit]\nConflicts=apache2.service\n"},
	{rule: "socket-order", severity: Blocks, socket: "[Unit]\nAfter=network-online.target\n", okSocket: "[Unit]\nAfter=local-fs.target srv.mount\n"},
	{rule: "socket-order", severity: Blocks, socket: "[Unit]\nAfter=postgresql.service\n", okSocket: "[Unit]\nDefaultDependencies=no\nAfter=postgresql.service\n"},
	{rule: "accept", severity: Loses, socket: sock("Accept=yes\nService=app.service"), okSocket: sock("Accept=no")},
	{rule: "reuse-port", severity: Loses, socket: sock("ReusePort=yes"), okSocket: sock("ReusePort=no")},
	{rule: "non-blocking", severity: Loses, service: service("NonBlocking=true"), okService: service("NonBlocking=false")},
	{rule: "non-blocking", severity: Hint, service: plain + "NonBlocking=true\n", okService: plain},
	{
		rule: "descriptor-name", severity: Loses, service: plain + "[Unit]\nRequires=b.socket\n", okService: plain + "[Unit]\nRequires=b.socket\n",
		files:   map[string]string{"etc/systemd/system/b.socket": "[Socket]\nListenStream=1\nService=app.service\n"},
		okFiles: map[string]string{"etc/systemd/system/b.socket": "[Socket]\nListenStream=1\nService=app.service\nFileDescriptorName=b\n"},
	},
	{rule: "exec-in-socket", severity: Hint, socket: listening("/run/app.sock") + "User=www\n", okSocket: listening("/run/app.sock") + "SocketUser=www\n"},
	{rule: "exec-in-socket", severity: Loses, socket: listening("/run/app.sock") + "Group=www\nSocketMode=0660\n", okSocket: "[Socket]\nUser=www\n"},
	{rule: "trigger-limit", severity: Closes, socket: sock("TriggerLimitIntervalSec=2"), service: service("Restart=no"), okSocket: sock("TriggerLimitIntervalSec=2")},
	{rule: "trigger-limit", severity: Hint, socket: sock("TriggerLimitIntervalSec=2"), service: "[Unit]\nConditionPathExists=/srv/app\n", okService: "[Unit]\nConditionPathExists=/srv/app\n"},
	{rule: "install", severity: Closes, socket: "[Install]\nWantedBy=\n", service: "[Install]\nWantedBy=\n", okSocket: "[Install]\nWantedBy=sockets.target\n"},
	{
		rule: "install", severity: Hint, service: "[Install]\nWantedBy=\n", okService: "[Install]\nWantedBy=\n",
		okFiles: map[string]string{"etc/systemd/system/multi-user.target.wants/app.service": "-> ../app.service"},
	},
	{rule: "install", severity: Hint, socket: "[Install]\nWantedBy=\nWantedBy=multi-user.target\n"},

	{rule: "no-address", severity: Blocks, socket: sock("ListenStream="), okSocket: listening("/run/app.sock")},
	{rule: "no-address", severity: Blocks, socket: sock("ListenStream=localhost:5002"), okSocket: sock("ListenStream=[::1]:5002\nListenFIFO=/run/fifo\nListenDatagram=@app")},
	{rule: "no-address", severity: Blocks, socket: sock("ListenStream=run/app.sock"), okSocket: sock("ListenStream=%t/app.sock")},
	{rule: "overlap", severity: Blocks, socket: sock("ListenStream=0.0.0.0:8080"), okSocket: sock("ListenStream=0.0.0.0:8080\nBindIPv6Only=ipv6-only")},
	{rule: "overlap", severity: Blocks, socket: sock("ListenStream=8080"), okSocket: sock("ListenDatagram=8080")},
	{rule: "overlap", severity: Blocks, socket: listening("127.0.0.1:1") + "ListenStream=0.0.0.0:1\n", okSocket: listening("127.0.0.1:1") + "ListenStream=127.0.0.2:1\n"},
	{rule: "overlap", severity: Loses, socket: sock("ListenStream=8080\nReusePort=yes"), okSocket: sock("ListenStream=8081\nReusePort=yes")},
	{rule: "bridge-address", severity: Blocks, socket: listening("127.0.0.1:80"), service: run("--port 80 -- app"), okSocket: listening("0.0.0.0:80"), okService: run("--port 80 -- app")},
	{rule: "bridge-address", severity: Blocks, socket: sock("ListenStream=/run/app.sock"), service: run("--port 8080 -- app"), okSocket: sock("ListenStream=/run/app.sock"), okService: run("--port 8080 --path /var/run/app.sock -- app")},
	{rule: "bridge-address", severity: Hint, service: run("--port 8080 --port 81 -- app"), okService: run("--port [::]:8080 -- app")},
	{rule: "address-differs", severity: Loses, socket: listening("3000"), service: start("/usr/bin/puma -b tcp://0.0.0.0:3000"), okSocket: listening("0.0.0.0:3000"), okService: start("/usr/bin/puma -b tcp://0.0.0.0:3000")},
	{rule: "address-differs", severity: Loses, service: start("/usr/bin/puma --port 9090"), okService: start("/usr/bin/app --port=8080 --metrics-port 9090")},
	{rule: "address-differs", severity: Closes, socket: listening("/run/a.sock"), service: start("/usr/bin/uvicorn --uds /run/b.sock a:app"), okSocket: listening("/run/a.sock"), okService: start("/usr/bin/uvicorn --uds /run/a.sock a:app")},
	{rule: "address-differs", severity: Hint, service: start("/usr/bin/app -l /var/log/app.log --addr 10.0.0.1:5432"), okService: start("/usr/bin/app -p 8080 --path /api --socket /run/db.sock")},
	{rule: "address-differs", severity: Loses, service: start("/usr/bin/uvicorn --host 127.0.0.1 --port 8080 a:app"), okService: start("/usr/bin/uvicorn --fd 3 --port 80 a:app")},
	{rule: "address-repeated", severity: Hint, service: run("-- plackup -s Gazelle --port 8080 app.psgi"), socket: listening("0.0.0.0:8080"), okService: run("-- plackup -s Gazelle app.psgi"), okSocket: listening("0.0.0.0:8080")},
	{rule: "dual-stack", severity: Loses, service: run("-- plackup -s Starlet app.psgi"), okService: run("-- plackup -s Starlet app.psgi"), okSocket: listening("0.0.0.0:8080")},
	{rule: "dual-stack", severity: Loses, service: run("-- carton exec -- plackup --server=Starman app.psgi"), okService: run("-- plackup --server=Twiggy app.psgi")},
	{rule: "dual-stack", severity: Blocks, socket: listening("/run/app.sock"), service: run("-- starman app.psgi"), okSocket: listening("/run/app.sock"), okService: run("-- plackup -sStarlet app.psgi")},
	{rule: "runtime-directory-path", severity: Closes, socket: listening("/run/sdbridge/app/app.sock"), okSocket: listening("/run/app.sock")},
	{rule: "runtime-directory-path", severity: Closes, socket: listening("/var/run/app/app.sock"), service: service("RuntimeDirectory=app"), okSocket: listening("/run/app.sock"), okService: service("RuntimeDirectory=app")},
	{rule: "runtime-directory-path", severity: Hint, socket: listening("/run/app/s"), service: service("RuntimeDirectory=app\nRuntimeDirectoryPreserve=yes")},
	{rule: "hidden-path", severity: Closes, socket: listening("/tmp/app.sock"), okSocket: listening("/run/app.sock")},
	{rule: "hidden-path", severity: Hint, socket: listening("/tmp/app.sock"), service: service("PrivateTmp=no")},
	{rule: "hidden-path", severity: Closes, socket: listening("/home/app/s"), service: service("ProtectHome=yes"), okSocket: listening("/run/s"), okService: service("ProtectHome=yes")},
	{rule: "hidden-path", severity: Hint, socket: listening("/home/app/s")},
	{
		rule: "tmpfiles-path", severity: Closes, socket: listening("/run/app/s"), okSocket: listening("/run/app/s"),
		files:   map[string]string{"usr/lib/tmpfiles.d/app.conf": "# app\nD /run/app 0755 root root\n"},
		okFiles: map[string]string{"usr/lib/tmpfiles.d/app.conf": "D /run/app\n", "etc/tmpfiles.d/app.conf": "d /run/app 0755 root root\n"},
	},
	{
		rule: "tmpfiles-path", severity: Closes, socket: listening("/run/app/s"), okSocket: listening("/run/app/s"),
		files: map[string]string{"usr/lib/tmpfiles.d/app.conf": "R /run/a*\n"}, okFiles: map[string]string{"usr/lib/tmpfiles.d/app.conf": "r /run/b*\n"},
	},
	{
		rule: "tmpfiles-path", severity: Closes, socket: listening("/tmp/app/s"), okSocket: listening("/tmp/s"),
		files: map[string]string{"usr/lib/tmpfiles.d/app.conf": "D /tmp/app\n"}, okFiles: map[string]string{"usr/lib/tmpfiles.d/tmp.conf": "D /tmp 1777 root root -\n"},
	},

	{rule: "removed-path", severity: Closes, socket: listening("/run/s"), service: service("ExecStartPre=-/bin/rm -f /var/run/s"), okSocket: listening("/run/s"), okService: service("ExecStartPre=/bin/rm -f /run/s.old")},
	{rule: "removed-path", severity: Closes, socket: listening("/run/s"), service: service("ExecStopPost=/bin/sh -c 'if true; then rm /run/s; fi'"), okSocket: listening("/run/s"), okService: service("ExecStopPost=/bin/echo rm /run/s")},
	{rule: "exec-syntax", severity: Blocks, service: start(`/usr/bin/app "a`), okService: start(`/usr/bin/app "a" \"`)},
	{rule: "exec-syntax", severity: Blocks, service: start(`./app`), okService: start(`-/usr/bin/app`)},
	{rule: "exec-syntax", severity: Blocks, service: service("ExecStart="), okService: ""},
	{rule: "shell-syntax", severity: Blocks, service: start("/usr/bin/app > /var/log/app.log 2>&1"), okService: start(`/bin/sh -c "exec /usr/bin/app > /var/log/app.log 2>&1"`)},
	{rule: "shell-syntax", severity: Blocks, service: start("/usr/bin/app -w ${WORKERS:-16}"), okService: start("/usr/bin/app -w ${WORKERS} $ARGS")},
	{rule: "shell-syntax", severity: Blocks, service: run(`-- sh -c "exec app" > /var/log/app.log`), okService: run(`-- envdir /srv/env sh -c "exec app -w $${WORKERS:-16} > /var/log/app.log"`)},
	{rule: "shell-syntax", severity: Blocks, service: start("/usr/bin/cd /srv && /usr/bin/app"), okService: start("/usr/bin/app a&b ; /bin/true")},
	{rule: "bridge-flags", severity: Blocks, service: run("--no-such-flag -- app"), okService: run("--ready accept -- app --no-such-flag")},
	{rule: "bridge-flags", severity: Blocks, service: run("--port 80"), okService: run("app")},
	{rule: "launcher", severity: Loses, service: start("/usr/bin/npm start"), okService: start("/usr/bin/node app.js")},
	{rule: "launcher", severity: Loses, service: start(`/bin/bash -lc "/srv/app/run"`), okService: start(`/bin/bash -lc "cd /srv && A=b exec /srv/app/run -v"`)},
	{rule: "launcher", severity: Loses, service: start(`/bin/sh -c "sdbridge run -- app"`), okService: start(`/bin/sh -c "exec sdbridge run -- app"`)},
	{rule: "launcher", severity: Blocks, service: start("/usr/bin/poetry run app"), okService: start("/usr/bin/env A=b nice -n 5 /usr/bin/app")},
	{rule: "launcher", severity: Hint, service: run("-- sh -c ./app"), okService: run(`-- sh -c "exec ./app"`)},
	{rule: "launcher", severity: Loses, service: run("--export=systemd -- sh -c ./app"), okService: run(`--export=systemd -- ./app`)},
	{rule: "daemonizes", severity: Blocks, service: run("-- unicorn -D"), okService: run("-- unicorn")},
	{rule: "daemonizes", severity: Blocks, service: plain + start("/usr/bin/gunicorn -D a:app") + "Type=notify\n", okService: plain + start("/usr/bin/gunicorn -D a:app") + "Type=forking\n"},
	{rule: "several-sockets", severity: Blocks, socket: sock("ListenStream=81"), service: run("-- plackup -s Gazelle"), okSocket: sock("ListenStream=81"), okService: run("-- plackup -s Starlet")},
	{rule: "several-sockets", severity: Loses, socket: sock("ListenStream=81"), service: run("--ready=interval -- plackup -s Gazelle"), okSocket: sock("ListenStream=81"), okService: run("--select 81 -- plackup -s Gazelle")},
	{rule: "socket-name", severity: Blocks, service: run("--select nope -- app"), okService: run("--select web -- app")},
	{rule: "start-server", severity: Blocks, service: start("/usr/bin/start_server --port 80 -- app"), okService: start("/usr/bin/sdbridge start_server --port 80 -- app")},
	{rule: "start-server", severity: Hint, service: start("/usr/bin/sdbridge start_server --port 80 -- app"), okService: run("--port 80 -- app")},
	{
		rule: "start-server", severity: Blocks, service: start("/usr/bin/start_server --port 80 -- app"), okService: start("/usr/bin/start_server --port 80 -- app"),
		okFiles: map[string]string{"usr/bin/start_server": "-> sdbridge", "usr/bin/sdbridge": "x"},
	},
	{rule: "start-server", severity: Blocks, service: start("/usr/bin/perl -x /opt/bin/start_server --port 80 -- app")},
	{rule: "start-server", severity: Blocks, service: run("-- start_server --port 80 -- app"), okService: run("-- app")},
	{rule: "start-server", severity: Blocks, service: start("/usr/bin/plackup -s Starlet app.psgi"), okService: start("/usr/bin/unicorn")},
	{rule: "stop-signal", severity: Loses, service: run("-- starman app.psgi"), okService: run("--signal-on-hup=QUIT --signal-on-term SIGQUIT -- starman app.psgi")},
	{rule: "stop-signal", severity: Loses, service: run("--signal-on-hup=QUIT -- plackup -s Starlet"), okService: run("-- plackup -s Starlet")},
	{rule: "stop-signal", severity: Loses, service: run("--signal-on-hup=USR1 -- plackup -s Starlet"), okService: run("--signal-on-hup=USR1 -- plackup -s Starlet --spawn-interval 1")},
	{rule: "stop-signal", severity: Hint, service: run("--signal-on-hup=CONT --signal-on-term=QUIT -- unicorn -c u.rb"), okService: run("--signal-on-hup=QUIT --signal-on-term=QUIT -- unicorn -c u.rb")},
	{rule: "working-directory", severity: Reload, service: service("WorkingDirectory=/srv/app/current"), okService: service("WorkingDirectory=/srv/app")},
	{
		rule: "working-directory", severity: Reload, service: service("WorkingDirectory=-/srv/live/web"), files: map[string]string{"srv/live": "-> releases/7"},
		okService: run("--dir /srv/live/web -- app") + "WorkingDirectory=/srv/live/web\n", okFiles: map[string]string{"srv/live": "-> releases/7"},
	},
	{rule: "environment-file", severity: Reload, service: service("EnvironmentFile=-/etc/default/app"), okService: run("--env-file=-/etc/default/app -- app")},
	{rule: "environment-file", severity: Reload, service: service("EnvironmentFile=/etc/default/app"), okService: run("--env-file=/etc/default/app -- app") + "EnvironmentFile=/etc/default/app\n"},

	{rule: "type", severity: Reload, service: service("Type=simple"), okService: service("Type=notify")},
	{rule: "type", severity: Blocks, service: service("Type=forking\nPIDFile=/run/app.pid"), okService: plain},
	{rule: "type", severity: Reload, service: plain + "Type=forking\n", okService: plain + "Type=forking\nPIDFile=/run/app.pid\n"},
	{rule: "notify-access", severity: Hint, service: service("NotifyAccess=all"), okService: service("NotifyAccess=main")},
	{rule: "pid-file", severity: Hint, service: service("PIDFile=/run/app.pid"), okService: plain + "Type=forking\nPIDFile=/run/app.pid\n"},
	{rule: "kill-mode", severity: Loses, service: service("KillMode=control-group"), okService: service("KillMode=mixed")},
	{rule: "kill-mode", severity: Loses, service: service("KillMode=process"), okService: service("KillMode=process\nExecStopPost=/usr/local/bin/clean-up")},
	{rule: "kill-mode", severity: Hint, service: plain + start("/usr/bin/gunicorn a:app") + "KillMode=\n", okService: plain + "KillMode=\n"},
	{rule: "kill-signal", severity: Loses, service: service("KillSignal=SIGHUP"), okService: service("KillSignal=SIGTERM")},
	{rule: "timeout-start", severity: Reload, service: service("TimeoutStartSec=1min 2s"), okService: service("TimeoutStartSec=1min 3s")},
	{rule: "timeout-start", severity: Reload, service: run("--start-timeout=2m -- app"), okService: run("--start-timeout=30 -- app") + "TimeoutSec=40\n"},
	{rule: "timeout-start", severity: Hint, service: run("--start-timeout=0 -- app"), okService: run("--start-timeout=0 -- app") + "TimeoutStartSec=infinity\n"},
	{rule: "timeout-stop", severity: Loses, service: service("TimeoutStopSec=60"), okService: service("TimeoutStopSec=61")},
	{rule: "timeout-stop", severity: Loses, service: run("--drain-timeout 5m -- app"), okService: run("--drain-timeout 5m -- app") + "TimeoutStopSec=infinity\n"},
	{rule: "timeout-stop", severity: Hint, service: run("--drain-timeout 0 -- app"), okService: run("--drain-timeout 0 -- app") + "TimeoutSec=0\n"},
	{rule: "restart", severity: Hint, service: service("Restart=no"), okService: service("Restart=always")},
	{rule: "restart", severity: Hint, service: run("--idle-exit -- app") + "Restart=always\n", okService: run("--idle-exit -- app")},
	{rule: "restart-sec", severity: Closes, service: service("RestartSec=0"), okService: service("RestartSec=")},
	{rule: "restart-sec", severity: Hint, service: plain + "RestartSec=0\n", okService: plain},
	{rule: "start-limit", severity: Closes, service: "[Unit]\nStartLimitIntervalSec=10\n", okService: "[Unit]\nStartLimitIntervalSec=10\n[Service]\nRestartSec=2\n"},
	{rule: "start-limit", severity: Hint, service: plain + "[Unit]\nStartLimitIntervalSec=30\n", okService: plain + "[Unit]\nStartLimitIntervalSec=30\nStartLimitBurst=0\n"},
	{rule: "watchdog", severity: Loses, service: plain + "WatchdogSec=10\n", okService: plain + "WatchdogSec=10\nType=notify\n"},
	{
		rule: "oom-policy", severity: Hint, okService: service("OOMPolicy=kill"),
		files: map[string]string{"etc/systemd/system/app.service": strings.Replace(units.Service, "\nOOMPolicy=", "\n#", 1)},
	},

	{rule: "reload", severity: Reload, service: service("ExecReload="), okService: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --timeout 30")},
	{rule: "reload", severity: Hint, service: plain + "ExecReload=\n", okService: plain + "ExecReload=\nType=notify-reload\n"},
	{rule: "reload", severity: Reload, service: service("ExecReload=\nExecReload=/bin/kill -HUP $MAINPID"), okService: service("ExecReload=/bin/kill -0 $MAINPID")},
	{rule: "reload", severity: Reload, service: plain + "ExecReload=\nExecReload=/bin/sh -c 'kill -HUP $MAINPID; sleep 5'\n", okService: plain + "ExecReload=\nExecReload=/bin/sh -c 'kill -HUP $MAINPID && flock L true'\n"},
	{rule: "reload", severity: Reload, service: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --no-wait"), okService: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload app --wait=drained")},
	{rule: "reload-ignored", severity: Reload, service: service("ExecReload=\nExecReload=-/usr/bin/sdbridge reload"), okService: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload")},
	{rule: "reload-ignored", severity: Reload, service: service("ExecReload=\nExecReload=/bin/sh -c 'sdbridge reload || true'"), okService: service("ExecReload=\nExecReload=/bin/sh -c 'sdbridge reload || exit 1'")},
	{
		rule: "reload-rebinds", severity: Loses, service: plain + start("/usr/bin/uwsgi --socket :8080") + "ExecReload=/bin/kill -HUP $MAINPID\n",
		okService: plain + start("/usr/bin/uwsgi --ini app.ini") + "ExecReload=/bin/kill -HUP $MAINPID\n",
	},
	{rule: "notify-reload", severity: Reload, service: service("Type=notify-reload"), okService: service("Type=notify")},
	{rule: "notify-reload", severity: Hint, service: plain + "Type=notify-reload\n", okService: plain + "Type=notify\n"},
	{rule: "control", severity: Reload, service: service("RuntimeDirectory="), okService: service("RuntimeDirectory=\nEnvironment=A=b SDBRIDGE_CONTROL=/run/app.control")},
	{rule: "control", severity: Reload, service: service("RuntimeDirectory=\nRuntimeDirectory=app other"), okService: service("RuntimeDirectory=app other")},
	{rule: "control", severity: Reload, service: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload other"), okService: service("ExecReload=\nExecReload=/usr/bin/sdbridge reload --timeout 5 app")},
	{rule: "control", severity: Hint, service: service("RuntimeDirectory=\nExecReload=\nExecReload=/usr/bin/swap"), okService: run("--control /run/a -- app") + "RuntimeDirectory=\n"},

	{rule: "drops-root", severity: Blocks, service: run("-- setuidgid www app") + "User=\n", okService: run("-- setuidgid www app") + "User=\nCapabilityBoundingSet=CAP_SETUID CAP_SETGID\n"},
	{rule: "drops-root", severity: Blocks, service: run("-- chpst -u www app"), okService: run("-- chpst -e /etc/app app")},
	{rule: "drops-root", severity: Blocks, service: run("-- starman --user www app.psgi") + "User=root\n", okService: run("-- starman app.psgi") + "User=root\n"},
	{rule: "drops-root", severity: Blocks, service: run("-- h2o -c h2o.conf") + "User=\n", okService: run("-- h2o -c h2o.conf")},
	{rule: "drops-root", severity: Blocks, service: start("/usr/bin/sudo -u www app"), okService: plain + start("/usr/bin/sudo -u www app") + "NoNewPrivileges=no\n"},
	{rule: "memory-deny-write-execute", severity: Blocks, service: run("-- node app.js") + "MemoryDenyWriteExecute=yes\n", okService: service("MemoryDenyWriteExecute=yes")},
	{rule: "proc-hidden", severity: Blocks, service: run("--ready=accept -- setuidgid www app") + "User=\n", okService: run("--ready=notify -- setuidgid www app") + "User=\n"},
	{rule: "proc-hidden", severity: Hint, service: service("ProcSubset=pid"), okService: service("ProtectProc=noaccess")},
	{rule: "proc-hidden", severity: Blocks, service: run("--ready=accept -- app") + "RestrictAddressFamilies=\nRestrictAddressFamilies=AF_INET AF_UNIX\n", okService: run("--ready=accept -- app") + "RestrictAddressFamilies=\nRestrictAddressFamilies=~AF_PACKET\n"},
	{rule: "dynamic-user", severity: Hint, service: service("DynamicUser=yes"), okService: service("DynamicUser=yes\nRuntimeDirectoryPreserve=no")},

	{rule: "ignored-line", severity: Hint, service: service("KillMode"), okService: service("# KillMode\n; x\n")},
	{rule: "unknown-setting", severity: Hint, service: service("KilMode=mixed"), okService: service("X-KilMode=mixed")},
	{rule: "unknown-setting", severity: Hint, service: "[Unit]\nExecReload=/bin/true\n", okService: "[X-Ours]\nA=b\n"},
	{rule: "unknown-setting", severity: Hint, socket: "[Service]\nType=notify\n", okSocket: "[Unit]\nDocumentation=man:app(1)\n"},
}

func TestTwins(t *testing.T) {
	covered := map[string]bool{}
	for i, c := range slices.Concat(twins, unitTwins) {
		covered[c.rule] = true
		t.Run(fmt.Sprintf("%s %d", c.rule, i), func(t *testing.T) {
			faulty := found(t, 0, c.socket, c.service, c.files)
			if !slices.ContainsFunc(faulty, func(f Finding) bool { return f.Rule == c.rule && f.Severity == c.severity }) {
				t.Errorf("no finding that %s:\n%s", c.severity, text(t, faulty))
			}
			for _, f := range faulty {
				if f.Unit == "" || f.Line == "" || f.What == "" || f.Why == "" || f.Write == "" {
					t.Errorf("incomplete: %+v", f)
				}
			}
			quiet := found(t, 0, c.okSocket, c.okService, c.okFiles)
			if slices.ContainsFunc(quiet, func(f Finding) bool { return f.Rule == c.rule && (f.Severity == c.severity || f.Severity != Hint) }) {
				t.Errorf("its sound twin:\n%s", text(t, quiet))
			}
		})
	}
	for _, r := range rules {
		if !covered[r.name] && r.name != "requires-socket" {
			t.Errorf("no twin for %s", r.name)
		}
	}
}

// found is what is found in the pair that ships, with drop-ins.
func found(t *testing.T, version int, socket, service string, more map[string]string) []Finding {
	t.Helper()
	root := t.TempDir()
	const dir = "etc/systemd/system/"
	write(t, root, map[string]string{
		dir + "app.socket": units.Socket, dir + "app.socket.d/twin.conf": socket,
		dir + "app.service": units.Service, dir + "app.service.d/twin.conf": service,
	})
	write(t, root, more)
	h := host(root)
	h.Version = version
	findings, err := h.Check("app")
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

// A dependency cannot be taken back by a drop-in, so that the twins of this rule
// are whole units.
func TestRequiresSocket(t *testing.T) {
	const dir = "etc/systemd/system/"
	for unit, want := range map[string]Severity{
		"":                           Loses,
		"After=app.socket":           Loses,
		"Wants=app.socket":           Hint,
		"Requires=app.socket":        "",
		"BindsTo=app.socket":         "",
		"Requires=a.mount %N.socket": "",
	} {
		root := t.TempDir()
		write(t, root, map[string]string{
			dir + "app.socket":  units.Socket,
			dir + "app.service": strings.Replace(units.Service, "Requires=app.socket", unit, 1),
		})
		expect(t, root, "requires-socket", want)
		write(t, root, map[string]string{dir + "app.service.requires/app.socket": "-> ../app.socket"})
		expect(t, root, "requires-socket", "")
	}
}

func expect(t *testing.T, root, rule string, want Severity) {
	t.Helper()
	findings, err := host(root).Check("app")
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	switch {
	case err != nil, (i >= 0) != (want != ""), i >= 0 && findings[i].Severity != want:
		t.Errorf("want %q: %v\n%s", want, err, text(t, findings))
	}
}

func TestByVersion(t *testing.T) {
	for version, want := range map[int]bool{0: false, 247: true, 252: true, 253: false, 257: false} {
		f := found(t, version, "", plain+"Type=notify-reload\n", nil)
		if Faulty(f) != want {
			t.Errorf("notify-reload on %d:\n%s", version, text(t, f))
		}
	}
	for version, want := range map[int]bool{247: true, 252: false, 257: false} {
		f := found(t, version, "", service("DynamicUser=yes"), nil)
		if Faulty(f) != want {
			t.Errorf("DynamicUser= on %d:\n%s", version, text(t, f))
		}
	}
}

// An environment file that not everybody may read is systemd's to read.
func TestSecretEnvironmentFile(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "env")
	write(t, root, map[string]string{"env": ""})
	chmod(t, path, 0o600)
	if !secret(path) {
		t.Error("0600 is no secret")
	}
	chmod(t, path, 0o644)
	if secret(path) || secret(path+".missing") {
		t.Error("0644 is a secret")
	}
}
