//go:build systemd

package systemd

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sdbridge/sdbridge/cmd/sdbridge-drill/load"
	"github.com/sdbridge/sdbridge/testdata/systemd/systemdtest"
)

// clients work inside the machine until they are stopped.
type clients struct {
	m    *systemdtest.Machine
	stop string // a file
	done chan outcome
}

type outcome struct {
	result load.Result
	err    error
}

// startClients starts clients of an address; args are those of the load tool. They
// leave most of the machine to other stories.
func startClients(t *testing.T, m *systemdtest.Machine, addr string, args ...string) *clients {
	c := &clients{m: m, stop: fmt.Sprintf("/run/stop-%d", time.Now().UnixNano()), done: make(chan outcome, 1)}
	command := append([]string{"load", "-timeout=50s", "-pause=20ms", "-until-file=" + c.stop}, append(args, addr)...)
	go func() {
		var o outcome
		text, err := m.Run(command...) // 1 when a request was lost
		if o.err = json.Unmarshal([]byte(text), &o.result); o.err != nil && err != nil {
			o.err = err
		}
		c.done <- o
	}()
	t.Cleanup(func() { m.Write(t, c.stop, "") })
	return c
}

// end lets the clients finish their requests; none may be lost.
func (c *clients) end(t *testing.T) load.Result {
	t.Helper()
	c.m.Write(t, c.stop, "")
	return c.await(t)
}

// await waits for clients that end by themselves; no request may be lost.
func (c *clients) await(t *testing.T) load.Result {
	t.Helper()
	result := c.result(t)
	if result.Lost() > 0 {
		t.Errorf("clients lost requests: %+v", result)
	}
	return result
}

func (c *clients) result(t *testing.T) load.Result {
	t.Helper()
	o := <-c.done
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.result
}

// one makes clients that make one request each.
var one = []string{"-pause=1h"}

// ask makes one request, or some, and returns the generation that answered.
func ask(t *testing.T, m *systemdtest.Machine, addr string) string {
	t.Helper()
	var answered []string
	systemdtest.Await(t, addr+" answers", func() bool {
		result := startClients(t, m, addr, "-clients=1", "-duration=10ms").await(t)
		answered = slices.Sorted(maps.Keys(result.Answered))
		return len(answered) > 0 // a client that is late makes no request
	})
	return strings.Join(answered, " and ")
}

// accepted counts the connections of a TCP port, in hexadecimal, that a process
// has accepted: before, they have no inode (proc(5)).
func accepted(m *systemdtest.Machine, port string) int {
	const established = "01"
	line := regexp.MustCompile(`(?m)^ *\d+: \S+:` + port + ` \S+ ` + established + `(?: +\S+){5} +[1-9]\d* `)
	return len(line.FindAllString(m.Read("/proc/1/net/tcp"), -1))
}
