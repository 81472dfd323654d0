package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const addressHelp = `  8080, 0.0.0.0:8080, [::]:8080   TCP; the first and the last are dual-stack
  v6only:[::]:8080                TCP, IPv6 only
  udp:127.0.0.1:8080
  /path, @abstract                Unix stream
  dgram:/path, seqpacket:@name    the other Unix sockets
  fifo:/path                      made if need be
  file:/dev/urandom               any file
  netlink:                        route
`

// backlog is that of systemd 247; later ones pass more than the kernel allows.
const backlog = 4096

// bind opens what address says, as systemd would for a socket unit.
func bind(address string) (int, error) {
	kind, rest, found := strings.Cut(address, ":")
	if !found {
		kind, rest = "", address
	}
	switch kind {
	case "udp":
		return bindIP(rest, unix.SOCK_DGRAM, false)
	case "v6only":
		return bindIP(rest, unix.SOCK_STREAM, true)
	case "dgram":
		return bindUnix(rest, unix.SOCK_DGRAM)
	case "seqpacket":
		return bindUnix(rest, unix.SOCK_SEQPACKET)
	case "fifo":
		if err := unix.Mkfifo(rest, 0o600); err != nil && !errors.Is(err, unix.EEXIST) {
			return -1, err
		}
		return unix.Open(rest, unix.O_RDWR|unix.O_CLOEXEC, 0)
	case "file":
		return unix.Open(rest, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	case "netlink":
		return unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	}
	if strings.HasPrefix(address, "/") || strings.HasPrefix(address, "@") {
		return bindUnix(address, unix.SOCK_STREAM)
	}
	return bindIP(address, unix.SOCK_STREAM, false)
}

func bindIP(address string, kind int, v6Only bool) (int, error) {
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		address = "[::]:" + address
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return -1, err
	}
	if at.Addr().Is4() {
		return open(unix.AF_INET, kind, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}, reuseAddress)
	}
	only := func(fd int) error {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, map[bool]int{true: 1}[v6Only])
	}
	return open(unix.AF_INET6, kind, &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}, reuseAddress, only)
}

func reuseAddress(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
}

func bindUnix(path string, kind int) (int, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == os.ModeSocket {
		_ = os.Remove(path)
	}
	return open(unix.AF_UNIX, kind, &unix.SockaddrUnix{Name: path})
}

func open(family, kind int, at unix.Sockaddr, prepare ...func(fd int) error) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	for _, option := range prepare {
		if err := option(fd); err != nil {
			return -1, err
		}
	}
	if err := unix.Bind(fd, at); err != nil {
		return -1, err
	}
	if kind == unix.SOCK_DGRAM {
		return fd, nil
	}
	return fd, unix.Listen(fd, backlog)
}

// writeAddresses tells a test which ports were chosen for it: the file is there
// before the command runs.
func (a *act) writeAddresses() error {
	if *a.addrs == "" {
		return nil
	}
	var text strings.Builder
	for _, fd := range a.sockets {
		fmt.Fprintln(&text, boundAddress(fd))
	}
	return os.WriteFile(*a.addrs, []byte(text.String()), 0o666)
}

func boundAddress(fd int) string {
	at, _ := unix.Getsockname(fd)
	switch at := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(at.Addr), uint16(at.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(at.Addr), uint16(at.Port)).String()
	case *unix.SockaddrUnix:
		return at.Name
	}
	return "-"
}
