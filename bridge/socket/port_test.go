package socket

import "testing"

func TestParsePort(t *testing.T) {
	tests := []struct {
		text  string
		want  Port
		entry string
	}{
		{"8080", Port{Number: 8080, FD: -1}, "8080"},
		{" 8080 ", Port{Number: 8080, FD: -1}, "8080"},
		{"\v8080\n", Port{Number: 8080, FD: -1}, "8080"},
		{"0", Port{Number: 0, FD: -1}, "0"},
		{"65535", Port{Number: 65535, FD: -1}, "65535"},
		{"u8080", Port{UDP: true, Number: 8080, FD: -1}, "8080"},
		{"8080=5", Port{Number: 8080, FD: 5}, "8080"},
		{"8080 =0", Port{Number: 8080, FD: 0}, "8080"},
		{"u8080=7", Port{UDP: true, Number: 8080, FD: 7}, "8080"},
		{"localhost:8080", Port{Host: "localhost", Number: 8080, FD: -1}, "localhost:8080"},
		{"127.0.0.1: 8080", Port{Host: "127.0.0.1", Number: 8080, FD: -1}, "127.0.0.1:8080"},
		{"0.0.0.0:u8080", Port{UDP: true, Host: "0.0.0.0", Number: 8080, FD: -1}, "0.0.0.0:8080"},
		{"host:8080=9", Port{Host: "host", Number: 8080, FD: 9}, "host:8080"},
		{"[::1]:8080", Port{Host: "::1", Number: 8080, FD: -1}, "[::1]:8080"},
		{"[ ::1]:8080", Port{Host: "::1", Number: 8080, FD: -1}, "[::1]:8080"},
		{"::1:8080", Port{Host: "::1", Number: 8080, FD: -1}, "[::1]:8080"},
		{"[::]:u8080=4", Port{UDP: true, Host: "::", Number: 8080, FD: 4}, "[::]:8080"},
		{"[localhost]:80", Port{Host: "localhost", Number: 80, FD: -1}, "localhost:80"},
	}
	for _, tt := range tests {
		got, err := ParsePort(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("ParsePort(%q) = %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
		if entry := got.Entry(); entry != tt.entry {
			t.Errorf("ParsePort(%q).Entry() = %q, want %q", tt.text, entry, tt.entry)
		}
	}
}

func TestParsePortRefuses(t *testing.T) {
	const write = " is not a port: write 8080, host:8080, [::1]:8080, or u8080 for UDP"
	tests := []struct{ text, want string }{
		{"", `--port ""` + write},
		{"http", `--port "http"` + write},
		{":8080", `--port ":8080"` + write},
		{"8080= 5", `--port "8080= 5"` + write},
		{"host:", `--port "host:"` + write},
		{"-1", `--port "-1"` + write},
		{"/run/app.sock", `--port "/run/app.sock"` + write},
		{"65536", `--port "65536": 65536 is not a port number: write one of 0 to 65535`},
		{"h:99999999999999999999", `--port "h:99999999999999999999": 99999999999999999999 is not a port number: write one of 0 to 65535`},
		{"80=1048576", `--port "80=1048576": 1048576 is not a descriptor number: write a small one, as in 8080=5`},
		{"80=99999999999999999999", `--port "80=99999999999999999999": 99999999999999999999 is not a descriptor number: write a small one, as in 8080=5`},
		{"[::g]:80", `--port "[::g]:80": "::g" is not an IPv6 address: write one as in [::1]:8080`},
		{"[fe80::1%lo]:80", `--port "[fe80::1%lo]:80": "fe80::1%lo" is not an IPv6 address: write one as in [::1]:8080`},
	}
	for _, tt := range tests {
		if _, err := ParsePort(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("ParsePort(%q)\n got: %v\nwant: %s", tt.text, err, tt.want)
		}
	}
}

func FuzzParsePort(f *testing.F) {
	for _, seed := range []string{"8080", "u1=2", "host:80", "[::1]:u443 =7", "::1:80", "[[a]:1", "a b:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePort(text)
		if err != nil {
			return
		}
		again, err := ParsePort(p.handle())
		if err != nil || again.UDP != p.UDP || again.Number != p.Number || again.FD != -1 {
			t.Errorf("ParsePort(%q) = %+v, its handle %q gives %+v, %v", text, p, p.handle(), again, err)
		}
	})
}
