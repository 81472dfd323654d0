package ready

import (
	"strings"
	"testing"
)

func TestParseRule(t *testing.T) {
	for _, value := range []string{"auto", "notify", "interval", "accept", "accept:0.0.0.0:8080,/run/a.sock", "accept:[::1]:80"} {
		if r, err := ParseRule(value); err != nil || r.String() != value {
			t.Errorf("%q: got %q, %v", value, r, err)
		}
	}
	for value, want := range map[string]string{
		"":             "auto, notify, interval, accept or accept:SOCKET,…",
		"Accept":       `"Accept" is not known`,
		"notify:8080":  `"notify:8080" is not known`,
		"accept:":      "without a name",
		"accept:80,,9": "without a name",
	} {
		if _, err := ParseRule(value); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", value, err, want)
		}
	}
}

func parsed(t *testing.T, value string) Rule {
	t.Helper()
	r, err := ParseRule(value)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRuleIsNotified(t *testing.T) {
	for value, want := range map[string]bool{"auto": true, "notify": true, "accept": false, "interval": false} {
		if got := parsed(t, value).Notified(); got != want {
			t.Errorf("%s: got %v", value, got)
		}
	}
	if got := (Rule{}).String(); got != "interval" {
		t.Errorf("the zero rule is %s", got)
	}
}

func TestResolve(t *testing.T) {
	sockets := []Socket{
		{Name: "8080", FDName: "web", Stream: true},
		{Name: "/run/a.sock", FDName: "web", Stream: true},
		{Name: "0.0.0.0:53", FDName: "dns"},
	}
	for _, test := range []struct {
		rule    string
		sockets []Socket
		want    string // or the end of the error
	}{
		{"auto", nil, "auto"},
		{"accept", sockets, "accept"},
		{"accept:8080", sockets, "accept:8080"},
		{"accept:web", sockets, "accept:8080,/run/a.sock"},
		{"accept", sockets[2:], "--ready=accept: there is no stream socket that a process could wait on; write --ready=auto, interval or notify"},
		{"accept:80", sockets, `--ready=accept:80: "80" means no socket; stream sockets are "8080", "/run/a.sock"`},
		{"accept:dns", sockets, `--ready=accept:dns: "dns" is not a stream socket: no process accepts on it; stream sockets are "8080", "/run/a.sock"`},
	} {
		got, err := parsed(t, test.rule).Resolve(test.sockets)
		if err != nil && err.Error() != test.want || err == nil && got.String() != test.want {
			t.Errorf("%s: got %s, %v, want %s", test.rule, got, err, test.want)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("accept:a,b")
	f.Add("auto")
	f.Fuzz(func(t *testing.T, value string) {
		if r, err := ParseRule(value); err == nil && r.String() != value {
			t.Errorf("%q became %q", value, r)
		}
	})
}
