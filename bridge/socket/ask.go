package socket

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/sdbridge/sdbridge/activation"
)

// ask is a socket that a flag asks for, as it will be if it has to be bound.
type ask struct {
	Placed

	bare bool // --port N: a dual-stack socket will do
}

func (s sys) asks(ports []Port, paths []string) ([]ask, error) {
	var asks []ask
	for _, port := range ports {
		a, err := s.askPort(port)
		if err != nil {
			return nil, err
		}
		asks = append(asks, a)
	}
	for _, path := range paths {
		a, err := s.askPath(path)
		if err != nil {
			return nil, err
		}
		asks = append(asks, a)
	}
	return asks, refuseTwins(asks)
}

func (s sys) askPort(port Port) (ask, error) {
	p := Placed{Entry: port.Entry(), Want: port.FD, Bound: true, asked: port.handle()}
	p.FD = -1
	p.Kind = activation.TCP
	if port.UDP {
		p.Kind = activation.UDP
	}
	ip, err := s.resolve(port.Host)
	if err != nil {
		return ask{}, &BindError{Flag: p.flag(), Err: err, Remedy: "write the address instead, or mend the resolver"}
	}
	p.Addr = netip.AddrPortFrom(ip, port.Number)
	p.V6Only = ip.Is6()
	return ask{p, port.Host == ""}, nil
}

func (s sys) resolve(host string) (netip.Addr, error) {
	if host == "" {
		return netip.IPv4Unspecified(), nil
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip, nil
	}
	found, err := s.lookup(host)
	if err == nil && len(found) == 0 {
		err = errors.New("it has no IPv4 address")
	}
	if err != nil {
		return netip.Addr{}, fmt.Errorf("cannot resolve host %q: %w", host, err)
	}
	return found[0].Unmap(), nil
}

func (s sys) askPath(path string) (ask, error) {
	switch {
	case path == "":
		return ask{}, errors.New(`--path "" names no file: write where the socket is to be`)
	case strings.HasPrefix(path, "@"):
		return ask{}, fmt.Errorf("--path %q: abstract sockets are not bound: write ./%s for a file of that name, or hand it over from a .socket unit", path, path)
	}
	p := Placed{Entry: path, Want: -1, Bound: true, asked: path}
	p.FD = -1
	p.Kind = activation.UnixStream
	p.Path = path
	// A path that cannot be seen matches nothing; bind(2) tells why.
	p.file, _ = s.socketFile(path)
	return ask{Placed: p}, nil
}

func refuseTwins(asks []ask) error {
	type address struct {
		kind activation.Kind
		addr netip.AddrPort
		path string
	}
	first := map[address]ask{}
	for _, a := range asks {
		at := address{kind: a.Kind, addr: a.Addr}
		if a.Path != "" {
			at.path = filepath.Clean(a.Path)
		}
		if twin, twice := first[at]; twice {
			return fmt.Errorf("%s and %s ask for one address, %s: drop one of them", twin.flag(), a.flag(), a.Socket)
		}
		first[at] = a
	}
	return nil
}
