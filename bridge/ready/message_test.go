package ready

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestParseMessage(t *testing.T) {
	second, never, longest := time.Second, time.Duration(0), 100*365*24*time.Hour
	status := func(s string) Message { return Message{Status: &s} }
	for datagram, want := range map[string]Message{
		"READY=1":                                   {Ready: true},
		"READY=1\n":                                 {Ready: true},
		"READY=1\x00":                               {Ready: true},
		"READY=1\x00STOP":                           {},
		"READY=0":                                   {},
		" READY=1":                                  {},
		"READY=1\nREADY=0":                          {Ready: true},
		"X_READY_FOLLOWS=1":                         {Follows: true},
		"STOPPING=1":                                {Stopping: true},
		"WATCHDOG=1":                                {Watchdog: Ping},
		"WATCHDOG=trigger":                          {Watchdog: Trigger},
		"WATCHDOG=Trigger":                          {},
		"WATCHDOG=trigger\n" + "WATCHDOG=1":         {Watchdog: Trigger},
		"WATCHDOG_USEC=1000000":                     {Period: &second},
		"WATCHDOG_USEC=0":                           {Period: &never},
		"WATCHDOG_USEC=18446744073709551615":        {Period: &longest},
		"WATCHDOG_USEC=18446744073709551616":        {},
		"WATCHDOG_USEC=-1":                          {},
		"EXTEND_TIMEOUT_USEC=1000000":               {Extend: second},
		"EXTEND_TIMEOUT_USEC=1s":                    {},
		"STATUS=a=b":                                status("a=b"),
		"STATUS=":                                   status(""),
		"STATUS=\x1b[31mre\td\u202e\r":              status(" [31mre d  "),
		"STATUS=\xff\xc3ü":                          status("\ufffd\ufffdü"),
		"STATUS=" + strings.Repeat("ü", 200):        status(strings.Repeat("ü", 200)),
		"STATUS=" + strings.Repeat("ü", 201):        status(strings.Repeat("ü", 199) + "…"),
		"MAINPID=1\nRELOADING=1\nFDSTORE=1\nERRNO=": {},
		"STATUS=a\nREADY=1\n\nnonsense":             {Ready: true, Status: status("a").Status},
	} {
		if got := parseMessage([]byte(datagram)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %+v, want %+v", datagram, got, want)
		}
	}
}

func TestMergeMessages(t *testing.T) {
	var m Message
	for _, datagram := range []string{
		"READY=1\nSTATUS=first\nX_READY_FOLLOWS=1", "WATCHDOG=trigger\nWATCHDOG_USEC=1\nEXTEND_TIMEOUT_USEC=5",
		"STATUS=last", "STOPPING=1", "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=7\nWATCHDOG_USEC=2", "",
	} {
		m.merge(parseMessage([]byte(datagram)))
	}
	last, period := "last", 2*time.Microsecond
	want := Message{true, true, true, Trigger, &period, &last, 7 * time.Microsecond}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v", m)
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte("READY=1\nSTATUS=up\nWATCHDOG=trigger"))
	f.Add([]byte("WATCHDOG_USEC=99999999999999999999\x00"))
	f.Add([]byte("EXTEND_TIMEOUT_USEC=18446744073709551615"))
	f.Fuzz(func(t *testing.T, datagram []byte) {
		m := parseMessage(datagram)
		if m.Extend < 0 || m.Period != nil && *m.Period < 0 {
			t.Errorf("negative times: %+v", m)
		}
		if m.Status == nil {
			return
		}
		if !utf8.ValidString(*m.Status) || utf8.RuneCountInString(*m.Status) > statusLength ||
			strings.ContainsFunc(*m.Status, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("status %q", *m.Status)
		}
	})
}
