package socket

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// unbound is a system in which everything can be bound and nothing is: what is
// asked for is what there is.
func unbound() sys {
	s := system
	made := map[int]activation.Socket{}
	next := 1000
	s.socket = func(int, int, int) (int, error) {
		next++
		return next, nil
	}
	s.bind = func(fd int, addr unix.Sockaddr) error {
		switch a := addr.(type) {
		case *unix.SockaddrInet4:
			made[fd] = activation.Socket{FD: fd, Addr: netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))}
		case *unix.SockaddrInet6:
			made[fd] = activation.Socket{FD: fd, V6Only: true, Addr: netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))}
		}
		return nil
	}
	s.setsockopt = func(int, int, int, int) error { return nil }
	s.listen = func(int, int) error { return nil }
	s.close = func(int) error { return nil }
	s.inspect = func(fd int) (activation.Socket, error) { return made[fd], nil }
	s.lookup = func(string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("::ffff:127.0.0.1"), netip.MustParseAddr("127.0.0.9")}, nil
	}
	return s
}

// handed are sockets as "tcp 0.0.0.0:80 web": kind, address or path, name; the
// first is descriptor 3. "[::]" is dual-stack, "[::]v6" is not.
func handed(t *testing.T, texts ...string) (sockets []activation.Socket) {
	t.Helper()
	kinds := map[string]activation.Kind{
		"tcp": activation.TCP, "udp": activation.UDP, "unix": activation.UnixStream,
		"dgram": activation.UnixDatagram, "seqpacket": activation.UnixSeqpacket, "fifo": activation.FIFO,
	}
	for i, text := range texts {
		fields := append(strings.Fields(text), "")
		s := activation.Socket{FD: 3 + i, Kind: kinds[fields[0]], FDName: fields[2]}
		switch s.Kind {
		case activation.TCP, activation.UDP:
			s.V6Only = strings.Contains(fields[1], "v6")
			s.Addr = netip.MustParseAddrPort(strings.Replace(fields[1], "v6", "", 1))
		case activation.FIFO:
			s.What = fields[1]
		default:
			s.Path = fields[1]
		}
		sockets = append(sockets, s)
	}
	return sockets
}

// shown is what was placed, as "8080@3" for a socket that was handed over as
// descriptor 3, "8080+" for a bound one.
func shown(placed []Placed) string {
	var shown []string
	for _, p := range placed {
		if p.Bound {
			shown = append(shown, p.Entry+"+")
		} else {
			shown = append(shown, fmt.Sprintf("%s@%d", p.Entry, p.FD))
		}
	}
	return strings.Join(shown, " ")
}

type acquireTest struct {
	name     string
	handed   []string
	ports    []string
	paths    []string
	selected []string
	rename   []Rename
	want     string
}

func (tt acquireTest) run(t *testing.T) ([]Placed, []string, error) {
	t.Helper()
	r := Request{Handed: handed(t, tt.handed...), Ports: mustPorts(t, tt.ports...), Paths: tt.paths, Select: tt.selected, Rename: tt.rename}
	return unbound().acquire(r)
}

func TestAcquire(t *testing.T) {
	tests := []acquireTest{
		{name: "nothing", want: ""},
		{
			name:   "all that was handed over, in its order",
			handed: []string{"tcp [::]:80 a", "udp 0.0.0.0:53 a", "unix /x.sock a", "fifo /x.fifo a", "tcp 0.0.0.0:81 a"},
			want:   "80@3 0.0.0.0:53@4 /x.sock@5 @6 0.0.0.0:81@7",
		},
		{name: "all is bound", ports: []string{"80", "u53", "localhost:81", "[::1]:80"}, want: "80+ 53+ localhost:81+ [::1]:80+"},

		{name: "exact, any address", handed: []string{"tcp 0.0.0.0:80"}, ports: []string{"80"}, want: "80@3"},
		{name: "exact, spelled out", handed: []string{"tcp 0.0.0.0:80"}, ports: []string{"0.0.0.0:80"}, want: "0.0.0.0:80@3"},
		{name: "exact, one address", handed: []string{"tcp 127.0.0.1:80"}, ports: []string{"127.0.0.1:80"}, want: "127.0.0.1:80@3"},
		{name: "exact, a name", handed: []string{"tcp 127.0.0.1:80"}, ports: []string{"localhost:80"}, want: "localhost:80@3"},
		{name: "exact, IPv6", handed: []string{"tcp [::1]:80"}, ports: []string{"[0::1]:80"}, want: "[0::1]:80@3"},
		{name: "exact, UDP", handed: []string{"tcp 0.0.0.0:53 t", "udp 0.0.0.0:53 u"}, ports: []string{"u53", "0.0.0.0:53"}, want: "53@4 0.0.0.0:53@3"},
		{name: "dual-stack for a bare port", handed: []string{"tcp [::]:80"}, ports: []string{"80"}, want: "80@3"},
		{name: "dual-stack for a bare UDP port", handed: []string{"udp [::]:53"}, ports: []string{"u53"}, want: "53@3"},
		{name: "exact before dual-stack", handed: []string{"tcp [::]:80", "tcp 0.0.0.0:80"}, ports: []string{"80", "[::]:80"}, want: "80@4 [::]:80@3"},
		{name: "exact of a later flag before dual-stack", handed: []string{"tcp [::]:80"}, ports: []string{"80", "[::]:80"}, want: "80+ [::]:80@3"},
		{
			name: "some handed over, some bound", handed: []string{"tcp 127.0.0.1:80"}, ports: []string{"127.0.0.1:80", "127.0.0.2:80", "81"},
			want: "127.0.0.1:80@3 127.0.0.2:80+ 81+",
		},
		{
			name: "flags' order, then the others", handed: []string{"fifo /x.fifo", "tcp 0.0.0.0:81", "seqpacket /x.seq", "tcp 0.0.0.0:80"},
			ports: []string{"80", "81"}, want: "80@6 81@4 @3 @5",
		},

		{
			name: "select by name and by entry", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 web", "unix /x.sock api"},
			selected: []string{"api", "0.0.0.0:80"}, want: "/x.sock@5 0.0.0.0:80@3",
		},
		{
			name: "select leaves out what no flag takes", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 admin"},
			ports: []string{"80"}, selected: []string{"web"}, want: "80@3",
		},
		{
			name: "select adds what no flag takes", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 admin", "tcp 0.0.0.0:82 more"},
			ports: []string{"80"}, selected: []string{"more", "admin", "web"}, want: "80@3 0.0.0.0:82@5 0.0.0.0:81@4",
		},

		{name: "rename", handed: []string{"tcp 0.0.0.0:80 web", "tcp [::]:81 admin"}, rename: []Rename{{"web", "80"}, {"81", "[::]:81"}}, want: "80@3 [::]:81@4"},
		{name: "names exchanged", ports: []string{"80", "81"}, rename: []Rename{{"80", "81"}, {"81", "80"}}, want: "81+ 80+"},
		{name: "rename by flag value", ports: []string{"53", "u53"}, rename: []Rename{{"u53", "dns"}}, want: "53+ dns+"},
		{name: "rename by default name of what a flag took", handed: []string{"tcp 0.0.0.0:80"}, ports: []string{"80"}, rename: []Rename{{"0.0.0.0:80", "x"}}, want: "x@3"},
		{name: "rename out of a clash", handed: []string{"tcp 0.0.0.0:53 t", "udp 0.0.0.0:53 u"}, rename: []Rename{{"u", "dns"}}, want: "0.0.0.0:53@3 dns@4"},
		{name: "rename a path with separators", handed: []string{"unix /a=b;c web"}, rename: []Rename{{"web", "/app"}}, want: "/app@3"},
		{name: "rename a path by itself", handed: []string{"unix /a=b"}, rename: []Rename{{"/a=b", "/app"}}, want: "/app@3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			placed, warnings, err := tt.run(t)
			if err != nil || shown(placed) != tt.want || len(warnings) > 0 {
				t.Errorf("got %s, %q, %v; want %s", shown(placed), warnings, err, tt.want)
			}
		})
	}
}

func TestAcquireBindsAnyIPv4(t *testing.T) {
	for _, port := range []string{"80", "u80"} {
		placed, _, err := acquireTest{ports: []string{port}}.run(t)
		if err != nil || placed[0].Addr.String() != "0.0.0.0:80" {
			t.Errorf("--port %s: %+v, %v", port, placed, err)
		}
	}
}

func TestAcquireRefuses(t *testing.T) {
	tests := []acquireTest{
		{
			name: "near miss, dual-stack", handed: []string{"tcp [::]:3000 web"}, ports: []string{"127.0.0.1:3000"},
			want: `--port 127.0.0.1:3000 asks for tcp 127.0.0.1:3000, but what was handed over is tcp [::]:3000 (dual-stack) named "web": write --port 3000, or ListenStream=127.0.0.1:3000 in the .socket unit`,
		},
		{
			name: "near miss, IPv4 spelled out", handed: []string{"tcp [::]:3000"}, ports: []string{"0.0.0.0:3000"},
			want: `--port 0.0.0.0:3000 asks for tcp 0.0.0.0:3000, but what was handed over is tcp [::]:3000 (dual-stack): write --port 3000, or ListenStream=0.0.0.0:3000 in the .socket unit`,
		},
		{
			name: "near miss, v6-only", handed: []string{"tcp [::]v6:3000"}, ports: []string{"3000"},
			want: `--port 3000 asks for tcp 0.0.0.0:3000, but what was handed over is tcp [::]:3000: write --port [::]:3000, or ListenStream=0.0.0.0:3000 in the .socket unit`,
		},
		{
			name: "near miss, UDP", handed: []string{"udp 127.0.0.1:53"}, ports: []string{"[::1]:u53"},
			want: `--port [::1]:u53 asks for udp [::1]:53, but what was handed over is udp 127.0.0.1:53: write --port 127.0.0.1:u53, or ListenDatagram=[::1]:53 in the .socket unit`,
		},
		{
			name: "near miss, link-local", handed: []string{"tcp [fe80::1%2]:80"}, ports: []string{"80"},
			want: `--port 80 asks for tcp 0.0.0.0:80, but what was handed over is tcp [fe80::1%2]:80: write ListenStream=0.0.0.0:80 in the .socket unit`,
		},

		{
			name: "left over", handed: []string{"tcp 0.0.0.0:80 web", "tcp 127.0.0.1:9090 admin"}, ports: []string{"80", "81"},
			want: `tcp 127.0.0.1:9090 named "admin" was handed over, and no flag takes it (--port 80, --port 81), so that nobody would accept on it: add --port 127.0.0.1:9090, or remove ListenStream=127.0.0.1:9090 from its .socket unit, or leave it out with --select web`,
		},
		{
			name: "left over, the only one", handed: []string{"tcp [::]:9090"}, paths: []string{"/none/x.sock"},
			want: `tcp [::]:9090 (dual-stack) was handed over, and no flag takes it (--path /none/x.sock), so that nobody would accept on it: add --port 9090, or remove ListenStream=9090 from its .socket unit`,
		},
		{
			name: "left over, a path", handed: []string{"unix /none/app.sock"}, ports: []string{"80"},
			want: `unix /none/app.sock was handed over, and no flag takes it (--port 80), so that nobody would accept on it: add --path /none/app.sock, or remove ListenStream=/none/app.sock from its .socket unit`,
		},
		{
			name: "left over, a datagram path and an abstract name", handed: []string{"dgram /none/log", "unix @app"}, ports: []string{"80"},
			want: `unix-datagram /none/log was handed over, and no flag takes it (--port 80), so that nobody would accept on it: remove ListenDatagram=/none/log from its .socket unit, or leave it out with --select @app
unix @app was handed over, and no flag takes it (--port 80), so that nobody would accept on it: remove ListenStream=@app from its .socket unit`,
		},
		{
			name: "left over, twice the same address", handed: []string{"tcp 0.0.0.0:80", "tcp 0.0.0.0:80"}, ports: []string{"80"},
			want: `tcp 0.0.0.0:80 was handed over, and no flag takes it (--port 80), so that nobody would accept on it: remove ListenStream=0.0.0.0:80 from its .socket unit`,
		},
		{
			name: "both", handed: []string{"tcp 127.0.0.1:80 a", "tcp 0.0.0.0:81 b"}, ports: []string{"80"},
			want: `--port 80 asks for tcp 0.0.0.0:80, but what was handed over is tcp 127.0.0.1:80 named "a": write --port 127.0.0.1:80, or ListenStream=0.0.0.0:80 in the .socket unit
tcp 0.0.0.0:81 named "b" was handed over, and no flag takes it (--port 80), so that nobody would accept on it: add --port 81, or remove ListenStream=0.0.0.0:81 from its .socket unit, or leave it out with --select a`,
		},

		{
			name: "a flag for what is left out", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 admin"}, ports: []string{"81"}, selected: []string{"web"},
			want: `--port 81 asks for tcp 0.0.0.0:81 named "admin", which --select leaves out: name it in --select too, or drop the flag`,
		},
		{
			name: "one address twice", ports: []string{"80", "0.0.0.0:80"},
			want: `--port 80 and --port 0.0.0.0:80 ask for one address, tcp 0.0.0.0:80: drop one of them`,
		},
		{
			name: "one path twice", paths: []string{"/run/x", "/run//x"},
			want: `--path /run/x and --path /run//x ask for one address, unix /run//x: drop one of them`,
		},

		{
			name: "select, unknown", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 web", "fifo /x"}, selected: []string{"www"},
			want: `--select "www" means no socket: there are "0.0.0.0:80" (tcp 0.0.0.0:80), "0.0.0.0:81" (tcp 0.0.0.0:81), fifo /x`,
		},
		{name: "select, none there", selected: []string{"www"}, want: `--select "www" means no socket: there are none`},
		{
			name: "select, ambiguous", handed: []string{"tcp 127.0.0.1:18081 web", "tcp 127.0.0.1:18082 web"}, selected: []string{"web"},
			want: `--select "web" is ambiguous, it means tcp 127.0.0.1:18081 and tcp 127.0.0.1:18082: use a name that only one has, or give each a .socket unit with its own FileDescriptorName=`,
		},
		{
			name: "select, twice", handed: []string{"tcp 0.0.0.0:80 web"}, selected: []string{"web", "0.0.0.0:80"},
			want: `--select "0.0.0.0:80" means tcp 0.0.0.0:80, which is selected already: name it once`,
		},

		{name: "rename, unknown", ports: []string{"80"}, rename: []Rename{{"web", "x"}}, want: `--rename "web" means no socket: there are "80" (tcp 0.0.0.0:80)`},
		{
			name: "rename, ambiguous", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:81 web"}, rename: []Rename{{"web", "x"}},
			want: `--rename "web" is ambiguous, it means tcp 0.0.0.0:80 and tcp 0.0.0.0:81: use a name that only one has, or give each a .socket unit with its own FileDescriptorName=`,
		},
		{name: "rename, no name", ports: []string{"80"}, rename: []Rename{{"80", ""}}, want: `--rename "80" gives no name: write 80=NAME`},
		{
			name: "rename, a kind without names", handed: []string{"fifo /x pipe"}, rename: []Rename{{"pipe", "/x"}},
			want: `--rename "pipe" means fifo /x, which SERVER_STARTER_PORT cannot announce: drop the flag`,
		},
		{
			name: "rename to a separator", ports: []string{"80"}, rename: []Rename{{"80", "a=b"}},
			want: `entry name "a=b" of tcp 0.0.0.0:80 has a "=", which SERVER_STARTER_PORT cannot hold: write --rename 80=NAME`,
		},

		{
			name: "clash of flags", ports: []string{"53", "u53"},
			want: `entry name "53" is that of tcp 0.0.0.0:53 and of udp 0.0.0.0:53, and a child would lose one of them: write --rename u53=NAME`,
		},
		{
			name: "clash of handed ones", handed: []string{"tcp 0.0.0.0:53 t", "udp 0.0.0.0:53 u"},
			want: `entry name "0.0.0.0:53" is that of tcp 0.0.0.0:53 and of udp 0.0.0.0:53, and a child would lose one of them: write --rename u=NAME`,
		},
		{
			name: "clash without a name to write", handed: []string{"tcp 0.0.0.0:80 web", "tcp 0.0.0.0:80 web"},
			want: `entry name "0.0.0.0:80" is that of tcp 0.0.0.0:80 and of tcp 0.0.0.0:80, and a child would lose one of them: give each a .socket unit with its own FileDescriptorName=`,
		},
		{
			name: "path with =", paths: []string{"/none/a=b"},
			want: `entry name "/none/a=b" of unix /none/a=b has a "=", which SERVER_STARTER_PORT cannot hold: write --rename /none/a=b=NAME`,
		},
		{
			name: "handed path with ;", handed: []string{"unix /a;b web"},
			want: `entry name "/a;b" of unix /a;b has a ";", which SERVER_STARTER_PORT cannot hold: write --rename web=NAME`,
		},
		{name: "empty path", paths: []string{""}, want: `--path "" names no file: write where the socket is to be`},
		{
			name: "abstract path", paths: []string{"@app"},
			want: `--path "@app": abstract sockets are not bound: write ./@app for a file of that name, or hand it over from a .socket unit`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			placed, _, err := tt.run(t)
			if err == nil || err.Error() != tt.want || placed != nil {
				t.Errorf("\n got: %v %v\nwant: %s", shown(placed), err, tt.want)
			}
		})
	}
}

// A path is matched by the file that it leads to.
func TestAcquireMatchesPaths(t *testing.T) {
	dir := shortDir(t)
	if err := os.Symlink(dir, dir+"/var"); err != nil {
		t.Fatal(err)
	}
	path, other := filepath.Join(dir, "app.sock"), filepath.Join(dir, "other.sock")
	theirs := acquire(t, Request{Paths: []string{path}})[0].Socket

	alias := filepath.Join(dir, "var", "app.sock")
	placed := acquire(t, Request{Handed: []activation.Socket{theirs}, Paths: []string{other, alias}})
	if want := other + "+ " + fmt.Sprintf("%s@%d", alias, theirs.FD); shown(placed) != want {
		t.Errorf("placed %s, want %s", shown(placed), want)
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	_, _, err := Acquire(Request{Handed: []activation.Socket{theirs}, Paths: []string{path}})
	if err == nil || !strings.Contains(err.Error(), "no flag takes it") {
		t.Errorf("with the file gone: %v", err)
	}
}

func TestAcquireWarns(t *testing.T) {
	tt := acquireTest{handed: []string{"unix /none/a:80", "unix /none/b:80 b", "unix @c:80", "tcp 0.0.0.0:80"}, rename: []Rename{{"b", "/b"}}}
	_, warnings, err := tt.run(t)
	want := []string{
		`entry name "/none/a:80" has a ":": some children take it for host:port`,
		`entry name "@c:80" has a ":": some children take it for host:port`,
	}
	if err != nil || !slices.Equal(warnings, want) {
		t.Errorf("got %q, %v; want %q", warnings, err, want)
	}
}

func TestAcquireUnderOuterStarter(t *testing.T) {
	sockets := handed(t, "tcp 0.0.0.0:80", "udp 0.0.0.0:80")
	sockets[0].Given, sockets[1].Given = "80", "host:80"
	placed, _, err := Acquire(Request{Handed: sockets})
	if want := "80@3 host:80@4"; err != nil || shown(placed) != want {
		t.Errorf("got %s, %v; want %s", shown(placed), err, want)
	}
}

func TestAcquireKeepsWantedNumber(t *testing.T) {
	tt := acquireTest{handed: []string{"tcp [::]:80"}, ports: []string{"80=0", "81=7"}}
	placed, _, err := tt.run(t)
	if err != nil || placed[0].Want != 0 || placed[1].Want != 7 {
		t.Errorf("got %+v, %v", placed, err)
	}
}
