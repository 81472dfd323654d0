package activation

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func TestEntryName(t *testing.T) {
	inet := func(kind Kind, addr string, v6only bool) Socket {
		return Socket{Kind: kind, Addr: netip.MustParseAddrPort(addr), V6Only: v6only}
	}
	tests := []struct {
		name   string
		socket Socket
		want   string
	}{
		{"IPv4, any", inet(TCP, "0.0.0.0:8080", false), "0.0.0.0:8080"},
		{"IPv4, one", inet(TCP, "192.0.2.1:8080", false), "192.0.2.1:8080"},
		{"IPv6, any, dual-stack", inet(TCP, "[::]:8080", false), "8080"},
		{"IPv6, any, v6-only", inet(TCP, "[::]:8080", true), "[::]:8080"},
		{"IPv6, one", inet(TCP, "[2001:db8::1]:8080", false), "[2001:db8::1]:8080"},
		{"IPv6, mapped", inet(TCP, "[::ffff:192.0.2.1]:8080", false), "[::ffff:192.0.2.1]:8080"},
		{"UDP, as TCP", inet(UDP, "0.0.0.0:53", false), "0.0.0.0:53"},
		{"UDP, dual-stack", inet(UDP, "[::]:53", false), "53"},
		{"Unix", Socket{Kind: UnixStream, Path: "/run/app.sock"}, "/run/app.sock"},
		{"abstract", Socket{Kind: UnixStream, Path: "@app"}, "@app"},
		{"unnamed", Socket{Kind: UnixStream}, ""},
		{"datagram", Socket{Kind: UnixDatagram, Path: "/run/app.sock"}, ""},
		{"seqpacket", Socket{Kind: UnixSeqpacket, Path: "/run/app.sock"}, ""},
		{"vsock", Socket{Kind: Vsock, What: "any:80"}, ""},
		{"netlink", Socket{Kind: Netlink}, ""},
		{"FIFO", Socket{Kind: FIFO, What: "/run/fifo"}, ""},
		{"message queue", Socket{Kind: MessageQueue, What: "/queue"}, ""},
		{"special", Socket{Kind: Special, What: "/dev/urandom"}, ""},
		{"file", Socket{Kind: File, What: "/etc/passwd"}, ""},
		{"other", Socket{Kind: OtherSocket}, ""},
		{"unknown", Socket{}, ""},
		{"given", Socket{Kind: TCP, Given: "8080", Addr: netip.MustParseAddrPort("0.0.0.0:8080")}, "8080"},
		{"given to a FIFO", Socket{Kind: FIFO, Given: "fifo"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.socket.EntryName(); got != tt.want {
				t.Errorf("EntryName() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestKindString(t *testing.T) {
	seen := map[string]Kind{}
	for k := Unknown; k <= OtherSocket; k++ {
		if other, twice := seen[k.String()]; twice || k.String() == "" {
			t.Errorf("kinds %d and %d are both %q", other, k, k)
		}
		seen[k.String()] = k
	}
	if got := Kind(-1).String(); got != "Kind(-1)" {
		t.Errorf("a kind that is none: %q", got)
	}
}

func TestSocketKind(t *testing.T) {
	tests := []struct {
		domain, typ, protocol int
		want                  Kind
	}{
		{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP, TCP},
		{unix.AF_INET6, unix.SOCK_STREAM, unix.IPPROTO_MPTCP, TCP},
		{unix.AF_INET6, unix.SOCK_DGRAM, unix.IPPROTO_UDP, UDP},
		{unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_SCTP, OtherSocket},
		{unix.AF_INET, unix.SOCK_SEQPACKET, unix.IPPROTO_SCTP, OtherSocket},
		{unix.AF_INET6, unix.SOCK_RAW, unix.IPPROTO_ICMPV6, OtherSocket},
		{unix.AF_UNIX, unix.SOCK_RAW, 0, OtherSocket},
		{unix.AF_VSOCK, unix.SOCK_DGRAM, 0, Vsock},
		{unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_ROUTE, Netlink},
		{unix.AF_PACKET, unix.SOCK_RAW, 0, OtherSocket},
	}
	for _, tt := range tests {
		if got := socketKind(tt.domain, tt.typ, tt.protocol); got != tt.want {
			t.Errorf("socketKind(%d, %d, %d) = %s, want %s", tt.domain, tt.typ, tt.protocol, got, tt.want)
		}
	}
}
