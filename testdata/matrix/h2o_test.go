package matrix

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// h2o has to be told the addresses of the sockets that it is handed.
func h2o(t *testing.T, bind string) []string {
	t.Helper()
	tool := need(t, "h2o", "apt-get install h2o")
	config := ""
	for addr := range strings.SplitSeq(bind, ",") {
		if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
			config += fmt.Sprintf("listen:\n  port: %q\n  type: unix\n", addr)
			continue
		}
		host, port, _ := net.SplitHostPort(addr)
		config += fmt.Sprintf("listen:\n  host: %q\n  port: %s\n", host, port)
	}
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(500 * time.Millisecond) }))
	t.Cleanup(slow.Close)
	file := filepath.Join(t.TempDir(), "h2o.conf")
	writeFile(t, file, config+fmt.Sprintf(h2oApp, slow.URL))
	return []string{"sh", "-c", `PID=$$ exec "$0" -c "$1"`, tool, file} // its Ruby has no $$
}

// h2oApp is the answer; h2o's Ruby cannot sleep, so a slow server does it.
const h2oApp = `
num-threads: 8
http1-request-timeout: 5
hosts:
  default:
    paths:
      "/":
        mruby.handler: |
          Proc.new {|env|
            env["rack.input"].read if env["rack.input"]
            http_request("%s/").join if env["QUERY_STRING"] == "sleep=0.5"
            line = "gen=#{ENV['SERVER_STARTER_GENERATION']} pid=#{ENV['PID']}\n"
            [200, {"content-length" => line.size.to_s}, [line]]
          }
`

// frontEnd is an h2o before a FastCGI server, and returns its address.
func frontEnd(t *testing.T, socket string) string {
	t.Helper()
	host, port, _ := net.SplitHostPort(socket)
	backend := fmt.Sprintf("{host: %q, port: %q, type: tcp}", host, port)
	if strings.HasPrefix(socket, "/") || strings.HasPrefix(socket, "@") {
		backend = fmt.Sprintf("{port: %q, type: unix}", socket)
	}
	addr := ipv4.address(t)
	_, port, _ = net.SplitHostPort(addr.bind)
	file := filepath.Join(t.TempDir(), "front.conf")
	writeFile(t, file, fmt.Sprintf(front, port, backend))
	p := start(t, need(t, "h2o", "apt-get install h2o"), "-c", file)
	p.await("is ready to serve requests")
	return addr.bind
}

const front = `
user: root
num-threads: 1
listen:
  host: 127.0.0.1
  port: %s
hosts:
  default:
    paths:
      "/":
        fastcgi.connect: %s
`

// HTTP/2 clients keep one connection for many requests at once: GOAWAY tells
// them to make another.
func TestHTTP2(t *testing.T) {
	for _, c := range wanted(t) {
		if c.name == "h2o" {
			t.Run(c.name, func(t *testing.T) { t.Parallel(); h2oOverHTTP2(t, c) })
		}
	}
}

func h2oOverHTTP2(t *testing.T, c child) {
	bind, clients := c.addresses(t, ipv4)
	p := bridge(t, c, bind)
	p.await("generation is current")
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: patience}

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan []error)
	for range 4 {
		go func() {
			var errs []error
			for ctx.Err() == nil {
				if err := overHTTP2(client, "http://"+clients[0]+"/"); err != nil {
					errs = append(errs, err)
				}
				time.Sleep(5 * time.Millisecond)
			}
			ended <- errs
		}()
	}
	for generation := 2; generation <= 1+swaps; generation++ {
		p.signal(unix.SIGHUP)
		p.await(fmt.Sprintf("swap committed: generation %d is current", generation))
	}
	stop()
	for range 4 {
		if errs := <-ended; len(errs) > 0 {
			t.Errorf("%d requests were lost: %v", len(errs), errs[0])
		}
	}
}

func overHTTP2(client http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.ProtoMajor != 2 || !strings.HasPrefix(string(text), "gen=") {
		return fmt.Errorf("%s: %q", response.Proto, text)
	}
	return nil
}
