package ready

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// Established counts the connections accepted from the targets that the
// processes hold and both ends of which are open: what killing them cuts. With
// an error there may be more than it says.
func Established(pids []int, targets []Target) (int, error) {
	return newLook(kernel, targets).established(pids)
}

func (l *look) established(pids []int) (int, error) {
	l.each(pids, nil)
	count := 0
	err := l.sys.connections(l.targets, func(c record, _ []uint64) {
		if c.state == stateEstablished && l.holders[c.inode] != nil {
			count++
		}
	})
	return count, errors.Join(err, l.unreadableErr())
}

// Listener is a listening socket that is not a target.
type Listener struct {
	// Addr is as in "127.0.0.1:18099", "[::]:80", "/run/app.sock", "@name".
	Addr string
	// PID is the first process that holds it.
	PID int
}

// Elsewhere lists the TCP and Unix sockets that the processes listen on and
// that are not targets, by address. With an error there may be more.
func Elsewhere(pids []int, targets []Target) ([]Listener, error) {
	return newLook(kernel, targets).elsewhere(pids)
}

func (l *look) elsewhere(pids []int) ([]Listener, error) {
	l.each(pids, nil)
	var listeners []Listener
	add := func(r record) {
		if holders := l.holders[r.inode]; r.state == stateListen && len(holders) > 0 {
			listeners = append(listeners, Listener{r.local.String(), holders[0]})
		}
	}
	err := errors.Join(
		l.sys.dump(inetRequest(unix.AF_INET, 0, 1<<stateListen), inetRecord, add),
		l.sys.dump(inetRequest(unix.AF_INET6, 0, 1<<stateListen), inetRecord, add),
		l.sys.dump(unixRequest(1<<stateListen), unixRecord, add),
		l.unreadableErr(),
	)
	slices.SortFunc(listeners, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.Addr, b.Addr), cmp.Compare(a.PID, b.PID))
	})
	return listeners, err
}

func (l *look) unreadableErr() error {
	var errs []error
	for _, u := range l.unreadable {
		errs = append(errs, u)
	}
	return errors.Join(errs...)
}

// connections calls visit for each connection that may have been accepted from
// one of the targets, whoever holds it, with the inodes of those targets.
func (s sys) connections(targets map[uint64]Target, visit func(c record, inodes []uint64)) error {
	from := make(map[address][]uint64)
	missing := maps.Clone(targets)
	var others []record
	err := s.dumpAround(targets, func(r record) {
		if _, ok := targets[r.inode]; ok {
			from[r.local] = append(from[r.local], r.inode)
			delete(missing, r.inode)
		} else if r.inode != 0 && r.state != stateListen {
			others = append(others, r)
		}
	})
	for _, c := range others {
		if inodes := acceptedFrom(from, c.local); inodes != nil {
			visit(c, inodes)
		}
	}
	return cmp.Or(err, noRecord(missing))
}

// acceptedFrom finds the listener of a connection as the kernel does, one that
// is bound to the address before one that is bound to any. Several may share
// an address by SO_REUSEPORT.
func acceptedFrom(from map[address][]uint64, local address) []uint64 {
	if inodes, ok := from[local]; ok || !local.inet.IsValid() {
		return inodes
	}
	anyAddress := netip.IPv6Unspecified()
	if local.inet.Addr().Is4() {
		anyAddress = netip.IPv4Unspecified()
	}
	return from[address{inet: netip.AddrPortFrom(anyAddress, local.inet.Port())}]
}

// noRecord explains why connections of a target cannot be told. Targets that
// sock_diag was not asked about do not count.
func noRecord(missing map[uint64]Target) error {
	for _, t := range missing {
		if t.family != 0 {
			return fmt.Errorf("cannot see the connections of socket %q: it is in another network namespace (PrivateNetwork=) or was shut down", t.Name)
		}
	}
	return nil
}

// dumpAround lists the targets and all sockets that have the port of one, or
// are Unix sockets when one is.
func (s sys) dumpAround(targets map[uint64]Target, visit func(record)) error {
	ports := map[int]map[uint16]bool{unix.AF_INET: {}, unix.AF_INET6: {}, unix.AF_UNIX: {}}
	for _, t := range targets {
		if t.family != 0 {
			ports[t.family][t.port] = true
		}
	}
	var errs []error
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		for _, port := range portsToAskFor(ports[family]) {
			errs = append(errs, s.dump(inetRequest(family, port, connectionStates), inetRecord, visit))
		}
	}
	if len(ports[unix.AF_UNIX]) > 0 {
		errs = append(errs, s.dump(unixRequest(connectionStates), unixRecord, visit))
	}
	return errors.Join(errs...)
}

// portsToAskFor answers 0, all ports, from where one dump of every socket of
// the system costs less than a walk of the kernel's tables for each port.
func portsToAskFor(ports map[uint16]bool) []uint16 {
	if len(ports) > 8 {
		return []uint16{0}
	}
	return slices.Collect(maps.Keys(ports))
}

// union appends those of more that are not there yet.
func union[T comparable](list, more []T) []T {
	for _, v := range more {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}
