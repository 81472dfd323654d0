package matrix

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
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
	config := "listen:\n"
	for addr := range strings.SplitSeq(bind, ",") {
		if strings.HasPrefix(addr, "/") || strings.HasPrefix(addr, "@") {
			config += fmt.Sprintf("  - port: %q\n    type: unix\n", addr)
			continue
		}
		host, port, _ := net.SplitHostPort(addr)
		config += fmt.Sprintf("  - host: %q\n    port: %s\n", host, port)
	}
	file := filepath.Join(t.TempDir(), "h2o.conf")
	writeFile(t, file, config+h2oApp)
	return []string{tool, "-c", file}
}

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
            sleep 0.5 if env["QUERY_STRING"] == "sleep=0.5"
            line = "gen=#{ENV['SERVER_STARTER_GENERATION']} pid=#{$$}\n"
            [200, {"content-length" => line.size.to_s}, [line]]
          }
`

// HTTP/2 clients keep one connection for many requests at once: GOAWAY tells
// them to make another.
func TestHTTP2(t *testing.T) {
	for _, c := range wanted(t) {
		if c.name == "h2o" {
			h2oOverHTTP2(t, c)
			return
		}
	}
	t.Skip("SDBRIDGE_MATRIX leaves h2o out")
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
