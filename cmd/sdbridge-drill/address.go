package main

import (
	"net"
	"strings"
	"time"
)

// reachable is where clients reach a socket: "tcp [::]:8080" at the loopback; ""
// for what is no stream socket.
func reachable(address string) string {
	network, addr, _ := strings.Cut(address, " ")
	switch network {
	case "unix":
		return addr
	case "tcp":
		addr, _, _ = strings.Cut(addr, " ") // (dual-stack)
		return loopback(addr)
	}
	return ""
}

// loopback is the address itself, or that of this machine where it is any. A
// dual-stack socket takes IPv4, too; one for IPv6 alone is found out by trying.
func loopback(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil:
		return ""
	case host == "0.0.0.0":
		return net.JoinHostPort("127.0.0.1", port)
	case host != "::" && host != "":
		return addr
	}
	v4 := net.JoinHostPort("127.0.0.1", port)
	if conn, err := net.DialTimeout("tcp", v4, time.Second); err == nil {
		_ = conn.Close()
		return v4
	}
	return net.JoinHostPort("::1", port)
}
