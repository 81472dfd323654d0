package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// overHTTP is HTTP/1.1.
func overHTTP(config Config, keep bool) exchange {
	method := config.Request.method
	text, body := config.Request.text(keep)
	answers := &answers{config: config, method: method, keep: keep}
	return exchange{text, body, method == "GET" || method == "HEAD", answers.read}
}

// answers reads those to requests of one method.
type answers struct {
	config Config
	method string
	keep   bool
}

const protocol = "HTTP/1."

// read reads an answer that has begun.
func (a *answers) read(r *bufio.Reader) (o outcome, keep bool) {
	response, err := a.head(r)
	if err != nil {
		return lost(withinAnswer(err), err), false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return lost(withinAnswer(err), err), false
	}
	keep = a.keep && !response.Close
	switch {
	case response.StatusCode >= 500:
		return lost(serverError, errors.New(response.Status)), keep
	case response.StatusCode != http.StatusOK && !a.config.AnyAnswer:
		return lost(wrong, errors.New(response.Status)), keep
	}
	o = whole(body, a.config.AnyAnswer || response.ContentLength >= 0)
	if name := response.Header.Get(a.config.GenerationHeader); name != "" && o.end == answered {
		o.generation = name
	}
	return o, keep
}

// head reads one, and not the interim ones (RFC 9110, 15.2).
func (a *answers) head(r *bufio.Reader) (*http.Response, error) {
	for {
		peeked, _ := r.Peek(len(protocol))
		start := string(peeked)
		response, err := http.ReadResponse(r, &http.Request{Method: a.method})
		if err != nil {
			// A head that breaks off within a line is "malformed" there.
			if _, next := r.Peek(1); next != nil && strings.HasPrefix(protocol, start) {
				err = next
			}
			return nil, err
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			return response, nil
		}
	}
}

var line = regexp.MustCompile(`^gen=(\S+) pid=\d+\n`)

// whole finds the generation, if the answer has it. One that does not say its
// length is as long as its connection, so there an unfinished line is a cut, if
// lines are what the server says.
func whole(body []byte, certain bool) outcome {
	if match := line.FindSubmatch(body); match != nil {
		return outcome{end: answered, generation: string(match[1])}
	}
	if !certain && !bytes.HasSuffix(body, []byte("\n")) {
		return lost(cut, fmt.Errorf("the answer is %q", body))
	}
	return outcome{end: answered}
}
