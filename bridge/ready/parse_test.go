package ready

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseCall(t *testing.T) {
	for line, want := range map[string]call{
		"43 0x3 0xc000 0x10 0x0 0x0 0x0 0x7ffd 0x47a3\n": {43, [6]uint64{3, 0xc000, 16}},
		"running\n":                          {},
		"-1 0x7ffd 0x47a3\n":                 {},
		"43 0x3 0x0 0x0 0x0 0x0 zz 0x0 0x0":  {},
		"zz 0x3 0x0 0x0 0x0 0x0 0x0 0x0 0x0": {},
		"":                                   {},
	} {
		if got, ok := parseCall([]byte(line)); got != want || ok != (want.number != 0) {
			t.Errorf("%q: got %v, %v", line, got, ok)
		}
	}
}

func TestReadableInEpoll(t *testing.T) {
	const fdinfo = "pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t1038\n" +
		"tfd:        3 events:       19 data:                3  pos:0 ino:80dc sdev:9\n" +
		"tfd:        4 events:     2000 data:                4  pos:0 ino:80dd sdev:9\n" +
		"tfd:        5 events: 40000000 data:                4  pos:0 ino:80de sdev:9\n" +
		"tfd:        6 events:       40 data: ffffffffffffffff  pos:0 ino:40e sdev:10\n" +
		"tfd:        7 events:        1 data:                4\n" +
		"tfd:"
	got := slices.Collect(readableInEpoll([]byte(fdinfo)))
	if want := []file{{0x80dc, 9}, {0x40e, 0x10}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPendingInRing(t *testing.T) {
	for fdinfo, want := range map[string]ring{
		"":                                  ringSilent,
		"pos:\t0\nflags:\t02000002\n":       ringSilent,
		"PollList:\n":                       ringSilent,
		"PollList:\n  op=6, task_works=0\n": ringSilent,
		"PollList:\n  op=27, task_works=0\n  op=6, task_works=0\n":   ringSilent,
		"PollList:\n  op=27, task_works=0\n":                         ringOther,
		"PollList:\n  op=6, task_works=0\n  op=13, task_works=0\n":   ringAccepts,
		"UserFiles:\t1\n    0: socket:[1]\nPollList:\n  op=13, ta":   ringAccepts,
		"SQEs:\t1\n    0: opcode:ACCEPT, fd:3, flags:0\nPollList:\n": ringSilent,
		"  op=x\n": ringSilent,
	} {
		if got := pendingInRing([]byte(fdinfo)); got != want {
			t.Errorf("%q: got %v, want %v", fdinfo, got, want)
		}
	}
}

func TestSetsOfDescriptors(t *testing.T) {
	if got := bitsInSet([]byte{0b1000, 0, 0b1}); !slices.Equal(got, []int{3, 16}) {
		t.Errorf("set: got %v", got)
	}
	var array []byte
	for _, p := range []unix.PollFd{{Fd: 3, Events: unix.POLLIN}, {Fd: 4, Events: unix.POLLOUT}, {Fd: -1, Events: unix.POLLIN}} {
		array = binary.NativeEndian.AppendUint32(array, uint32(p.Fd))
		array = binary.NativeEndian.AppendUint16(array, uint16(p.Events))
		array = binary.NativeEndian.AppendUint16(array, 0)
	}
	if got := readableInPoll(append(array, 5)); !slices.Equal(got, []int{3, -1}) {
		t.Errorf("poll: got %v", got)
	}
}

func TestSocketInode(t *testing.T) {
	for link, want := range map[string]uint64{"socket:[32988]": 32988, "socket:[x]": 0, "socket:[1": 0, "pipe:[7]": 0, "": 0} {
		if got, ok := socketInode([]byte(link)); got != want || ok != (want != 0) {
			t.Errorf("%q: got %d, %v", link, got, ok)
		}
	}
}

func TestEnded(t *testing.T) {
	for stat, want := range map[string]bool{
		"7 (true) Z 1 7": true, "7 (a) Z) S 1 7": false, "7 (x) X 1": true, "7 (x) R 1": false, "": false, "7 (x)": false,
	} {
		if got := ended([]byte(stat)); got != want {
			t.Errorf("%q: got %v", stat, got)
		}
	}
}

func FuzzProc(f *testing.F) {
	f.Add([]byte("43 0x3 0xc000 0x10 0x0 0x0 0x0 0x7ffd 0x47a3\n"))
	f.Add([]byte("tfd:        3 events:       19 data:                3  pos:0 ino:80dc sdev:9\n"))
	f.Add([]byte("PollList:\n  op=13, task_works=0\n"))
	f.Add([]byte("socket:[32988]"))
	f.Add([]byte("7 (a) Z) S 1 7"))
	f.Fuzz(func(t *testing.T, b []byte) {
		parseCall(b)
		for e := range readableInEpoll(b) {
			if !bytes.Contains(b, []byte("tfd:")) {
				t.Errorf("%v from %q", e, b)
			}
		}
		if pendingInRing(b) == ringAccepts && !bytes.Contains(b, []byte("op=")) {
			t.Errorf("accepts from %q", b)
		}
		if len(readableInPoll(b)) > len(b)/pollfdSize || len(bitsInSet(b)) > len(b)*8 {
			t.Error("more descriptors than there is room for")
		}
		socketInode(b)
		ended(b)
	})
}
