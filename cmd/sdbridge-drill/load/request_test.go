package load

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a line", "GET /a", "GET /a HTTP/1.1\r\nHost: h:1\r\n"},
		{"version", "GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: h:1\r\n"},
		{"newlines alone", "\nGET / HTTP/1.1\nA: b\n", "GET / HTTP/1.1\r\nA: b\r\nHost: h:1\r\n"},
		{"own host", "GET / HTTP/1.1\nhost: mine\nConnection: upgrade\n\n", "GET / HTTP/1.1\r\nhost: mine\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantText(t, test.text, test.want+"Connection: close\r\n\r\n")
		})
	}
	wantText(t, "POST / HTTP/1.1\n\na\n\nb\n", "POST / HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\nConnection: close\r\n\r\na\n\nb\n")
	wantText(t, "POST / HTTP/1.1\nContent-Length: 1\n\na", "POST / HTTP/1.1\r\nContent-Length: 1\r\nHost: h:1\r\nConnection: close\r\n\r\na")
}

func wantText(t *testing.T, text, want string) {
	t.Helper()
	r, err := ParseRequest([]byte(text), "h:1")
	if err != nil {
		t.Fatal(err)
	}
	got, body := r.text(false)
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if at := strings.Index(want, "\r\n\r\n") + 4; body != at || r.HasBody() != (at < len(want)) {
		t.Errorf("the body is at %d, want %d", body, at)
	}
}

// What it makes is what one would type.
func TestNewRequest(t *testing.T) {
	for typed, made := range map[string]*Request{
		"GET /a?b=c":       NewRequest("/a?b=c", "h:1", 0),
		"POST /a\n\nxxxxx": NewRequest("/a", "h:1", 5),
	} {
		text, _ := made.text(false)
		wantText(t, typed, string(text))
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "request line",
		"GET":                                 "request line",
		"GET / HTTP/2":                        "request line",
		"GET / HTTP/1.1\nno header":           "header line",
		"GET / HTTP/1.1\nA : b\n\n":           "header line",
		"POST / HTTP/1.1\n: b\n\n":            "header line",
		"GET / HTTP/1.1\nExpect: 1":           "Expect",
		"PUT /\nExpect: 100-continue\n\nbody": "Expect",
	} {
		if _, err := ParseRequest([]byte(text), "h"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What is sent is a request that a server can read to its end.
func FuzzParseRequest(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("POST /a HTTP/1.1\nA: b\n\nbody\n\nmore"))
	f.Add([]byte("GET /a\n\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRequest(text, "localhost")
		if err != nil {
			return
		}
		sent, body := r.text(true)
		if !bytes.HasSuffix(sent[:body], []byte("\r\n\r\n")) || !bytes.Equal(sent[body:], r.body) {
			t.Fatalf("the body of %q is at %d", sent, body)
		}
		read, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil || read.ContentLength != int64(len(r.body)) {
			return // as the user wrote it
		}
		if got, err := io.ReadAll(read.Body); err != nil || !bytes.Equal(got, r.body) {
			t.Fatalf("%q: read %q, %v", sent, got, err)
		}
	})
}
