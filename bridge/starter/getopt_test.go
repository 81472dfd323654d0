package starter

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// scanTests hold what Getopt::Long 2.52 makes of start_server's options:
// NAME=value in order, then the words that are left; or its first complaint.
// The cases of ours are those that Perl refuses and we do not.
var scanTests = []struct {
	args     []string
	settings []string
	command  []string
	refusal  string
	ours     bool
}{
	{args: words("--port=80 -- app -x"), settings: words("port=80"), command: words("app -x")},
	{args: words("--port 80 app"), settings: words("port=80"), command: words("app")},
	{args: words("-port 80 app"), settings: words("port=80"), command: words("app")},
	{args: words("-port=80 app"), settings: words("port=80"), command: words("app")},
	{args: words("+port=80 app"), settings: words("port=80"), command: words("app")},
	{args: words("---port=80 app"), refusal: "Unknown option: -port"},
	{args: words("--po=80 --pa x app"), settings: words("port=80 path=x"), command: words("app")},
	{args: words("--pid f --stat g --k 3 app"), settings: words("pid-file=f status-file=g kill-old-delay=3"), command: words("app")},
	{args: words("--signal-on-TERM=QUIT --PORT 1 app"), settings: words("signal-on-term=QUIT port=1"), command: words("app")},
	{args: words("--ReStArT"), settings: words("restart=1")},
	{args: words("--s x app"), refusal: "Option s is ambiguous (signal-on-hup, signal-on-term, status-file, stop)"},
	{args: words("-P 80 app"), refusal: "Option p is ambiguous (path, pid-file, port)"},
	{args: words("--da --d /x app"), refusal: "Option d is ambiguous (daemonize, dir)"},
	{args: words("--prot=80 app"), refusal: "Unknown option: prot"},
	{args: words("--=80 app"), refusal: "Unknown option: =80"},
	{args: words("+ app"), refusal: "Missing option after +"},
	{args: words("- app"), command: words("- app")},
	{args: words("--port -- app"), settings: words("port=--"), command: words("app")},
	{args: words("--dir --port=80 app"), settings: words("dir=--port=80"), command: words("app")},
	{args: words("--port"), refusal: "Option port requires an argument"},
	{args: words("--port= app"), refusal: "Option port requires an argument"},
	{args: []string{"--port", "", "app"}, settings: words("port="), command: words("app")},
	{args: words("--port==80 app"), settings: words("port==80"), command: words("app")},
	{args: words("--port=8080=0 app"), settings: words("port=8080=0"), command: words("app")},
	{args: words("--port 80 --port 81 --path=/x app"), settings: words("port=80 port=81 path=/x"), command: words("app")},
	{args: words("--interval 2.5 app"), refusal: `Value "2.5" invalid for option interval (number expected)`},
	{args: words("--interval=2s app"), refusal: `Value "2s" invalid for option interval (number expected)`},
	{args: words("--interval -- app"), refusal: `Value "--" invalid for option interval (number expected)`},
	{args: []string{"--interval", ""}, refusal: `Value "" invalid for option interval (number expected)`},
	{args: words("--interval= app"), refusal: "Option interval requires an argument"},
	{args: words("--interval -3 --backlog=1_024 app"), settings: words("interval=-3 backlog=1024"), command: words("app")},
	{args: words("--interval 7 --interval 8 app"), settings: words("interval=7 interval=8"), command: words("app")},
	{args: words("--daemonize=1 app"), refusal: "Option daemonize does not take an argument"},
	{args: words("--daemonize 1 app"), settings: words("daemonize=1"), command: words("1 app")},
	{args: words("app --port=80 x -- --port=81"), settings: words("port=80"), command: words("app x --port=81")},
	{args: words("app --port=80 x"), settings: words("port=80"), command: words("app x")},
	{args: words("-- app -- --port=81"), command: words("app -- --port=81")},
	{args: words("-- --server x"), command: words("--server x")},
	{args: []string{"", "app"}, command: []string{"", "app"}},
	{args: []string{}},

	{args: words("--enable-auto-restart=1 app"), settings: words("enable-auto-restart=1"), command: words("app"), ours: true},
	{args: words("--enable-auto=0 app"), settings: words("enable-auto-restart=0"), command: words("app"), ours: true},
	{args: words("--enable-auto-restart=no app"), refusal: "Option enable-auto-restart does not take an argument"},
	{args: words("--port 8111 plackup --server Twiggy app.psgi"), settings: words("port=8111"), command: words("plackup --server Twiggy app.psgi"), ours: true},
	{args: words("--port=9090 plackup -s Twiggy"), settings: words("port=9090"), command: words("plackup -s Twiggy"), ours: true},
	{args: words("--port 80 plackup --port=5000 --server X -- y"), settings: words("port=80"), command: words("plackup --port=5000 --server X -- y"), ours: true},
	{args: words("--server X app"), refusal: "Unknown option: server"},
}

func words(s string) []string { return strings.Fields(s) }

func TestScan(t *testing.T) {
	for _, test := range scanTests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			settings, command, err := scan(test.args)
			if test.refusal != "" {
				refusal, ok := errors.AsType[*UsageError](err)
				if !ok || refusal.Reason != test.refusal || refusal.Remedy == "" {
					t.Fatalf("error %#v, want reason %q", err, test.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := names(settings); !slices.Equal(got, test.settings) {
				t.Errorf("settings %q, want %q", got, test.settings)
			}
			if !slices.Equal(command, test.command) {
				t.Errorf("command %q, want %q", command, test.command)
			}
		})
	}
}

func names(settings []setting) []string {
	var list []string
	for _, s := range settings {
		list = append(list, s.option.name+"="+s.value)
	}
	return list
}

// askPerl reads lines of arguments, each ended by \x1f, and writes what
// scanTests hold, in the same form.
const askPerl = `
use strict; use Getopt::Long;
while (my $line = <STDIN>) {
	chomp $line;
	local @ARGV = $line =~ /(.*?)\x1f/g;
	my (@set, @complaints);
	local $SIG{__WARN__} = sub { push @complaints, $_[0] };
	my $ok = GetOptions(map { my ($n) = split /=/; $_ => sub { push @set, "$n=$_[1]" } } @SPECS@);
	if ($ok) { print join("\x1f", @set), "\x1e", join("\x1f", @ARGV), "\n" }
	else { print "!$complaints[0]" }
}`

// TestScanAgainstPerl checks the table against the real Getopt::Long.
func TestScanAgainstPerl(t *testing.T) {
	perl, err := exec.LookPath("perl")
	if err != nil {
		t.Skip("perl is not installed")
	}
	var specs, input bytes.Buffer
	for _, o := range options {
		fmt.Fprintf(&specs, "%s%s ", o.name, map[kind]string{text: "=s", integer: "=i"}[o.kind])
	}
	for _, test := range scanTests {
		for _, arg := range test.args {
			input.WriteString(arg + "\x1f")
		}
		input.WriteByte('\n')
	}
	cmd := exec.CommandContext(t.Context(), perl, "-e", strings.ReplaceAll(askPerl, "@SPECS@", "qw("+specs.String()+")"))
	cmd.Stdin, cmd.Stderr = &input, os.Stderr
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(scanTests) {
		t.Fatalf("%d answers to %d questions:\n%s", len(answers), len(scanTests), out)
	}
	for i, test := range scanTests {
		want := strings.Join(test.settings, "\x1f") + "\x1e" + strings.Join(test.command, "\x1f")
		if test.refusal != "" {
			want = "!" + test.refusal
		}
		if refused := strings.HasPrefix(answers[i], "!"); test.ours && !refused || !test.ours && answers[i] != want {
			t.Errorf("%q: Perl says %q, the table %q (ours: %t)", test.args, answers[i], want, test.ours)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, test := range scanTests {
		f.Add(strings.Join(test.args, "\n"))
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\n")
		before := slices.Clone(args)
		o, err := Parse(args)
		if !slices.Equal(args, before) {
			t.Fatal("the arguments were changed")
		}
		if err != nil {
			if _, ok := errors.AsType[*UsageError](err); !ok {
				t.Fatalf("%T is no usage error", err)
			}
			return
		}
		if len(o.Command) > len(args) || o.Interval < 0 {
			t.Fatalf("%+v", o)
		}
	})
}
