package load

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Request is an HTTP/1.1 request.
type Request struct {
	method string
	head   []string // its lines
	body   []byte
}

// NewRequest asks for a target, "/path?query", by GET, or by POST with so many
// bytes.
func NewRequest(target, host string, post int) *Request {
	if post <= 0 {
		return &Request{"GET", []string{"GET " + target + " HTTP/1.1", "Host: " + host}, nil}
	}
	head := []string{"POST " + target + " HTTP/1.1", "Host: " + host, fmt.Sprintf("Content-Length: %d", post)}
	return &Request{"POST", head, bytes.Repeat([]byte("x"), post)}
}

// ParseRequest reads a request as one would type it: a request line, headers, an
// empty line, a body. Lines may end in a mere newline, in the head. Host and
// Content-Length are filled in where they are not there; how the connection is
// used is up to the clients, so a Connection header is left out.
func ParseRequest(text []byte, host string) (*Request, error) {
	head, body := split(text)
	lines := strings.Split(strings.ReplaceAll(head, "\r\n", "\n"), "\n")
	method, rest, _ := strings.Cut(lines[0], " ")
	target, version, _ := strings.Cut(rest, " ")
	if method == "" || target == "" || version != "" && !strings.HasPrefix(version, protocol) {
		return nil, fmt.Errorf("request line %q; write METHOD /path HTTP/1.1", lines[0])
	}
	r := &Request{method: method, head: []string{method + " " + target + " HTTP/1.1"}, body: body}
	named := map[string]bool{}
	for _, line := range lines[1:] {
		name, _, found := strings.Cut(line, ":")
		name = strings.ToLower(name)
		if !found || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("header line %q; write Name: value, and an empty line before a body", line)
		}
		named[name] = true
		if name != "connection" {
			r.head = append(r.head, line)
		}
	}
	if !named["host"] {
		r.head = append(r.head, "Host: "+host)
	}
	if named["expect"] {
		return nil, errors.New("an Expect header: the body is sent without waiting; leave it out")
	}
	if len(body) > 0 && !named["content-length"] && !named["transfer-encoding"] {
		r.head = append(r.head, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	return r, nil
}

// HasBody tells whether a body follows the head.
func (r *Request) HasBody() bool { return len(r.body) > 0 }

// split cuts at the first empty line.
func split(text []byte) (head string, body []byte) {
	text = bytes.TrimLeft(text, "\r\n")
	at, length := len(text), 0
	for _, empty := range []string{"\n\r\n", "\n\n"} {
		if i := bytes.Index(text, []byte(empty)); i >= 0 && i < at {
			at, length = i, len(empty)
		}
	}
	return strings.TrimRight(string(text[:at]), "\r\n"), text[at+length:]
}

// text is what is sent, and where the body begins in it.
func (r *Request) text(keep bool) (text []byte, body int) {
	connection := "close"
	if keep {
		connection = "keep-alive"
	}
	head := strings.Join(r.head, "\r\n") + "\r\nConnection: " + connection + "\r\n\r\n"
	return append([]byte(head), r.body...), len(head)
}

// String is the request line, without the version.
func (r *Request) String() string { return strings.TrimSuffix(r.head[0], " HTTP/1.1") }
