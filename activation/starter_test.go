package activation

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFromStarter(t *testing.T) {
	const remedy = "; write name=descriptor;name=descriptor as start_server does, or unset it"
	tests := []struct {
		name, value string
		want        []Handed
		err         string
	}{
		{name: "empty"},
		{name: "port", value: "8080=3", want: []Handed{{3, "8080"}}},
		{
			name:  "every form",
			value: "0.0.0.0:80=3;[::1]:80=4;/run/a.sock=5;@abstract=6;example.org:80=7;/a:80=8;@a:80=9",
			want: []Handed{
				{3, "0.0.0.0:80"},
				{4, "[::1]:80"},
				{5, "/run/a.sock"},
				{6, "@abstract"},
				{7, "example.org:80"},
				{8, "/a:80"},
				{9, "@a:80"},
			},
		},
		{name: "the last = counts", value: "/run/a=4=5", want: []Handed{{5, "/run/a=4"}}},
		{name: "a trailing ;", value: "8080=3;8081=4;", want: []Handed{{3, "8080"}, {4, "8081"}}},
		{name: "names repeat", value: "8080=3;8080=4", want: []Handed{{3, "8080"}, {4, "8080"}}},
		{name: "any order, any descriptor", value: "8080=9;8081=0", want: []Handed{{9, "8080"}, {0, "8081"}}},
		{name: "junk", value: "8080", err: `SERVER_STARTER_PORT: "8080" has no "="` + remedy},
		{name: "an empty entry", value: "8080=3;;8081=4", err: `SERVER_STARTER_PORT: "" has no "="` + remedy},
		{name: "no name", value: "=3", err: `SERVER_STARTER_PORT: "=3" has no name before its "="` + remedy},
		{name: "no descriptor", value: "8080=", err: `SERVER_STARTER_PORT: "8080=" has no descriptor number after its "="` + remedy},
		{name: "not a number", value: "8080=x", err: `SERVER_STARTER_PORT: "8080=x" has no descriptor number after its "="` + remedy},
		{name: "negative", value: "8080=-1", err: `SERVER_STARTER_PORT: "8080=-1" has no descriptor number after its "="` + remedy},
		{name: "too great", value: "8080=2147483648", err: `SERVER_STARTER_PORT: "8080=2147483648" has no descriptor number after its "="` + remedy},
		{name: "a descriptor twice", value: "8080=3;8081=3", err: `SERVER_STARTER_PORT: "8081=3" has the descriptor that "8080" has` + remedy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := FromStarter(lookup("SERVER_STARTER_PORT=" + tt.value))
			wantEnvError(t, err, tt.err)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFromStarterAbsent(t *testing.T) {
	if got, err := FromStarter(lookup()); got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// A Unix socket that is called 127.0.0.1:80 is a Unix socket.
func TestNameDoesNotDecideKind(t *testing.T) {
	path := t.TempDir() + "/s"
	fd := listening(t, bound(t, unix.AF_UNIX, unix.SOCK_STREAM, 0, &unix.SockaddrUnix{Name: path}))
	handed, err := FromStarter(lookup(fmt.Sprintf("SERVER_STARTER_PORT=127.0.0.1:80=%d", fd)))
	if err != nil {
		t.Fatal(err)
	}
	inspected(t, handed[0].FD, Socket{FD: fd, Kind: UnixStream, Path: path, Listening: true})
}

func TestStarterValue(t *testing.T) {
	const remedy = "; choose another entry name with --rename"
	tests := []struct {
		entries []Entry
		want    string
		err     string
	}{
		{},
		{entries: []Entry{{"8080", 3}}, want: "8080=3"},
		{entries: []Entry{{"0.0.0.0:80", 3}, {"/run/a:b.sock", 4}, {"@a", 10}}, want: "0.0.0.0:80=3;/run/a:b.sock=4;@a=10"},
		{entries: []Entry{{"", 3}}, err: `SERVER_STARTER_PORT: "" is no name` + remedy},
		{entries: []Entry{{"/a;b", 3}}, err: `SERVER_STARTER_PORT: "/a;b" holds a ";", which separates entries` + remedy},
		{entries: []Entry{{"/a=b", 3}}, err: `SERVER_STARTER_PORT: "/a=b" holds a "=", which separates name and descriptor` + remedy},
		{
			entries: []Entry{{"53", 3}, {"80", 4}, {"53", 5}},
			err:     `SERVER_STARTER_PORT: "53" is the name of descriptors 3 and 5, and readers would lose one of them` + remedy,
		},
	}
	for _, tt := range tests {
		got, err := StarterValue(tt.entries)
		if got != tt.want {
			t.Errorf("StarterValue(%v) = %q, want %q", tt.entries, got, tt.want)
		}
		wantEnvError(t, err, tt.err)
	}
}

func TestStarterValueHasRoomFor4096(t *testing.T) {
	entries := make([]Entry, 4096)
	for i := range entries {
		entries[i] = Entry{Name: fmt.Sprintf("127.0.0.1:%d", 10000+i), FD: FirstFD + i}
	}
	value, err := StarterValue(entries)
	if err != nil || strings.Count(value, ";") != len(entries)-1 {
		t.Fatal(err)
	}
	for i := range entries {
		entries[i].Name = fmt.Sprintf("/run/application/instance/%d.sock", i)
	}
	var env *EnvError
	if value, err := StarterValue(entries); value != "" || !errors.As(err, &env) {
		t.Errorf("%d bytes, %v", len(value), err)
	}
}

// What can be read and can be announced is read as it was.
func FuzzFromStarter(f *testing.F) {
	for _, value := range []string{
		"", "8080=3", "[::1]:80=3;/a:80=4;@a:80=5;host:80=6", "8080=3;", "8080=3;8080=4",
		"/a=b=3", "=3", ";", "8080=99999999999", "8080=+3",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		handed, err := FromStarter(lookup("SERVER_STARTER_PORT=" + value))
		if err != nil {
			return
		}
		entries := make([]Entry, len(handed))
		for i, h := range handed {
			if h.Name == "" || h.FD < 0 {
				t.Fatalf("%q gives %+v", value, h)
			}
			entries[i] = Entry{Name: h.Name, FD: h.FD}
		}
		again, err := StarterValue(entries)
		if err != nil {
			return
		}
		if got, err := FromStarter(lookup("SERVER_STARTER_PORT=" + again)); err != nil || !slices.Equal(got, handed) {
			t.Fatalf("%v became %v, %v", handed, got, err)
		}
	})
}
