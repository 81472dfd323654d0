package activation

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var self = Self{PID: 4711, PIDFDID: func() (uint64, error) { return 1 << 40, nil }}

func TestFromSystemd(t *testing.T) {
	const mine = "LISTEN_PID=4711"
	tests := []struct {
		name string
		env  []string
		want []Handed
		err  string
	}{
		{name: "nothing"},
		{name: "no LISTEN_FDS", env: []string{"LISTEN_PID=1", "LISTEN_FDNAMES=a:b"}},
		{name: "none", env: []string{mine, "LISTEN_FDS=0"}},
		{name: "none, with names", env: []string{mine, "LISTEN_FDS=0", "LISTEN_FDNAMES="}},
		{name: "one", env: []string{mine, "LISTEN_FDS=1", "LISTEN_FDNAMES=web"}, want: []Handed{{3, "web"}}},
		{name: "no names", env: []string{mine, "LISTEN_FDS=2"}, want: []Handed{{3, ""}, {4, ""}}},
		{name: "an empty name", env: []string{mine, "LISTEN_FDS=1", "LISTEN_FDNAMES="}, want: []Handed{{3, ""}}},
		{name: "names repeat", env: []string{mine, "LISTEN_FDS=3", "LISTEN_FDNAMES=web:web:stored"}, want: []Handed{{3, "web"}, {4, "web"}, {5, "stored"}}},
		{name: "our pidfd", env: []string{mine, "LISTEN_PIDFDID=1099511627776", "LISTEN_FDS=1"}, want: []Handed{{3, ""}}},
		{
			name: "another's, malformed: not ours to judge",
			env:  []string{"LISTEN_PID=1", "LISTEN_FDS=x", "LISTEN_FDNAMES=a:b"},
			err:  "LISTEN_PID=1 is not this process (pid 4711): the sockets are for another one",
		},
		{
			name: "another's pidfd",
			env:  []string{mine, "LISTEN_PIDFDID=9", "LISTEN_FDS=1"},
			err:  "LISTEN_PIDFDID=9 is not this process (pid 4711): the sockets are for another one",
		},
		{
			name: "no LISTEN_PID",
			env:  []string{"LISTEN_FDS=1"},
			err:  "LISTEN_FDS is set but LISTEN_PID is not: the sockets are not known to be for this process (pid 4711)",
		},
		{
			name: "junk pid",
			env:  []string{"LISTEN_PID=$$", "LISTEN_FDS=1"},
			err:  `LISTEN_PID: "$$" is not a process id; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "pid 0",
			env:  []string{"LISTEN_PID=0", "LISTEN_FDS=1"},
			err:  `LISTEN_PID: "0" is not a process id; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "junk pidfd",
			env:  []string{mine, "LISTEN_PIDFDID=-1", "LISTEN_FDS=1"},
			err:  `LISTEN_PIDFDID: "-1" is not an inode number; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "empty",
			env:  []string{mine, "LISTEN_FDS="},
			err:  `LISTEN_FDS: "" is not a number of descriptors; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "not a number",
			env:  []string{mine, "LISTEN_FDS=3,4"},
			err:  `LISTEN_FDS: "3,4" is not a number of descriptors; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "negative",
			env:  []string{mine, "LISTEN_FDS=-1"},
			err:  `LISTEN_FDS: "-1" is negative; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "too many",
			env:  []string{mine, "LISTEN_FDS=1048577"},
			err:  `LISTEN_FDS: "1048577" is more than the 1048576 descriptors a process can have; let a .socket unit set it, or unset LISTEN_FDS`,
		},
		{
			name: "too few names",
			env:  []string{mine, "LISTEN_FDS=2", "LISTEN_FDNAMES=web"},
			err:  `LISTEN_FDNAMES: "web" has another count of names (1) than LISTEN_FDS has of descriptors (2); give each descriptor one name, or unset LISTEN_FDNAMES`,
		},
		{
			name: "too many names",
			env:  []string{mine, "LISTEN_FDS=1", "LISTEN_FDNAMES=a:b"},
			err:  `LISTEN_FDNAMES: "a:b" has another count of names (2) than LISTEN_FDS has of descriptors (1); give each descriptor one name, or unset LISTEN_FDNAMES`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := FromSystemd(lookup(tt.env...), self)
			if text := fmt.Sprint(err); err != nil && text != tt.err || err == nil && tt.err != "" {
				t.Errorf("error = %v\nwant    %s", err, tt.err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFromSystemdErrorTypes(t *testing.T) {
	_, err := FromSystemd(lookup("LISTEN_PID=12", "LISTEN_FDS=1"), self)
	var other *NotForUs
	if !errors.As(err, &other) || *other != (NotForUs{Var: ListenPID, Value: "12", PID: 12, Self: 4711}) {
		t.Errorf("another process: %#v", err)
	}
	_, err = FromSystemd(lookup("LISTEN_FDS=1"), self)
	if !errors.As(err, &other) || *other != (NotForUs{Var: ListenPID, Self: 4711}) {
		t.Errorf("no pid: %#v", err)
	}
	_, err = FromSystemd(lookup("LISTEN_PID=4711", "LISTEN_FDS=x"), self)
	var env *EnvError
	if !errors.As(err, &env) || env.Var != ListenFDs || env.Value != "x" {
		t.Errorf("junk: %#v", err)
	}
}

// Before Linux 6.9 a process cannot learn the number of its pidfd.
func TestFromSystemdWithoutPIDFDID(t *testing.T) {
	env := lookup("LISTEN_PID=4711", "LISTEN_PIDFDID=9", "LISTEN_FDS=1")
	fails := func() (uint64, error) { return 0, unix.EOPNOTSUPP }
	for _, s := range []Self{{PID: 4711}, {PID: 4711, PIDFDID: fails}} {
		if got, err := FromSystemd(env, s); err != nil || len(got) != 1 {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

func TestFDNames(t *testing.T) {
	const remedy = "; choose another FileDescriptorName="
	tests := []struct {
		names []string
		want  string
		err   string
	}{
		{},
		{names: []string{"web"}, want: "web"},
		{names: []string{"web", "web", "a b.socket"}, want: "web:web:a b.socket"},
		{names: []string{"", ""}, want: "unknown:unknown"},
		{names: []string{strings.Repeat("x", 255)}, want: strings.Repeat("x", 255)},
		{names: []string{"web", "[::]:80"}, err: `LISTEN_FDNAMES: "[::]:80" holds a ":", which separates names` + remedy},
		{names: []string{"a\nb"}, err: `LISTEN_FDNAMES: "a\nb" holds a character that is not printable ASCII` + remedy},
		{names: []string{"a\x7f"}, err: `LISTEN_FDNAMES: "a\x7f" holds a character that is not printable ASCII` + remedy},
		{names: []string{"wéb"}, err: `LISTEN_FDNAMES: "wéb" holds a character that is not printable ASCII` + remedy},
		{names: []string{"\xff"}, err: `LISTEN_FDNAMES: "\xff" holds a character that is not printable ASCII` + remedy},
		{names: []string{strings.Repeat("x", 256)}, err: `LISTEN_FDNAMES: "` + strings.Repeat("x", 120) + `…" is longer than 255 bytes` + remedy},
	}
	for _, tt := range tests {
		got, err := FDNames(tt.names)
		if got != tt.want {
			t.Errorf("FDNames(%q) = %q, want %q", tt.names, got, tt.want)
		}
		wantEnvError(t, err, tt.err)
	}
}

func TestFDNamesTooLong(t *testing.T) {
	got, err := FDNames(slices.Repeat([]string{strings.Repeat("x", 255)}, 512))
	var env *EnvError
	if got != "" || !errors.As(err, &env) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// What can be read is announced, and read, as it was.
func FuzzFromSystemd(f *testing.F) {
	f.Add("4711", "2", "web:admin", "1099511627776")
	f.Add("4711", "2", "web:web", "")
	f.Add("4711", "1", "", "9")
	f.Add("1", "-1", ":", "x")
	f.Add("", "", "", "")
	f.Fuzz(func(t *testing.T, pid, fds, names, id string) {
		handed, err := FromSystemd(lookup("LISTEN_PID="+pid, "LISTEN_FDS="+fds, "LISTEN_FDNAMES="+names, "LISTEN_PIDFDID="+id), self)
		if err != nil || len(handed) == 0 {
			return
		}
		given := make([]string, len(handed))
		for i, h := range handed {
			if h.FD != FirstFD+i {
				t.Fatalf("descriptor %d in place %d", h.FD, i)
			}
			given[i] = h.Name
		}
		value, err := FDNames(given)
		if err != nil {
			return
		}
		again, err := FromSystemd(lookup("LISTEN_PID=4711", "LISTEN_FDS="+strconv.Itoa(len(handed)), "LISTEN_FDNAMES="+value), self)
		if err != nil {
			t.Fatal(err)
		}
		for i := range handed {
			if handed[i].Name == "" {
				handed[i].Name = "unknown"
			}
		}
		if !slices.Equal(again, handed) {
			t.Fatalf("%v became %v", handed, again)
		}
	})
}
