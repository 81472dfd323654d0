package starter

import (
	"testing"
	"time"
)

func TestReadWord(t *testing.T) {
	for _, tc := range []struct {
		word string
		want Word
		ok   bool
		err  string
	}{
		{word: "--port=80", want: Word{Option: "port", Takes: true, Value: "80", Attached: true}, ok: true},
		{word: "-port", want: Word{Option: "port", Takes: true}, ok: true},
		{word: "--stat", want: Word{Option: "status-file", Takes: true}, ok: true},
		{word: "--signal-on-TERM=QUIT", want: Word{Option: "signal-on-term", Takes: true, Value: "QUIT", Attached: true}, ok: true},
		{word: "--enable-auto-restart=1", want: Word{Option: "enable-auto-restart", Value: "1", Attached: true}, ok: true},
		{word: "--"},
		{word: "-"},
		{word: "plackup"},
		{word: "--server", ok: true, err: `Unknown option: server: --help lists the options; those of the program belong behind "--"`},
	} {
		got, ok, err := ReadWord(tc.word)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if got != tc.want || ok != tc.ok || text != tc.err {
			t.Errorf("ReadWord(%q) = %+v, %v, %q", tc.word, got, ok, text)
		}
	}
}

func TestGive(t *testing.T) {
	o := Defaults()
	for _, s := range [][2]string{
		{"port", "80"},
		{"interval", "2.5"},
		{"kill-old-delay", "1.5"},
		{"enable-auto-restart", ""},
		{"backlog", "1_024"},
		{"signal-on-hup", "sigquit"},
		{"daemonize", ""},
	} {
		if err := o.Give(s[0], s[1]); err != nil {
			t.Errorf("Give(%q, %q): %v", s[0], s[1], err)
		}
	}
	if o.Ports[0] != "80" || o.Interval != 2500*time.Millisecond || *o.KillOldDelay != 2 ||
		!*o.EnableAutoRestart || o.Backlog != 1024 || o.SignalOnHUP != "QUIT" || !o.Daemonize {
		t.Errorf("%+v", o)
	}
	for _, s := range [][2]string{{"interval", "$N"}, {"kill-old-delay", "-1"}, {"signal-on-term", "NOPE"}} {
		o := Defaults()
		if err := o.Give(s[0], s[1]); err == nil {
			t.Errorf("Give(%q, %q) is accepted", s[0], s[1])
		}
	}
}
