package socket

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Port is the value of one --port.
type Port struct {
	UDP    bool
	Host   string // name or address, without brackets; "" is 0.0.0.0
	Number uint16
	FD     int // descriptor number wanted in the child; -1: any
}

// The forms are those of Server::Starter 0.35. Its \s has the vertical tab,
// which Go's has not.
var (
	bareForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\s\v]*(u?)(\d+)(?:[\s\v]*=(\d+))?[\s\v]*$`) })
	hostForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[\s\v]*(?:\[[\s\v]*|)([^\]]*)[\s\v]*(?:\][\s\v]*|):[\s\v]*(u?)(\d+)(?:[\s\v]*=(\d+))?[\s\v]*$`)
	})
)

// maxFD is the highest descriptor number that Linux allows by default
// (fs.nr_open, proc_sys_fs(5)).
const maxFD = 1<<20 - 1

// ParsePort reads a --port as start_server takes it: 8080, host:8080,
// [::1]:8080, u8080 or host:u8080 for UDP, each with =FD behind it for the
// descriptor number that the child is to get. A host name is resolved when it is
// bound. The error names the value and what to write.
func ParsePort(s string) (Port, error) {
	var host, udp, number, fd string
	if m := bareForm().FindStringSubmatch(s); m != nil {
		udp, number, fd = m[1], m[2], m[3]
	} else if m := hostForm().FindStringSubmatch(s); m != nil && m[1] != "" {
		host, udp, number, fd = m[1], m[2], m[3], m[4]
	} else {
		return Port{}, fmt.Errorf("--port %q is not a port: write 8080, host:8080, [::1]:8080, or u8080 for UDP", s)
	}
	p := Port{UDP: udp != "", Host: host, FD: -1}
	if p.v6() {
		if ip, err := netip.ParseAddr(host); err != nil || ip.Zone() != "" {
			return Port{}, fmt.Errorf("--port %q: %q is not an IPv6 address: write one as in [::1]:8080", s, host)
		}
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return Port{}, fmt.Errorf("--port %q: %s is not a port number: write one of 0 to 65535", s, number)
	}
	p.Number = uint16(n)
	if fd != "" {
		if p.FD, err = strconv.Atoi(fd); err != nil || p.FD > maxFD {
			return Port{}, fmt.Errorf("--port %q: %s is not a descriptor number: write a small one, as in 8080=5", s, fd)
		}
	}
	return p, nil
}

// Entry is the entry name that start_server gives the socket: the port, or host
// and port as they were written, without a mark for UDP.
func (p Port) Entry() string { return p.withPort(strconv.Itoa(int(p.Number))) }

// handle is the entry name with the mark for UDP.
func (p Port) handle() string {
	if p.UDP {
		return p.withPort("u" + strconv.Itoa(int(p.Number)))
	}
	return p.Entry()
}

func (p Port) withPort(port string) string {
	switch {
	case p.Host == "":
		return port
	case p.v6():
		return "[" + p.Host + "]:" + port
	default:
		return p.Host + ":" + port
	}
}

func (p Port) v6() bool { return strings.Contains(p.Host, ":") }
