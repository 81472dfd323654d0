package porting

import (
	"strings"
	"testing"
)

// placeholderS is a whole start_server line in the texts below.
var placeholderS = pattern(`(^|[\s'"])S\b`)

// What a text comes to: a line of want for each line of show that must be
// there; one that begins with "!" must not.
type reading struct{ name, text, want string }

func (tc reading) run(t *testing.T, o Source) {
	t.Run(tc.name, func(t *testing.T) {
		if o.Path == "" {
			o.Path = "run"
		}
		text := placeholderS().ReplaceAllString(tc.text, "${1}start_server --port 8080 -- /usr/bin/starman /a.psgi")
		have := show(Read([]byte(text), o))
		for want := range strings.SplitSeq(tc.want, "\n") {
			not, absent := strings.CutPrefix(want, "!")
			if absent && strings.Contains(have, not) || !absent && !strings.Contains(have, want) {
				t.Errorf("%s\nwant %s\nhave:\n%s", tc.text, want, have)
			}
		}
	})
}

func TestHelpersOfInitScripts(t *testing.T) {
	const daemon = "DAEMON=/usr/bin/start_server\n"
	for _, tc := range []reading{
		{"test", daemon + "start-stop-daemon --start --exec $DAEMON --test >/dev/null || return 1\nS", "source: run:3\n!note\n!error"},
		{"test, short", daemon + "start-stop-daemon -S -t -x $DAEMON\nS", "source: run:3\n!error"},
		{"ssd stops", daemon + "start-stop-daemon -Kq -x $DAEMON\nS", "becomes systemctl stop"},
		{"ssd reloads", daemon + "start-stop-daemon --stop --signal HUP --exec $DAEMON\nS", "becomes systemctl reload"},
		{"ssd looks", daemon + "start-stop-daemon -K -s 0 -x $DAEMON\nS", "!becomes"},
		{"ssd alone", daemon + "start-stop-daemon --stop --exec $DAEMON", "error: \nis a stop: systemctl stop"},
		{"killproc", daemon + "killproc -p $PIDFILE $DAEMON\nS", "run:2: `killproc -p $PIDFILE $DAEMON` becomes systemctl stop"},
		{"killproc -HUP", daemon + "killproc $DAEMON -HUP\nS", "becomes systemctl reload\n!no listener"},
		{"kill -0", "kill -0 $(cat /run/p) && exit 0\nS", "!becomes"},
		{"pidofproc", daemon + "pidofproc -p $P $DAEMON\nS", "!note\n!error"},
		{"checkproc", daemon + "checkproc $DAEMON\nS", "!note\n!error"},
		{"status_of_proc", daemon + "status_of_proc -p $P \"$DAEMON\" \"$NAME\" && exit 0\nS", "!note\n!missing\n!error"},
		{"logger", "logger -t start_server starting\nS", "!note\n!no listener"},
		{"systemctl stop", "sudo -n systemctl stop start_server\nS", "becomes systemctl stop"},
		{"systemctl reload", "systemctl reload start_server.service\nS", "becomes systemctl reload"},
		{"systemctl of another", "systemctl stop nginx\nS", "`systemctl stop nginx` is not carried over"},
		{"start_daemon", "start_daemon -p $P -n 5 S", "unit: [Service] Nice=5\n!wrappers"},
		{"startproc", "startproc -p /p -u www -g web S", "user: www\ngroup: web\n!wrappers"},
		{"ps and grep", "app 1 0.1 0.2 1 2 ? Ss 10:00 0:00 S\napp 2 0.1 0.2 1 2 pts/0 R+ 10:00 0:00 grep --color=auto start_server", "user: app\n!note\n!error"},
		{"ps -ef and grep", "$ ps -ef | grep start_server\napp 1 1 0 10:00 ? 00:00:00 S\nroot 2 1 0 10:00 pts/0 00:00:00 grep start_server", "user: app\n!note\n!error"},
	} {
		tc.run(t, Source{})
	}
}

// A value that changes later is not the first one.
func TestLaterValues(t *testing.T) {
	const start = "\nstart_server --port $PORT -- /usr/bin/starman /a.psgi"
	const asked = "missing: $PORT in --port: --set PORT=VALUE"
	for _, tc := range []reading{
		{"read", "PORT=80\nread -r PORT </etc/port" + start, asked},
		{"let", "PORT=80\nlet PORT=PORT+1" + start, asked},
		{"((++))", "PORT=80\n((PORT++))" + start, asked},
		{"$((=))", "PORT=80\nX=$((PORT = 81))" + start, asked},
		{"compared", "PORT=80\n((PORT == 81))" + start, "--port=80"},
		{"printf -v", "PORT=80\nprintf -v PORT %d 81" + start, asked},
		{"getopts", "PORT=80\ngetopts p: PORT" + start, asked},
		{"for", "PORT=80\nfor PORT in 1 2; do :; done" + start, asked},
		{"for ((;;))", "PORT=80\nfor ((PORT=1; PORT<3; PORT++)); do :; done" + start, asked},
		{"in a for", "PORT=80\nfor x in 1 2; do PORT=$x; done" + start, asked},
		{"unset in an if", "PORT=80\nif [ -e /x ]; then unset PORT; fi" + start, asked},
		{"in a case", "PORT=80\ncase $E in a) PORT=1;; b) :;; esac" + start, asked},
		{"export $(cat)", "cd /srv\nPORT=80\nexport $(cat .env)" + start, "--port=80\nnote: PORT is set before `export $(cat .env)`, which may set it anew: --set PORT=VALUE"},
		{"function", "PORT=80\nf() { PORT=81; }\nf" + start, "--port=81"},
		{"sourced", "PORT=80\nW=4\n[ -r /etc/default/app ] && . /etc/default/app" + start, "--port=80\nnote: PORT is set before `. /etc/default/app`, which may set it anew: --set PORT=VALUE\n!W is set"},
		{"sourced first", ". /etc/default/app\nPORT=80" + start, "--port=80\n!PORT is set"},
		{"sourced, for su", "PORT=80\n. /etc/default/app\nsu app -c \"start_server --port $PORT -- /a\"", "--port=80\nnote: PORT is set"},
		{"functions only", "PORT=80\n. /lib/lsb/init-functions" + start, "!note"},
		{"eval", "PORT=80\neval \"$(cat x)\"" + start, "note: PORT is set before `eval $(cat x)`\nwhat it sets is not in the unit"},
		{"eval of a tool", "PORT=80\neval \"$(plenv init -)\"" + start, "!PORT is set"},
		{"eval of a text", "PORT=80\neval PORT=81" + start, "--port=81"},
	} {
		tc.run(t, Source{})
	}
	reading{"given", "PORT=80\n. /etc/default/app" + start, "--port=7\n!PORT is set"}.run(t, Source{Set: map[string]string{"PORT": "7"}})
	reading{"make", "PORT = 5000\nifdef X\nPORT = 1\nendif\nifndef W\nW = 4\nendif\nrun:\n\tstart_server --port $(PORT) -- /a $(W)\n", "missing: $(PORT) in --port\ncommand: /a 4"}.run(t, Source{Path: "Makefile"})
}

func TestFunctionsAreReadAtTheirCall(t *testing.T) {
	for _, tc := range []reading{
		{"setup", "setup() { export E=p; cd /srv/app; ulimit -n 5000; }\nstart() { setup; S; }\ncase \"$1\" in start) start;; esac", "environment: E=p\ndirectory: /srv/app\nLimitNOFILE=5000\n!under a condition"},
		{"arguments", "run() { local w=4; start_server --port \"$1\" -- /a $w \"${2:-x}\" $3; }\nrun 80", "--port=80\ncommand: /a 4 x\n!missing"},
		{"all arguments", "run() { shift; start_server \"$@\"; }\nrun x --port 80 -- '/a b'", "--port=80\ncommand: \"/a b\""},
		{"handed on", "main() { start_server --port \"$1\" -- /a; }\nmain \"$@\"", "missing: $1 in --port"},
		{"eval set --", "P=80\neval set -- \"$X\"\nstart_server --port $P -- /a", "--port=80\n!note"},
		{"shifted in a loop", "f() { while [ $# -gt 0 ]; do shift; done; start_server --port \"$1\" -- /a; }\nf 1 2", "missing: $1 in --port: --set '$1=VALUE'"},
		{"set --", "set -- --port 80\nstart_server \"$@\" -- /a", "--port=80\n!missing"},
		{"local", "p=80\nf() { local p=81; }\nf\nstart_server --port $p -- /a", "--port=80"},
		{"recursive", "f() { g; f; }\ng() { f; P=3; }\nf\nstart_server --port $P -- /a", "--port=3"},
		{"not called", "f() { PORT=1; }\nPORT=80\nstart_server --port $PORT -- /a", "--port=80"},
		{"not to be followed", "run() { queue; }\nrun S", "note: `run` is a function of the script and is dropped"},
		{"twice", "go() { S; }\nif [ -e /a ]; then go; else go; fi", "source: run:1\n!run:2"},
		{"a limit under a condition", "[ \"$X\" ] && ulimit -n 5\nS", "note: LimitNOFILE=5 stands under a condition"},
	} {
		tc.run(t, Source{})
	}
}

func TestExported(t *testing.T) {
	for _, tc := range []reading{
		{"PATH", "PATH=/opt/bin:$PATH\nS", "environment: PATH=/opt/bin:/usr/local/sbin:"},
		{"LANG", "LANG=C TZ=UTC\nX=1\nS", "environment: LANG=C\nenvironment: TZ=UTC\n!X=1"},
		{"quoted", "export \"A=b c\" 'D=e' F=\"g\"h\nS", "environment: A=b c\nenvironment: D=e\nenvironment: F=gh"},
		{"taken back", "export A=1 B=2\nexport -n A\nS", "environment: B=2\n!A=1"},
		{"$(cat)", "cd /srv\nexport $(cat .env)\nS", "environment files: [/srv/.env]\nbecomes --env-file"},
		{"$(grep | xargs)", "cd /srv\nexport $(grep -v '^#' .env | xargs)\nS", "environment files: [/srv/.env]"},
		{"if it is there", "cd /srv\n[ -f .env ] && export $(xargs <.env)\nS", "environment files: [-/srv/.env]"},
		{"$(program)", "export $(vault read x)\nS", "note: `export $(vault read x)` is not carried over"},
		{"while read", "while read l; do export \"$l\"; done <.env\nS", "note: `export \"$l\"` is not carried over"},
		{"exec >>", "exec >>/var/log/app.log 2>&1\nexec 9>/lock\nS", "note: `exec >>/var/log/app.log` is not carried over\n!9>"},
		{"exec > >()", "exec > >(tee -a /l) 2>&1\nS", "note: `exec > >(tee -a /l)` is not carried over"},
		{"comment", "start_server --port 80 \\\n # --path /x \\\n -- /a", "note: run:2: a comment between continued lines"},
	} {
		tc.run(t, Source{})
	}
}

func TestUsersAndPlaces(t *testing.T) {
	const home = "missing: ~app in cd: --set '~app=DIRECTORY'"
	for _, tc := range []reading{
		{"su -", "cd /opt/x; su - app -c \"start_server --port 80 -- starman a.psgi\"", home + "\n!/opt/x"},
		{"su -l", "su -l app -c 'S'", home},
		{"runuser -l, cd", "runuser -l app -c 'cd /srv && S'", "directory: /srv\n!missing"},
		{"sudo -i", "sudo -i -u app S", home},
		{"sudo -i as root", "sudo -i S", "missing: ~root in cd"},
		{"behind", "cd /opt/x; start_server --port 80 -- su - app -c \"starman a.psgi\"", home + "\ndirectory: /opt/x"},
		{"numbers", "sudo -u '#1000' -g '#1001' S", "user: 1000\ngroup: 1001"},
		{"chpst -u", "chpst -u app:app:adm:ssl S", "user: app\ngroup: app\nSupplementaryGroups=adm ssl"},
		{"applyuidgid", "s6-applyuidgid -u 1000 -g 1001 -G 5,6 S", "user: 1000\ngroup: 1001\nSupplementaryGroups=5 6\n!wrappers"},
		{"systemd-run", "systemd-run -p User=www -p UMask=027 S", "user: www\numask: 027"},
		{"wrapper", "cd /srv/app; exec ./env.sh carton exec -- start_server --dir=/srv/app/web --port 80 -- plackup a.psgi", "wrappers: /srv/app/env.sh carton exec --"},
		{"wrapper somewhere", "exec ./env.sh start_server --dir=/srv/app/web --port 80 -- plackup a.psgi", "missing: ./env.sh in the wrapper: --set PWD=DIRECTORY"},
		{"chroot", "chroot --userspec=app:app /jail S", "error: run:1: `chroot --userspec=app:app /jail` needs root\nRootDirectory=/jail"},
		{"chroot of start-stop-daemon", "start-stop-daemon --start --chroot /jail --exec /usr/bin/start_server -- --port 80 -- /a", "error: run:1: start-stop-daemon --chroot needs root"},
		{"chroot behind", "start_server --port 80 -- chroot /jail /a", "error: run:1: `chroot /jail` needs root"},
		{"unshare", "unshare -n S", "error: run:1: `unshare -n` needs root\nPrivateNetwork=yes"},
		{"netns", "ip netns exec blue S", "NetworkNamespacePath=/run/netns/blue"},
	} {
		tc.run(t, Source{})
	}
	reading{"su -, given", "su - app -c 'S'", "directory: /home/app\n!missing"}.run(t, Source{Set: map[string]string{"~app": "/home/app"}})
	reading{"behind, given", "start_server --port 80 -- su - app -c 'exec ./a'", "--dir=/home/app\n!missing"}.run(t, Source{Set: map[string]string{"~app": "/home/app"}})
}

func TestLimitsAndMasks(t *testing.T) {
	for _, tc := range []reading{
		{"hard and soft", "ulimit -Hn 5000; ulimit -Sn 1000\nS", "LimitNOFILE=1000:5000\n!LimitNOFILE=5000"},
		{"apart", "ulimit -n 5000; ulimit -S -n 1000\nS", "LimitNOFILE=1000:5000"},
		{"to the hard one", "ulimit -Sn hard\nS", "missing: ulimit hard in LimitNOFILE=: --set 'ulimit hard=VALUE'"},
		{"the last", "ulimit -n 5; ulimit -n 6\nS", "LimitNOFILE=6\n!LimitNOFILE=5"},
		{"softlimit -m", "softlimit -m 1000 -d 2000 S", "LimitAS=1000\nLimitSTACK=1000\nLimitMEMLOCK=1000\nLimitDATA=2000\n!LimitDATA=1000"},
		{"chpst -m", "chpst -m 1000 S", "LimitAS=1000\nLimitDATA=1000\nLimitSTACK=1000\nLimitMEMLOCK=1000"},
		{"unknown", "softlimit -a $A chpst -o $N S", "missing: $A in LimitAS=\nmissing: $N in LimitNOFILE="},
		{"prlimit", "prlimit --nproc=50 --as=3000000000 --core=unlimited --nofile=100:200 -l=5 S", "LimitNPROC=50\nLimitAS=3000000000\nLimitCORE=infinity\nLimitNOFILE=100:200\nLimitMEMLOCK=5"},
		{"umask -S", "umask -S 027\nS", "umask: 027"},
		{"umask prints", "umask -S\nS", "!umask"},
		{"umask -p", "umask -p 027\nS", "umask: 027"},
		{"symbols", "umask u=rwx,g=rx,o=\nS", "umask: 0027"},
		{"all", "umask a=rx\nS", "umask: 0222"},
		{"less", "umask 002; umask g-w,o-rwx\nS", "umask: 0027"},
		{"less of nothing", "umask g-w\nS", "missing: g-w in UMask=: --set 'g-w=VALUE'\n!umask"},
		{"computed", "umask $M\nS", "missing: $M in UMask="},
	} {
		tc.run(t, Source{})
	}
	reading{"given", "umask g-w\nS", "umask: 0022\n!missing"}.run(t, Source{Set: map[string]string{"g-w": "0022"}})
}
