package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
)

var keepAlive = map[string]load.KeepAlive{"yes": load.On, "no": load.Off, "both": load.Both}

// plan is what is to be done.
type plan struct {
	flags

	command []string
	bridge  []string // its flags
	addr    string   // "": look for it
	host    string   // of the URL
	target  string
	request []byte // of the file
}

// plan looks at the flags' values.
func (f *flags) plan(command []string) (*plan, error) {
	p := &plan{flags: *f, command: command, target: "/"}
	for _, words := range f.run {
		p.bridge = append(p.bridge, strings.Fields(words)...)
	}
	for _, step := range []func() error{p.service, p.numbers, p.address, p.requestText, p.body} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *plan) service() error {
	chosen := 0
	for _, given := range []bool{len(p.command) > 0, p.unit != "", p.name != ""} {
		if given {
			chosen++
		}
	}
	switch {
	case chosen == 0:
		return errors.New("nothing to drill: write a command behind --, as in: sdbridge drill -- ./app; or give --unit or --name")
	case chosen > 1:
		return errors.New("a command, --unit and --name exclude each other; give one of them")
	case len(p.command) == 0 && len(p.run) > 0:
		return fmt.Errorf("--run %q is for the bridge of a command; that of a service has its flags in the unit", p.run[0])
	case p.unit == "" && p.user:
		return errors.New("--user goes with --unit; give both")
	}
	return nil
}

func (p *plan) numbers() error {
	switch _, known := keepAlive[p.keepAlive]; {
	case !known:
		return fmt.Errorf("--keep-alive %q is not known; write yes, no or both", p.keepAlive)
	case p.swaps < 1:
		return fmt.Errorf("--swaps %d: give one at least", p.swaps)
	case p.clients < 1:
		return fmt.Errorf("--clients %d: give one at least", p.clients)
	case p.slow < 0:
		return fmt.Errorf("--slow %d is negative; leave it out for none", p.slow)
	case p.post < 0:
		return fmt.Errorf("--post %d is negative; leave it out for none", p.post)
	case p.timeout == 0:
		return errors.New("--timeout 0: every request would be lost; leave it out for 10s")
	}
	return nil
}

// address is what --url and --connect say.
func (p *plan) address() error {
	if p.url != "" {
		u, err := url.Parse(p.url)
		switch {
		case err != nil:
			return fmt.Errorf("--url: %w", err)
		case u.Scheme == "" && strings.HasPrefix(p.url, "/") && u.Host == "":
		case u.Scheme != "http" || u.Hostname() == "":
			return fmt.Errorf("--url %q; write http://host:port/path or /path: the clients speak plain HTTP to the child", p.url)
		default:
			port := u.Port()
			if port == "" {
				port = "80"
			}
			p.host, p.addr = u.Host, net.JoinHostPort(u.Hostname(), port)
		}
		p.target = u.RequestURI()
	}
	if p.connect == "" {
		return nil
	}
	p.addr = p.connect
	if p.addr[0] == '/' || p.addr[0] == '@' {
		return nil
	}
	if _, port, err := net.SplitHostPort(p.addr); err != nil || port == "" {
		return fmt.Errorf("--connect %q; write HOST:PORT, /path or @abstract", p.addr)
	}
	return nil
}

// requestText reads the file.
func (p *plan) requestText() (err error) {
	if p.requestFile == "" {
		return nil
	}
	if p.post > 0 || p.target != "/" {
		return errors.New("--request-file has its own path and body; leave out --post and the path of --url")
	}
	if p.request, err = os.ReadFile(p.requestFile); err != nil {
		return refuse(exitUnavailable, "--request-file: %w", err)
	}
	if _, err = load.ParseRequest(p.request, "localhost"); err != nil {
		return fmt.Errorf("--request-file %s: %w", p.requestFile, err)
	}
	return nil
}

// body looks at what is to be sent.
func (p *plan) body() error {
	if p.send != "" {
		if p.url != "" || p.requestFile != "" || p.post > 0 || p.slow > 0 || p.header != "" {
			return errors.New("--send is not HTTP; leave out --url, --request-file, --post, --slow and --generation-header")
		}
		if strings.ContainsAny(p.send, "\r\n") {
			return fmt.Errorf("--send %q is more than a line; its end is added", p.send)
		}
		return nil
	}
	request, err := p.http("localhost")
	if err == nil && p.slow > 0 && !request.HasBody() {
		err = fmt.Errorf("--slow %d needs a body to send; give --post BYTES, or --request-file with one", p.slow)
	}
	return err
}

// http is the request to send.
func (p *plan) http(host string) (*load.Request, error) {
	if p.request != nil {
		return load.ParseRequest(p.request, host)
	}
	return load.NewRequest(p.target, host, p.post), nil
}

// load is what the clients do at that address.
func (p *plan) load(addr string) load.Config {
	config := load.Config{
		Addr: addr, Clients: p.clients, KeepAlive: keepAlive[p.keepAlive], Line: p.send,
		Timeout: time.Duration(p.timeout), Pause: time.Duration(p.clientsPause),
		Slow: p.slow, AnyAnswer: true, GenerationHeader: p.header,
	}
	host := p.host
	switch {
	case host != "":
	case strings.ContainsAny(addr[:1], "/@"):
		host = "localhost"
	default:
		host = addr
	}
	if p.send == "" {
		config.Request, _ = p.http(host) // looked at before
	}
	return config
}
