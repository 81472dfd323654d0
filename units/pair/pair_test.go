package pair

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-systemd/v22/unit"

	"github.com/sdbridge/sdbridge/bridge/starter"
	"github.com/sdbridge/sdbridge/units/porting"
	"github.com/sdbridge/sdbridge/units/servers"
)

var update = flag.Bool("update", false, "write the golden files anew")

// aHost has the users www and app, some programs, and two files of variables.
var aHost = host{
	account: func(name string) (account, error) {
		users := map[string]account{"www": {33, []int{33}}, "app": {1000, []int{1000, 4}}, "root": {0, []int{0}}}
		if a, ok := users[name]; ok {
			return a, nil
		}
		return account{}, errors.New("unknown user")
	},
	stat: func(path string) (owned, error) {
		files := map[string]owned{
			"/": {0o755, 0, 0}, "/etc": {0o755, 0, 0}, "/etc/default": {0o755, 0, 0}, "/etc/secret": {0o750, 0, 4},
			"/etc/default/app": {0o644, 0, 0}, "/etc/default/db": {0o600, 0, 0}, "/etc/secret/app": {0o644, 0, 0},
			"/usr/bin/plackup": {0o755, 0, 0}, "/usr/bin/starman": {0o755, 0, 0}, "/usr/bin/carton": {0o755, 0, 0}, "/srv/perl/bin/carton": {0o755, 0, 0},
			"/usr/bin/unicorn": {0o755, 0, 0}, "/usr/bin/redis-server": {0o755, 0, 0},
		}
		if o, ok := files[path]; ok {
			return o, nil
		}
		return owned{}, fs.ErrNotExist
	},
}

// line is a Service as the words of start_server say it.
func line(t *testing.T, words ...string) porting.Service {
	t.Helper()
	o, err := starter.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	s := porting.Service{Source: "run:3", Name: "app", Directory: "/srv/app", Command: o.Command, Given: map[string]bool{}}
	for _, w := range words {
		if w == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(w, "--"), "=")
		s.Given[name] = true
	}
	o.Command = nil
	s.Options = o
	return s
}

type example struct {
	words []string
	with  func(*porting.Service)
	o     Options
}

func split(text string) []string { return strings.Fields(text) }

// examples each have golden files.
var examples = map[string]example{
	"starlet": {words: split("--port=80 --path=/run/app.sock --interval=5 -- plackup -s Starlet app.psgi"), o: Options{User: "www"}},
	"starman": {
		words: split("--interval=5 --port=8080 --signal-on-hup=QUIT --pid-file=run/app.pid --status-file=run/app.status --backlog=1024 -- starman --preload-app --user app --group app --workers 5 app.psgi"),
		with:  func(s *porting.Service) { s.Notes = []string{"plenv init is not carried over"} },
	},
	"starman-term": {words: split("--port=127.0.0.1:8080 --signal-on-hup=TERM --path=/run/s.sock -- plackup -s Starman app.psgi"), o: Options{User: "app"}},
	"twiggy":       {words: split("--port=[::1]:8080 --port=localhost:8081 -- plackup --server=Twiggy /srv/app/app.psgi"), o: Options{User: "app"}},
	"dual-stack":   {words: split("--port=8080 --port=u53 -- /srv/app/appd"), o: Options{User: "app", DualStack: true}},
	"all-families": {words: split("--port=0.0.0.0:443 --port=[::]:443 --port=192.0.2.1:u443 --log-file=/var/log/h2o/error.log -- /usr/sbin/h2o -c /etc/h2o/h2o.conf"), o: Options{User: "www"}},
	"descriptor":   {words: split("--port=8080=5 --port=localhost:u8081 --path=./tmp/app.sock -- ./appd"), o: Options{User: "app"}},
	"gazelle": {
		words: split("--port=8080 --path=/tmp/app.sock -- plackup -s Gazelle -E production app.psgi"),
		with:  func(s *porting.Service) { s.Directory = "/home/app/App" },
		o:     Options{User: "app"},
	},
	"unicorn": {
		words: split("--path=/srv/app/unicorn.sock --signal-on-term=QUIT --signal-on-hup=QUIT --status-file=/srv/app/app.status --pid-file=/srv/app/app.pid --kill-old-delay=100 -- unicorn --config-file /srv/app/unicorn.rb config.ru"),
		o:     Options{SocketUser: "www", SocketGroup: "www", SocketMode: "0660"},
	},
	"slow":     {words: split("--port=9002 --interval=90 --kill-old-delay=60 --pid-file=app.pid -- /srv/app/start-worker.sh"), o: Options{User: "app", KeepPidFile: true}},
	"fcgi":     {words: split("--path=/run/fcgi.sock --log-file=|/usr/bin/rotatelogs --daemonize -- plackup -s FCGI app.psgi"), o: Options{User: "app"}},
	"auto":     {words: split("--port=5000 --enable-auto-restart --auto-restart-interval=10 --envdir=env -- script/app.sh"), o: Options{User: "root"}},
	"clackup":  {words: split("--port=5000 -- clackup /srv/app/app.lisp"), o: Options{User: "app", Hardening: Strict}},
	"user":     {words: split("--port=80 -- ./appd"), o: Options{UserUnit: true}, with: func(s *porting.Service) { s.User = "app" }},
	"bare":     {words: split("--port=8080 -- ./appd"), o: Options{Hardening: None}},
	"redis":    {words: split("--pid-file=var/run/redis.pid -- redis-server --unixsocket var/run/redis.socket --port 0"), with: func(s *porting.Service) { s.Name = "redis" }},
	"respawn":  {words: split("--interval=5 --signal-on-term=INT --envdir=env -- ./worker.pl"), o: Options{User: "app"}},
	"own-port": {words: split("-- carton exec -- plackup -s Starlet -p 8080 app.psgi"), with: func(s *porting.Service) { s.EnvironmentFiles = []string{"/etc/default/app"} }},
	"quoting": {
		words: []string{"--port=8080", "--", "/srv/app/my app", "", "a'b", `c"d`, `e\f`, ";", "50%", "$HOME", "${MAX}/x", "-@:+!", "ü", "\x01", "two\nlines\t.", "*?{}~#"},
		with: func(s *porting.Service) {
			s.Command = append(s.Command, "$OPTIONS")
			s.Expanded, s.Environment = []string{"MAX", "$OPTIONS"}, []string{"MAX=100", "OPTIONS=-v -x", `GREETING=say "100%" for $5 \o/`, "EMPTY="}
			s.Secrets = []string{"DB_PASSWORD=x", "API_KEY=y"}
		},
		o: Options{User: "app", Binary: "/opt/my tools/100%/sdbridge"},
	},
	"old-unit": {
		words: split("--port=7777 -- /usr/bin/plackup -s Starlet app.psgi"),
		with: func(s *porting.Service) {
			s.Source, s.User, s.Group, s.UMask = "app.service:6", "www", "www-data", "002"
			s.EnvironmentFiles = []string{"/etc/default/app", "-/etc/default/db", "-/etc/default/later", "-./app.env"}
			s.Wrappers = []string{"carton", "exec", "--"}
			s.Environment = []string{"PATH=/srv/perl/bin:/usr/bin"}
			for _, o := range []struct{ section, name, value string }{
				{"Unit", "Description", "The application"},
				{"Unit", "After", "network.target"},
				{"Unit", "After", "network-online.target"},
				{"Unit", "Wants", "network-online.target"},
				{"Service", "LimitNOFILE", "32768"},
				{"Service", "ExecStartPre", "/usr/bin/mkdir -p /tmp/%p"},
				{"Service", "ExecStartPre", "/usr/bin/true"},
				{"Service", "Restart", "always"},
				{"Service", "ExecStop", "/bin/kill $MAINPID"},
				{"Service", "KillMode", "process"},
				{"Service", "TimeoutStopSec", "5min"},
				{"Service", "TimeoutStartSec", "30"},
				{"Service", "RuntimeDirectory", "app"},
				{"Service", "NoNewPrivileges", "no"},
				{"Service", "StandardOutput", "append:/var/log/app.log"},
				{"Service", "RestrictAddressFamilies", "AF_UNIX"},
				{"Service", "RestrictAddressFamilies", "AF_INET"},
				{"Install", "WantedBy", "multi-user.target"},
				{"Install", "Alias", "web.service"},
			} {
				s.Unit = append(s.Unit, unit.NewUnitOption(o.section, o.name, o.value))
			}
		},
	},
	"runtime-directory": {
		words: split("--path=/var/run/app/app.sock -- ./appd"),
		with: func(s *porting.Service) {
			s.Unit = []*unit.UnitOption{unit.NewUnitOption("Service", "RuntimeDirectory", "app other"), unit.NewUnitOption("Service", "DynamicUser", "yes")}
		},
	},
}

func (e example) make(t *testing.T) Pair {
	t.Helper()
	s := line(t, e.words...)
	if e.with != nil {
		e.with(&s)
	}
	p, err := aHost.make(s, e.o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGolden(t *testing.T) {
	for name, e := range examples {
		t.Run(name, func(t *testing.T) {
			p := e.make(t)
			golden(t, name+".socket", p.Socket)
			golden(t, name+".service", p.Service)
			for _, n := range p.Notes {
				if !strings.Contains(p.Service, n) && !strings.Contains(n, "\n") {
					t.Errorf("the unit does not say: %s", n)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	switch {
	case *update && got == "":
		_ = os.Remove(path)
	case *update:
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil && got != "" {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not as the golden file (-update writes it):\n%s", name, got)
	}
}

func TestVerifyIsSilent(t *testing.T) {
	for name, e := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var args []string
			if e.o.UserUnit {
				args = append(args, "--user")
			}
			binary, err := quote(first(e.o.Binary, "/usr/bin/sdbridge"), nil, true)
			if err != nil {
				t.Fatal(err)
			}
			p := e.make(t)
			p.Service = strings.ReplaceAll(p.Service, binary, "/bin/true")
			verify(t, []Pair{p}, args...)
		})
	}
}

// verify has systemd read the pairs. Its exit status says little before 254:
// silence counts. Whether the program is there is the host's affair.
func verify(t *testing.T, pairs []Pair, args ...string) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	args = append([]string{"verify"}, args...)
	for _, p := range pairs {
		for suffix, text := range map[string]string{".socket": p.Socket, ".service": p.Service} {
			path := filepath.Join(dir, p.Name+suffix)
			if text == "" {
				continue
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			args = append(args, path)
		}
	}
	cmd := exec.Command(analyze, args...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir) // --user wants one
	out, _ := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		ours := slices.ContainsFunc(pairs, func(p Pair) bool { return strings.Contains(line, p.Name+".") })
		if ours && !strings.Contains(line, "is not executable") {
			t.Errorf("systemd-analyze: %s", line)
		}
	}
}

// What go-systemd reads of a pair is what was written, setting by setting.
func TestRoundTrip(t *testing.T) {
	for name, e := range examples {
		p := e.make(t)
		for _, text := range []string{p.Socket, p.Service} {
			options, err := unit.DeserializeOptions(strings.NewReader(text))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			count := 0
			for line := range strings.Lines(text) {
				if line[0] >= 'A' && line[0] <= 'Z' {
					count++
				}
			}
			if len(options) != count {
				t.Errorf("%s: %d settings are read, %d were written", name, len(options), count)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		example
		want string
	}{
		"host name":         {example{words: split("--port=www.example:80 -- ./appd")}, `run:3: --port "www.example:80": systemd binds no name: write the address that www.example has`},
		"any port":          {example{words: split("--port=0 -- ./appd")}, "any free port"},
		"twice":             {example{words: split("--port=80 --port=0.0.0.0:80 -- ./appd")}, "ListenStream=0.0.0.0:80 is there twice"},
		"long path":         {example{words: split("--path=/run/" + strings.Repeat("x", 103) + " -- ./appd")}, "longer than the 107 bytes"},
		"semicolon":         {example{words: split("--path=/run/a;b -- ./appd")}, "neither ; nor ="},
		"backslash":         {example{words: []string{`--path=/run/a\`, "--", "./appd"}}, "no backslash"},
		"bridge's own":      {example{words: split("--path=/run/sdbridge/app/s -- ./appd")}, "RuntimeDirectory="},
		"mode of a port":    {example{words: split("--port=80 -- ./appd"), o: Options{SocketMode: "0660"}}, "the line has no --path"},
		"dual-stack child":  {example{words: split("--port=80 -- starman"), o: Options{DualStack: true}}, "--dual-stack: starman reads an IPv6 address as an IPv4 one and dies; leave it out"},
		"dual-stack and v6": {example{words: split("--port=80 --port=[::1]:81 -- ./appd"), o: Options{DualStack: true}}, "an IPv6 address of its own"},
		"unit name":         {example{words: split("--port=80 -- ./appd"), o: Options{Name: "a b"}}, `"a b" is no name for a unit`},
		"option":            {example{words: split("--port=80 -- ./appd"), o: Options{Name: "-a"}}, "no name for a unit"},
		"user":              {example{words: split("--port=80 -- ./appd"), o: Options{User: "www data"}}, "no name of a user or group"},
		"two groups":        {example{words: split("--port=80 -- ./appd"), o: Options{User: "www:adm", Group: "www"}}, "name two groups"},
		"smuggled far": {example{words: split("--port=80 -- ./appd"), with: func(s *porting.Service) {
			s.User, s.Command = "www\nRootImage=/x", []string{strings.Repeat("x", 3000)}
		}}, "would not read back"},
		"template":         {example{words: split("--port=80 -- ./appd"), o: Options{Name: "app@"}}, "no name for a unit"},
		"relative binary":  {example{words: split("--port=80 -- ./appd"), o: Options{Binary: "bin/sdbridge"}}, "not absolute"},
		"variable":         {example{words: split("--port=80 -- ./appd"), with: func(s *porting.Service) { s.Environment = []string{"A-B=1"} }}, `no variable "A-B"`},
		"not UTF-8":        {example{words: []string{"--port=80", "--", "/a", "\xff"}}, `"\xff" is not UTF-8`},
		"variable's value": {example{words: split("--port=80 -- ./appd"), with: func(s *porting.Service) { s.Environment = []string{"A=\x01"} }}, "no control character"},
		"smuggled":         {example{words: split("--port=80 -- ./appd"), with: func(s *porting.Service) { s.User = "www\nRootImage=/x" }}, "would not read back"},
	}
	for name, tt := range tests {
		s := line(t, tt.words...)
		if tt.with != nil {
			tt.with(&s)
		}
		if _, err := aHost.make(s, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s:\n got: %v\nwant: %s", name, err, tt.want)
		}
	}
}

// All that is missing is named at once, each with its flag.
func TestMissing(t *testing.T) {
	s := line(t, split("--path=./app.sock --envdir=env -- plackup -s Starlet")...)
	s.Name, s.Directory = "", ""
	s.Missing = []porting.Missing{
		{Text: "$PORT", Where: "--port", Remedy: "--set PORT=8080"},
		{Text: "$PID", Where: "--pid-file", Remedy: "--set PID=VALUE"}, // falls away
	}
	p, err := aHost.make(s, Options{})
	missing, ok := errors.AsType[*MissingError](err)
	if !ok || p.Service != "" {
		t.Fatalf("make = %+v, %v", p, err)
	}
	const want = `run:3: nothing is written, for these are not known:
  --port "$PORT": give --set PORT=8080
  the name of the units: give --name NAME
  --path "./app.sock": give --directory DIR, where start_server ran
  --envdir "env": give --directory DIR, where start_server ran`
	if missing.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", missing, want)
	}
}

// Every line that the reader knows gives a pair that is clean, or says what is
// missing.
func TestPorted(t *testing.T) {
	texts, err := filepath.Glob("../porting/testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []Pair
	for _, path := range texts {
		if strings.HasSuffix(path, ".golden") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue // a directory
		}
		services, err := porting.Read(text, porting.Source{Path: "/srv/app/" + filepath.Base(path)})
		if err != nil {
			continue // the reader's tests say why
		}
		for _, s := range services {
			p, err := Make(s, Options{Name: fmt.Sprint("ported", len(pairs)), User: "root", Directory: "/", Binary: "/bin/true"})
			if _, ok := errors.AsType[*MissingError](err); err != nil && !ok {
				t.Error(path, err)
			}
			if p.Service != "" {
				t.Log(path, p.Name)
				pairs = append(pairs, p)
			}
		}
	}
	verify(t, pairs)
}

// What the user gave is not asked for.
func TestGivenInPlace(t *testing.T) {
	s := line(t, split("--port=80 -- ./app")...)
	s.Directory = ""
	s.Missing = []porting.Missing{{Text: "$WHO", Where: "User="}, {Text: "$HERE", Where: "cd"}}
	p, err := aHost.make(s, Options{User: "www", Directory: "/srv"})
	if err != nil || !strings.Contains(p.Service, "\nUser=www\n") || !strings.Contains(p.Service, " --dir=/srv -- ./app\n") {
		t.Errorf("%v\n%s", err, p.Service)
	}
}

// Without a bridge and a directory the program is left to env(1), and the remedy
// is systemd's.
func TestPlainWithoutDirectory(t *testing.T) {
	s := line(t, split("--interval=5 -- ./worker.pl")...)
	s.Directory = ""
	p, err := aHost.make(s, Options{User: "app"})
	if err != nil || !strings.Contains(p.Service, "\nExecStart=/usr/bin/env ./worker.pl\n") || !strings.Contains(strings.Join(p.Notes, "\n"), "write WorkingDirectory=DIR") {
		t.Errorf("%v %q\n%s", err, p.Notes, p.Service)
	}
}

// USR1 is a slow restart with --spawn-interval alone, and cuts else.
func TestUSR1(t *testing.T) {
	for words, want := range map[string]bool{
		"plackup -s Starlet app.psgi":                                     true,
		"plackup -s Starlet --spawn-interval=1 app.psgi":                  false,
		"envdir /etc/env sh plackup -s Starlet --spawn-interval 1 a.psgi": false,
		"unicorn config.ru":                                               false,
	} {
		p, err := aHost.make(line(t, split("--port=80 --signal-on-hup=USR1 -- "+words)...), Options{User: "app"})
		if got := strings.Contains(strings.Join(p.Notes, "\n"), "USR1 cuts"); err != nil || got != want {
			t.Errorf("%s: %v, %q", words, err, p.Notes)
		}
	}
}

// A command that took the file away of what PID 1 now holds.
func TestRemoves(t *testing.T) {
	s := line(t, split("--path=/var/run/app.sock --port=80 -- ./app")...)
	kept := "/bin/rm -f /run/app.pid"
	for _, command := range []string{"-/bin/rm -f /var/run/app.sock", "/bin/sh -c 'unlink /run/app.sock; true'", kept} {
		s.Unit = append(s.Unit, unit.NewUnitOption("Service", "ExecStartPre", command))
	}
	p, err := aHost.make(s, Options{User: "app"})
	if err != nil || strings.Count(p.Service, "\nExecStartPre=") != 1 || !strings.Contains(p.Service, "\nExecStartPre="+kept+"\n") {
		t.Errorf("%v\n%s", err, p.Service)
	}
}

// An old unit that dropped the output did so since --log-file had the lines.
func TestLogFileOfUnit(t *testing.T) {
	s := line(t, split("--port=80 --log-file=/var/log/app.log -- ./app")...)
	s.Unit = []*unit.UnitOption{unit.NewUnitOption("Service", "StandardOutput", "null")}
	p, err := aHost.make(s, Options{User: "app"})
	if err != nil || strings.Contains(p.Service, "\nStandardOutput=") || !strings.Contains(strings.Join(p.Notes, "\n"), "StandardOutput=null is not carried over") {
		t.Errorf("%v %q\n%s", err, p.Notes, p.Service)
	}
}

func TestAnswer(t *testing.T) {
	tests := map[string]struct {
		words string
		o     Options
		want  string
	}{
		"restart": {"--restart --pid-file=p --status-file=s", Options{}, "systemctl reload app.service"},
		"stop":    {"--stop --pid-file=p", Options{Name: "web.service"}, "systemctl stop web.socket web.service"},
		"both":    {"--stop --restart --pid-file=p --status-file=s", Options{Name: "web"}, "systemctl reload web.service"},
		"user":    {"--stop --pid-file=p", Options{UserUnit: true}, "systemctl --user stop app.socket app.service"},
	}
	for name, tt := range tests {
		p, err := aHost.make(line(t, split(tt.words)...), tt.o)
		if err != nil || p.Answer != tt.want || p.Service+p.Socket != "" {
			t.Errorf("%s: %+v, %v; want %q", name, p, err, tt.want)
		}
	}
}

func TestRelative(t *testing.T) {
	for words, want := range map[string]string{
		"./app":                                  "./app",
		"app":                                    "",
		"/bin/app /etc/app.conf -x":              "",
		"app --config=config/puma.rb":            "config/puma.rb",
		"app config.ru":                          "config.ru",
		"app --url=http://127.0.0.1/x":           "",
		"plackup -s Starlet":                     "app.psgi",
		"plackup -s Starlet -a /srv/x/app.psgi":  "",
		"carton exec -- plackup -s Starlet x.pl": "x.pl",
		"perl local/bin/starman -Ilib x.psgi":    "local/bin/starman x.psgi",
		"plackup -a /srv/x/script/app-server":    "",
		"bundle exec puma -C /srv/puma.rb":       "Gemfile",
		"carton exec -- starman /srv/app.psgi":   "cpanfile",
		"unicorn -c /srv/unicorn.rb":             "config.ru",
		"gunicorn -w 4 app.web:create()":         "app.web:create()",
		"app host:port":                          "",
	} {
		m := maker{command: split(words), child: servers.Find(split(words))}
		if got := strings.Join(m.relative(), " "); got != want {
			t.Errorf("%s: relative to a directory is %q, want %q", words, got, want)
		}
	}
}

func TestChildOf(t *testing.T) {
	for words, want := range map[string]string{
		"plackup -s Starlet app.psgi":                                            "Starlet",
		"carton exec -- /x/plackup app.psgi -E production --server Gazelle":      "Gazelle",
		"plackup -sTwiggy app.psgi":                                              "Twiggy",
		"bundle exec rackup -s Rhebok config.ru":                                 "Rhebok",
		"plackup app.psgi":                                                       "",
		"plackup -s starman":                                                     "",
		"perl -Mlib=x local/bin/starman app.psgi":                                "starman",
		"bundle exec --keep-file-descriptors start_puma.rb puma -C config.rb":    "puma",
		`sh -c "exec carton exec -- plackup -s Starlet -I lib"`:                  "Starlet",
		"python3 -m gunicorn app:wsgi":                                           "gunicorn",
		"./appd --log /srv/unicorn.log":                                          "",
		"plackup --server":                                                       "",
		"plackup -s":                                                             "",
		"bundle exec unicorn -c config/unicorn.conf.rb -p 1 /srv/node/config.ru": "unicorn",
	} {
		if got := servers.Find(split(words)).Name; got != want {
			t.Errorf("%s: the child is %q, want %q", words, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	for _, tt := range []struct{ wrappers, command, want string }{
		{"", "./appd", "./appd"},
		{"carton exec --", "plackup app.psgi", "carton exec -- plackup app.psgi"},
		{"carton exec --", "carton exec plackup app.psgi", "carton exec plackup app.psgi"},
		{"bundle exec", "bundle exec --keep-file-descriptors puma", "bundle exec --keep-file-descriptors puma"},
		{"/srv/env.sh bundle exec", "bundle exec puma", "/srv/env.sh bundle exec puma"},
		{"bundle exec", "bundle install", "bundle exec bundle install"},
		{"nice --", "nice", "nice -- nice"},
	} {
		if got := strings.Join(wrapped(split(tt.wrappers), split(tt.command)), " "); got != tt.want {
			t.Errorf("%q before %q are %q, want %q", tt.wrappers, tt.command, got, tt.want)
		}
	}
}

func TestClosed(t *testing.T) {
	for _, tt := range []struct{ user, path, want string }{
		{"www", "/etc/default/app", ""},
		{"www", "/etc/default/db", "/etc/default/db"},
		{"root", "/etc/default/db", ""},
		{"www", "/etc/secret/app", "/etc/secret"},
		{"app", "/etc/secret/app", ""}, // by its group
		{"nobody-yet", "/etc/secret/app", "/etc/secret"},
		{"www", "/etc/none", ""},
	} {
		if got := aHost.closed(tt.path, tt.user); got != tt.want {
			t.Errorf("%s: %s is closed by %q, want %q", tt.user, tt.path, got, tt.want)
		}
	}
}

func TestSystem(t *testing.T) {
	if system.closed("/etc/passwd", "root") != "" || !system.found("sh", "/none:/bin") {
		t.Error("root cannot read /etc/passwd, or there is no /bin/sh")
	}
	if _, err := system.account("no such user"); err == nil {
		t.Error("there is a user that cannot be")
	}
}

func TestTimeSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{"90": 90e9, "5min": 300e9, "1min 30s": 90e9, "2h": 7200e9, "250ms": 25e7} {
		if got, ok := timeSpan(text); !ok || got != want {
			t.Errorf("timeSpan(%q) = %v, %v", text, got, ok)
		}
	}
	if _, ok := timeSpan("a while"); ok {
		t.Error("a while is no time")
	}
}

// Whatever a word holds, it stays one word and the only one.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a b", `\`, `"`, "%h", "$$", ";", "\xff", "ü\n", "${A}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, word string) {
		q, err := quote(word, nil, true)
		if err != nil {
			if printable(strings.ReplaceAll(word, "\x00", "\xff")) {
				t.Errorf("quote(%q): %v", word, err)
			}
			return
		}
		if got := unquote(t, q); err != nil || got != word || strings.ContainsAny(q, "\n\r") {
			t.Errorf("quote(%q) = %s, %v: read as %q", word, q, err, got)
		}
	})
}

// unquote reads one word as systemd does.
func unquote(t *testing.T, q string) string {
	t.Helper()
	inner, quoted := strings.CutPrefix(q, `"`)
	if quoted {
		inner = strings.TrimSuffix(inner, `"`)
	} else if q == "" || strings.ContainsAny(q, " \t;\\'\"") {
		t.Fatalf("%s is not one word", q)
	}
	var b []byte
	for i := 0; i < len(inner); i++ {
		rest := inner[i:]
		switch {
		case strings.HasPrefix(rest, "%%"), strings.HasPrefix(rest, "$$"):
			b, i = append(b, rest[0]), i+1
		case rest[0] == '%' || rest[0] == '$' || rest[0] == '"':
			t.Fatalf("%s is expanded, or ends early", q)
		case strings.HasPrefix(rest, `\x`):
			b, i = append(b, hex(rest[2])<<4|hex(rest[3])), i+3
		case rest[0] == '\\':
			b, i = append(b, map[byte]byte{'n': '\n', 't': '\t', '\\': '\\', '"': '"'}[rest[1]]), i+1
		default:
			b = append(b, rest[0])
		}
	}
	return string(b)
}

func hex(c byte) byte {
	return byte(slices.Index([]byte("0123456789abcdef"), c))
}
