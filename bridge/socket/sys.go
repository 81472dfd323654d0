package socket

import (
	"context"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sdbridge/sdbridge/activation"
)

// sys is what this package asks of the system.
type sys struct {
	inspect func(fd int) (activation.Socket, error)
	lookup  func(host string) ([]netip.Addr, error)

	socket      func(domain, typ, proto int) (int, error)
	setsockopt  func(fd, level, opt, value int) error
	bind        func(fd int, addr unix.Sockaddr) error
	listen      func(fd, backlog int) error
	connect     func(fd int, addr unix.Sockaddr) error
	credentials func(fd, level, opt int) (*unix.Ucred, error)
	tcpInfo     func(fd, level, opt int) (*unix.TCPInfo, error)
	close       func(fd int) error

	umask  func(mask int) int
	stat   func(path string, st *unix.Stat_t) error
	lstat  func(path string, st *unix.Stat_t) error
	unlink func(path string) error

	epollCreate     func(flags int) (int, error)
	epollCtl        func(epoll, op, fd int, event *unix.EpollEvent) error
	epollWait       func(epoll int, events []unix.EpollEvent, msec int) (int, error)
	eventfd         func(value uint, flags int) (int, error)
	inotifyInit     func(flags int) (int, error)
	inotifyAddWatch func(inotify int, path string, mask uint32) (int, error)
	read            func(fd int, p []byte) (int, error)
	write           func(fd int, p []byte) (int, error)
}

var system = sys{
	inspect: activation.Inspect,
	lookup:  lookupIPv4,

	socket:      unix.Socket,
	setsockopt:  unix.SetsockoptInt,
	bind:        unix.Bind,
	listen:      unix.Listen,
	connect:     unix.Connect,
	credentials: unix.GetsockoptUcred,
	tcpInfo:     unix.GetsockoptTCPInfo,
	close:       unix.Close,

	umask:  unix.Umask,
	stat:   unix.Stat,
	lstat:  unix.Lstat,
	unlink: unix.Unlink,

	epollCreate:     unix.EpollCreate1,
	epollCtl:        unix.EpollCtl,
	epollWait:       unix.EpollWait,
	eventfd:         unix.Eventfd,
	inotifyInit:     unix.InotifyInit1,
	inotifyAddWatch: unix.InotifyAddWatch,
	read:            unix.Read,
	write:           unix.Write,
}

// lookupIPv4 finds IPv4 addresses only, as gethostbyname(3) does.
func lookupIPv4(host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(context.Background(), "ip4", host)
}
