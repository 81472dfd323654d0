package ready

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func tcp(s string) address { return address{inet: netip.MustParseAddrPort(s)} }

func TestAcceptedFrom(t *testing.T) {
	file := address{path: "/run/s", file: [2]uint32{1, 2}}
	from := map[address][]uint64{
		tcp("0.0.0.0:80"):     {1},
		tcp("[::]:80"):        {2},
		tcp("127.0.0.1:80"):   {3},
		tcp("[::1]:81"):       {4},
		tcp("127.0.0.1:8080"): {5, 6},
		file:                  {7},
	}
	for _, test := range []struct {
		local address
		want  []uint64
	}{
		{tcp("192.0.2.1:80"), []uint64{1}},
		{tcp("127.0.0.1:80"), []uint64{3}},
		{tcp("[2001:db8::1]:80"), []uint64{2}},
		{tcp("[::ffff:127.0.0.1]:80"), []uint64{2}}, // of a dual-stack socket
		{tcp("[::1]:81"), []uint64{4}},
		{tcp("[::2]:81"), nil},
		{tcp("192.0.2.1:81"), nil},
		{tcp("127.0.0.1:8080"), []uint64{5, 6}},
		{file, []uint64{7}},
		{address{path: "/run/s", file: [2]uint32{1, 3}}, nil},
		{address{}, nil},
	} {
		if got := acceptedFrom(from, test.local); !slices.Equal(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.local, got, test.want)
		}
	}
}

func TestPortsToAskFor(t *testing.T) {
	ports := map[uint16]bool{}
	for port := range uint16(8) {
		ports[port+1] = true
	}
	if got := portsToAskFor(ports); len(got) != 8 || slices.Contains(got, 0) {
		t.Errorf("of eight: %v", got)
	}
	ports[9] = true
	if got := portsToAskFor(ports); !slices.Equal(got, []uint16{0}) {
		t.Errorf("of nine: %v", got)
	}
}

// netlink makes a message as the kernel sends it.
func netlink(kind uint16, body []byte) []byte {
	b := message(body)
	binary.NativeEndian.PutUint16(b[4:], kind)
	return append(b, make([]byte, aligned(len(b))-len(b))...)
}

func TestEachMessage(t *testing.T) {
	refused := -int32(unix.ENOENT)
	errno := binary.NativeEndian.AppendUint32(nil, uint32(refused))
	for name, test := range map[string]struct {
		datagram []byte
		bodies   int
		done     bool
		err      error
	}{
		"two, more to come": {slices.Concat(netlink(20, []byte("abc")), netlink(20, nil)), 2, false, nil},
		"done":              {slices.Concat(netlink(20, nil), netlink(unix.NLMSG_DONE, make([]byte, 4))), 1, true, nil},
		"done, no status":   {netlink(unix.NLMSG_DONE, nil), 0, true, nil},
		"gave up":           {netlink(unix.NLMSG_DONE, errno), 0, true, unix.ENOENT},
		"refused":           {netlink(unix.NLMSG_ERROR, errno), 0, true, unix.ENOENT},
		"empty":             {nil, 0, false, unix.EBADMSG},
		"cut":               {netlink(20, make([]byte, 8))[:20], 0, false, unix.EBADMSG},
	} {
		bodies := 0
		done, err := eachMessage(test.datagram, func([]byte) { bodies++ })
		if bodies != test.bodies || done != test.done || !errors.Is(err, test.err) {
			t.Errorf("%s: got %d bodies, %v, %v", name, bodies, done, err)
		}
	}
}

func TestUnixName(t *testing.T) {
	for name, want := range map[string]string{"/run/s\x00": "/run/s", "/run/s": "/run/s", "\x00name": "@name", "": ""} {
		if got := unixName([]byte(name)); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func FuzzDiag(f *testing.F) {
	f.Add(netlink(unix.SOCK_DIAG_BY_FAMILY, make([]byte, inetRecordSize)))
	f.Add(slices.Concat(netlink(unix.SOCK_DIAG_BY_FAMILY, unixRequest(1)), netlink(unix.NLMSG_DONE, nil)))
	f.Add(netlink(unix.SOCK_DIAG_BY_FAMILY, append(make([]byte, unixRecordSize), 9, 0, 0, 0, '/', 's', 0, 0, 0, 0, 0, 0)))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		rest := len(datagram)
		eachMessage(datagram, func(body []byte) {
			rest -= headerSize + len(body)
			inetRecord(body)
			if r, ok := unixRecord(body); ok && r.local.path == "" {
				t.Error("a record without a name")
			}
		})
		if rest < 0 {
			t.Error("more bodies than there is room for")
		}
	})
}
